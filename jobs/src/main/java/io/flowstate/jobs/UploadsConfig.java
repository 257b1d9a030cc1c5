package io.flowstate.jobs;

import java.time.Duration;

/**
 * How uploads are kept.
 *
 * @param maxUploadBytes of one
 * @param keep how long after the last bytes came
 * @param maxBytes of all uploads and all inputs and outputs of jobs together, as in {@link JobsConfig}
 */
public record UploadsConfig(long maxUploadBytes, Duration keep, long maxBytes) {
    public static UploadsConfig defaults() {
        return new UploadsConfig(8L << 30, Duration.ofHours(24), 100L << 30);
    }
}
