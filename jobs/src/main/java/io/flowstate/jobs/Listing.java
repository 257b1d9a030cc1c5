package io.flowstate.jobs;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;

/** Puts together what a page of jobs shows. Runs in the caller's transaction. */
final class Listing {
    private Listing() {}

    /** @param cursor the id of the last job before the page */
    static Jobs.Page page(Handle sql, String owner, JobFilter filter, Optional<String> cursor, int atMost) {
        List<Job> found = JobTable.list(sql, owner, filter, cursor, atMost + 1);
        List<Job> page = found.subList(0, Math.min(atMost, found.size()));
        return new Jobs.Page(
                listed(sql, page),
                found.size() > atMost ? Optional.of(page.getLast().id()) : Optional.empty());
    }

    /** In as many queries for many as for one. */
    private static List<Jobs.Listed> listed(Handle sql, List<Job> jobs) {
        List<String> begun =
                jobs.stream().filter(job -> job.attempt() > 0).map(Job::id).toList();
        List<String> waiting = jobs.stream()
                .filter(job -> job.status() == Job.Status.QUEUED)
                .map(Job::id)
                .toList();
        Map<String, List<Output>> outputs = begun.isEmpty() ? Map.of() : OutputTable.of(sql, begun);
        Map<String, Integer> ahead = waiting.isEmpty() ? Map.of() : Schedule.ahead(sql, waiting);
        return jobs.stream()
                .map(job -> new Jobs.Listed(
                        job,
                        outputs.getOrDefault(job.id(), List.of()),
                        ahead.containsKey(job.id()) ? OptionalInt.of(ahead.get(job.id())) : OptionalInt.empty()))
                .toList();
    }
}
