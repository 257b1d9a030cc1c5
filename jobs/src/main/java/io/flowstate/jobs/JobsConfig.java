package io.flowstate.jobs;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/**
 * How jobs are kept and run.
 *
 * @param node this process's name, unlike any other's
 * @param scratch folder for inputs and outputs on their way
 * @param concurrency jobs that this node runs at a time
 * @param lanes how many of them on one provider ({@code local}) or one deployment ({@code local/htdemucs}); what is not named has no limit of its own
 * @param keepInput how long an input is kept after submission, unless the job says otherwise
 * @param keepOutput how long outputs are kept after the end
 * @param keepJob how long the job itself is known after the end
 * @param maxBytes of all inputs and outputs together
 * @param heartbeat how often a node says that its jobs are alive
 * @param missedHeartbeats after so many a node is taken for dead, and others take its jobs over
 * @param maxLosses a job that is lost with its node more often than this fails
 * @param checkpoint how often a long run saves how far it is
 * @param poll how often the queue is looked at when no signal comes
 */
public record JobsConfig(
        String node,
        Path scratch,
        int concurrency,
        Map<String, Integer> lanes,
        Duration keepInput,
        Duration keepOutput,
        Duration keepJob,
        long maxBytes,
        Duration heartbeat,
        int missedHeartbeats,
        int maxLosses,
        Duration poll,
        Duration checkpoint) {
    public JobsConfig {
        lanes = Map.copyOf(lanes);
    }

    public static JobsConfig defaults(String node, Path scratch) {
        return new JobsConfig(
                node,
                scratch,
                4,
                Map.of("local", 1),
                Duration.ofHours(24),
                Duration.ofDays(7),
                Duration.ofDays(30),
                100L << 30,
                Duration.ofSeconds(10),
                4,
                5,
                Duration.ofSeconds(1),
                Duration.ofSeconds(60));
    }

    /** A name for this process that no other has or had. */
    public static String nodeName() {
        return "%s-%s".formatted(ProcessHandle.current().pid(), UUID.randomUUID());
    }
}
