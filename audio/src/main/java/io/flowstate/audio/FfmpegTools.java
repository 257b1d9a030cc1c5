package io.flowstate.audio;

import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Where the ffmpeg programs are, and what one run of them may use.
 *
 * @param stallLimit how long a run may leave its caller waiting for the next byte although it has input to work on
 * @param cpuLimit processor time of one run in all
 */
public record FfmpegTools(Path ffmpeg, Path ffprobe, Duration stallLimit, Duration cpuLimit) {
    /** The two programs of one folder, with limits that no honest file of a day's length reaches. */
    public static FfmpegTools in(Path folder) {
        return new FfmpegTools(
                folder.resolve("ffmpeg"), folder.resolve("ffprobe"), Duration.ofMinutes(1), Duration.ofMinutes(30));
    }

    /**
     * What ffmpeg says of itself, for a diagnosis.
     *
     * @param option {@code -version}, or {@code -L} for its licence
     * @throws FlowError {@code TOOL_MISSING} if it does not start
     */
    public String says(String option) {
        StringBuilder text = new StringBuilder();
        byte[] some = new byte[4096];
        try (Child child = Child.fed(this, List.of(option), new Cancellation())) {
            child.endInput();
            for (int count = child.read(some, 0, some.length); count > 0; count = child.read(some, 0, some.length)) {
                text.append(new String(some, 0, count, StandardCharsets.UTF_8));
            }
            int _ = child.awaitExit();
        }
        return text.toString();
    }
}
