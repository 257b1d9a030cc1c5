package io.flowstate.app;

import io.flowstate.core.ByteCount;
import io.flowstate.core.DurationText;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemsResult;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the command says of each input when it is done: a short table for a person, or one JSON object a line. */
final class StemsReport {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Duration LEAST_TIMED = Duration.ofMillis(10);

    private final Terminal terminal;
    private final Path out;
    private final Path outAsGiven;

    /**
     * @param out folder for outputs, absolute
     * @param outAsGiven the same as it was named; files are shown below it
     */
    StemsReport(Terminal terminal, Path out, Path outAsGiven) {
        this.terminal = terminal;
        this.out = out;
        this.outAsGiven = outAsGiven;
    }

    void table(Track track, Separated answer, List<TrackOutputs.Written> files) {
        StemsResult result = answer.result();
        Duration working = answer.took().minus(answer.preparing());
        PrintStream to = terminal.out();
        to.println(track.shown());
        int width = files.stream().mapToInt(file -> file.stem().length()).max().orElse(0);
        for (TrackOutputs.Written file : files) {
            to.printf("  %-" + width + "s  %s  (%s)%n", file.stem(), shown(file), ByteCount.text(file.bytes()));
        }
        row(to, "length", DurationText.of(result.length()));
        result.missing()
                .ifPresent(missing -> row(
                        to,
                        "incomplete",
                        "the file ends %s before the %s that it announces"
                                .formatted(
                                        DurationText.of(missing),
                                        DurationText.of(result.length().plus(missing)))));
        row(to, "time", time(answer.took(), working));
        realTimeFactor(working, result.length())
                .ifPresent(factor -> row(
                        to,
                        "real-time factor",
                        String.format(Locale.ROOT, "%.2f (time / length; lower is faster)", factor)));
        peakMemory(answer).ifPresent(peak -> row(to, "peak memory", ByteCount.text(peak)));
        row(to, "deployment", answer.deployment());
        answer.server().ifPresent(server -> row(to, "job", "%s on %s".formatted(server.job(), server.address())));
        if (result.gain() < 1) {
            row(
                    to,
                    "turned down",
                    String.format(Locale.ROOT, "by %.1f dB, so that nothing clips", -20 * Math.log10(result.gain())));
        }
        if (result.clippedSamples() > 0) {
            row(
                    to,
                    "clipped",
                    String.format(
                            Locale.ROOT,
                            "%,d samples; --clip rescale or --clip none --bits 32f keeps them",
                            result.clippedSamples()));
        }
    }

    void json(Track track, Separated answer, List<TrackOutputs.Written> files) {
        StemsResult result = answer.result();
        Duration working = answer.took().minus(answer.preparing());
        ObjectNode line = JSON.objectNode().put("input", track.shown()).put("ok", true);
        ArrayNode list = line.putArray("files");
        for (TrackOutputs.Written file : files) {
            list.addObject().put("stem", file.stem()).put("path", shown(file)).put("bytes", file.bytes());
        }
        line.put("length_s", seconds(result.length()));
        line.put("missing_s", result.missing().map(StemsReport::seconds).orElse(null));
        line.put("took_s", seconds(answer.took()));
        line.put("preparing_s", seconds(answer.preparing()));
        line.put("real_time_factor", realTimeFactor(working, result.length()).orElse(null));
        OptionalLong peak = peakMemory(answer);
        if (peak.isPresent()) {
            line.put("peak_memory_bytes", peak.getAsLong());
        }
        line.put("sample_rate_hz", result.sampleRateHz());
        line.put("gain", result.gain());
        line.put("clipped_samples", result.clippedSamples());
        line.put("deployment", answer.deployment());
        answer.costUsd().ifPresentOrElse(cost -> line.put("cost_usd", cost), () -> line.put("cost_usd", "unpriced"));
        line.put("attempts", answer.attempts());
        answer.server()
                .ifPresent(server -> line.put("job", server.job())
                        .put("server", server.address().toString()));
        terminal.out().println(line);
    }

    void json(String input, FlowError error) {
        ObjectNode line = JSON.objectNode().put("input", input).put("ok", false);
        ObjectNode body = line.putObject("error")
                .put("code", error.code().id())
                .put("kind", error.code().kind().id())
                .put("message", Failures.sentence(error));
        error.field().ifPresent(field -> body.put("field", field));
        Failures.advice(error).ifPresent(advice -> body.put("advice", advice));
        body.put("retryable", error.code().retryHelps());
        terminal.out().println(line);
    }

    /** Of this process, which tells something only if the work was done in it. */
    private static OptionalLong peakMemory(Separated separated) {
        return separated.server().isPresent() ? OptionalLong.empty() : PeakMemory.bytes();
    }

    private static String time(Duration took, Duration working) {
        Duration preparing = took.minus(working);
        return preparing.toSeconds() < 1
                ? DurationText.of(took)
                : "%s, and %s to make the model ready".formatted(DurationText.of(working), DurationText.of(preparing));
    }

    private static void row(PrintStream to, String name, String value) {
        to.printf("  %-16s  %s%n", name, value);
    }

    /** Nothing for a blink, of which a factor would only tell how long a start takes. */
    private static Optional<Double> realTimeFactor(Duration took, Duration length) {
        return length.compareTo(LEAST_TIMED) < 0
                ? Optional.empty()
                : Optional.of(Math.round(1000 * seconds(took) / seconds(length)) / 1000.0);
    }

    /** As a person who gave {@code -o} calls it. */
    private String shown(TrackOutputs.Written file) {
        return outAsGiven.resolve(out.relativize(file.file())).toString();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
