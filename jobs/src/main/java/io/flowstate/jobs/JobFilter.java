package io.flowstate.jobs;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Which jobs somebody wants to see; what is empty does not matter.
 *
 * @param statuses any of these
 * @param since submitted at that time or later
 * @param until submitted before that time
 */
public record JobFilter(
        Set<Job.Status> statuses,
        Optional<String> task,
        Optional<String> tag,
        Optional<Instant> since,
        Optional<Instant> until) {
    public static final JobFilter ALL =
            new JobFilter(Set.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public JobFilter {
        statuses = Set.copyOf(statuses);
    }

    /** With one status, or any. */
    public JobFilter(
            Optional<Job.Status> status,
            Optional<String> task,
            Optional<String> tag,
            Optional<Instant> since,
            Optional<Instant> until) {
        this(status.map(Set::of).orElse(Set.of()), task, tag, since, until);
    }
}
