package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.AudioInput;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.routing.Policy;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that could run four jobs, and one of a lane, takes those of the lane in their order. */
final class LaneOrderTest {
    @TempDir
    Path folder;

    private House house;

    @BeforeEach
    void open() throws IOException {
        house = new House(Databases.sqlite(folder), folder);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void nothing_overtakes_what_is_before_it_in_a_lane_with_room_for_one() {
        List<Job> background = submit(Policy.Priority.BACKGROUND, 8);
        List<Job> realtime = submit(Policy.Priority.REALTIME, 8);
        List<String> inTurn = new ArrayList<>();
        realtime.forEach(job -> inTurn.add(job.id()));
        background.forEach(job -> inTurn.add(job.id()));

        try (Worker _ = worker(Map.of("local", 1), house.local)) {
            background.forEach(house::awaitEnd);
        }

        assertThat(house.local.seen().stream().map(LaneOrderTest::job)).containsExactlyElementsOf(inTurn);
        assertThat(background.stream().map(job -> house.now(job).attempt())).containsOnly(1);
    }

    @Test
    void a_job_that_waits_for_room_in_its_lane_stays_in_the_queue_where_all_can_see_it() {
        Gate gate = new Gate();
        house.local.next(Script.start().await(gate));
        Job first = house.submit();
        Job second = house.submit();

        try (Worker worker = worker(Map.of("local", 1), house.local)) {
            gate.awaitReached();
            house.jobs.awaitChange(House.OWNER, second.id(), 0, Duration.ofMillis(1));

            assertThat(house.jobs.position(second)).hasValue(0);
            assertThat(worker.running()).isEqualTo(1);
            gate.open();
            house.awaitEnd(first);
            house.awaitEnd(second);
        }
    }

    @Test
    void what_is_not_bound_to_a_lane_is_taken_although_little_of_another_lane_was() {
        Gate gate = new Gate();
        for (int run = 0; run < 4; run++) {
            house.local.next(Script.start().await(gate));
        }
        List<Job> jobs = submit(Policy.Priority.REALTIME, 4);

        // No signal comes after the first look, and the next one of its own is an hour away.
        try (Worker worker = worker(Map.of("local", 4, "elsewhere", 1), house.local)) {
            awaitThat(() -> worker.running() == 4);
            gate.open();
            jobs.forEach(house::awaitEnd);
        }
    }

    private List<Job> submit(Policy.Priority priority, int count) {
        Policy policy = new Policy(priority, Optional.empty(), Optional.empty(), Set.of(), false, false);
        List<Job> jobs = new ArrayList<>();
        for (int job = 0; job < count; job++) {
            jobs.add(house.jobs.submit(house.submission(House.OWNER, policy)));
        }
        return jobs;
    }

    private Worker worker(Map<String, Integer> lanes, FakeProvider provider) {
        JobsConfig some = house.config("node", 4);
        JobsConfig config = new JobsConfig(
                some.node(),
                some.scratch(),
                some.concurrency(),
                lanes,
                some.keepInput(),
                some.keepOutput(),
                some.keepJob(),
                some.maxBytes(),
                some.heartbeat(),
                some.missedHeartbeats(),
                some.maxLosses(),
                Duration.ofHours(1),
                some.checkpoint());
        return Worker.start(house.database, house.blobs, house.gateway(provider), house.egress, config);
    }

    /** The store's own file lies in the folder of its job. */
    private static String job(FakeProvider.Seen seen) {
        AudioInput audio = ((StemsRequest) seen.request()).input();
        return audio.file().getName(audio.file().getNameCount() - 2).toString();
    }
}
