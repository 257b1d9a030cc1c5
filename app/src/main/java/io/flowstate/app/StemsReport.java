package io.flowstate.app;

import io.flowstate.core.ByteCount;
import io.flowstate.core.DurationText;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemsResult;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the command says of each input when it is done: a short table for a person, or one JSON object a line. */
final class StemsReport {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Terminal terminal;

    StemsReport(Terminal terminal) {
        this.terminal = terminal;
    }

    void table(Track track, Separated answer, List<TrackOutputs.Written> files) {
        StemsResult result = answer.result();
        Duration working = answer.took().minus(answer.preparing());
        PrintStream out = terminal.out();
        out.println(track.shown());
        int width = files.stream().mapToInt(file -> file.stem().length()).max().orElse(0);
        for (TrackOutputs.Written file : files) {
            out.printf(
                    "  %-" + width + "s  %s  (%s)%n",
                    file.stem(),
                    terminal.shown(file.file()),
                    ByteCount.text(file.bytes()));
        }
        row(out, "length", DurationText.of(result.length()));
        row(out, "time", time(answer.took(), working));
        row(
                out,
                "real-time factor",
                String.format(
                        Locale.ROOT,
                        "%.2f (time / length; lower is faster)",
                        realTimeFactor(working, result.length())));
        peakMemory(answer).ifPresent(peak -> row(out, "peak memory", ByteCount.text(peak)));
        row(out, "deployment", answer.deployment());
        answer.server().ifPresent(server -> row(out, "job", "%s on %s".formatted(server.job(), server.address())));
        if (result.gain() < 1) {
            row(
                    out,
                    "turned down",
                    String.format(Locale.ROOT, "by %.1f dB, so that nothing clips", -20 * Math.log10(result.gain())));
        }
        if (result.clippedSamples() > 0) {
            row(
                    out,
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
            list.addObject()
                    .put("stem", file.stem())
                    .put("path", terminal.shown(file.file()))
                    .put("bytes", file.bytes());
        }
        line.put("length_s", seconds(result.length()));
        line.put("took_s", seconds(answer.took()));
        line.put("preparing_s", seconds(answer.preparing()));
        line.put("real_time_factor", realTimeFactor(working, result.length()));
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

    private static void row(PrintStream out, String name, String value) {
        out.printf("  %-16s  %s%n", name, value);
    }

    private static double realTimeFactor(Duration took, Duration length) {
        return length.isZero() ? 0 : Math.round(1000 * seconds(took) / seconds(length)) / 1000.0;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
