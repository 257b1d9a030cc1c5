package io.flowstate.jobs;

import java.time.Instant;
import java.util.Optional;

/**
 * Which jobs somebody wants to see; what is empty does not matter.
 *
 * @param since submitted at that time or later
 * @param until submitted before that time
 */
public record JobFilter(
        Optional<Job.Status> status,
        Optional<String> task,
        Optional<String> tag,
        Optional<Instant> since,
        Optional<Instant> until) {
    public static final JobFilter ALL =
            new JobFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
