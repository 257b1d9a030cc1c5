package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.routing.Policy;
import io.flowstate.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A list of jobs in any of several states has its order, its pages and its other conditions like any other. */
final class JobStatusesTest {
    @TempDir
    Path folder;

    @Test
    void several_states_are_merged_page_by_page_on_sqlite() throws IOException {
        try (House house = new House(Databases.sqlite(folder), folder)) {
            mergesPages(house);
        }
    }

    @Test
    void several_states_are_merged_page_by_page_on_postgresql() throws IOException {
        try (TestPostgres postgres = new TestPostgres();
                House house = new House(Databases.postgres(postgres.address()), folder)) {
            mergesPages(house);
        }
    }

    private static void mergesPages(House house) {
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            Job job = submit(house, i % 2 == 0 ? "even" : "odd");
            switch (i % 3) {
                case 0 -> wanted.addFirst(job.id());
                case 1 -> {
                    house.jobs.cancel(House.OWNER, job.id());
                    wanted.addFirst(job.id());
                }
                default -> house.begin(job.id(), "node");
            }
        }
        Set<Job.Status> both = Set.of(Job.Status.QUEUED, Job.Status.CANCELED);

        List<String> seen = new ArrayList<>();
        Optional<String> cursor = Optional.empty();
        do {
            Jobs.Page page = house.jobs.list(House.OWNER, filter(both, Optional.empty()), cursor, 2);
            page.jobs().forEach(listed -> seen.add(listed.job().id()));
            cursor = page.next();
        } while (cursor.isPresent());

        assertThat(seen).containsExactlyElementsOf(wanted);
        assertThat(house.jobs
                        .list(House.OWNER, filter(both, Optional.of("even")), Optional.empty(), 50)
                        .jobs())
                .hasSize(3)
                .allMatch(listed -> listed.job().tags().equals(List.of("even")));
    }

    private static JobFilter filter(Set<Job.Status> statuses, Optional<String> tag) {
        return new JobFilter(statuses, Optional.empty(), tag, Optional.empty(), Optional.empty());
    }

    private static Job submit(House house, String tag) {
        Submission sent = house.submission(House.OWNER, Policy.DEFAULT);
        return house.jobs.submit(new Submission(
                sent.owner(),
                sent.request(),
                sent.policy(),
                sent.source(),
                List.of(tag),
                sent.webhook(),
                sent.keepInput(),
                sent.keepOutput(),
                sent.idempotency()));
    }
}
