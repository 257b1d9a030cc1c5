package io.flowstate.audio;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where the ffmpeg programs are, and what one run of them may use.
 *
 * @param wallLimit how long a run may leave its caller waiting for the next byte although it has input to work on
 * @param cpuLimit processor time of one run in all
 */
public record FfmpegTools(Path ffmpeg, Path ffprobe, Duration wallLimit, Duration cpuLimit) {
    /** The two programs of one folder, with limits that no honest file of a day's length reaches. */
    public static FfmpegTools in(Path folder) {
        return new FfmpegTools(
                folder.resolve("ffmpeg"), folder.resolve("ffprobe"), Duration.ofMinutes(1), Duration.ofMinutes(30));
    }
}
