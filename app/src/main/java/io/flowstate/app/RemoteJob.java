package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemsResult;
import io.flowstate.core.spi.Progress;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/**
 * A job as a server describes it. What a server leaves out, or says in a way that this version does not know, is empty here.
 *
 * @param document the whole description
 */
record RemoteJob(JsonNode document) {
    /** One file that the job gives. */
    record Output(String name, long bytes, OptionalLong size, boolean isComplete, Optional<String> sha256) {}

    String id() {
        return document.path("id").asString("");
    }

    /** {@code queued}, {@code running}, {@code succeeded}, {@code failed} or {@code canceled}. */
    String status() {
        return document.path("status").asString("");
    }

    boolean isOver() {
        return hasSucceeded() || status().equals("failed") || status().equals("canceled");
    }

    boolean hasSucceeded() {
        return status().equals("succeeded");
    }

    /** As the audio was called when it was handed in. */
    String inputName() {
        return document.path("input").path("name").asString("audio");
    }

    Optional<Duration> inputLength() {
        return decimal(document.path("input").path("seconds")).map(RemoteJob::seconds);
    }

    OptionalLong inputBytes() {
        JsonNode bytes = document.path("input").path("bytes");
        return bytes.isNumber() ? OptionalLong.of(bytes.asLong()) : OptionalLong.empty();
    }

    /** How many wait before it. */
    OptionalInt position() {
        JsonNode position = document.path("position");
        return position.isNumber() ? OptionalInt.of(position.asInt()) : OptionalInt.empty();
    }

    /** {@code phase} and {@code fraction}. */
    JsonNode progress() {
        return document.path("progress");
    }

    /** Text of a field of the description itself. */
    Optional<String> text(String field) {
        JsonNode node = document.path(field);
        return node.isString() ? Optional.of(node.asString()) : Optional.empty();
    }

    Optional<Instant> time(String field) {
        return text(field).map(Instant::parse);
    }

    List<String> tags() {
        return document.path("tags").valueStream().map(JsonNode::asString).toList();
    }

    /** Empty if nobody knows. */
    Optional<BigDecimal> costUsd() {
        return decimal(document.path("cost_usd"));
    }

    /** How often it was tried somewhere. */
    int attempts() {
        return document.path("attempts").size();
    }

    List<Output> outputs() {
        return document.path("outputs").valueStream().map(RemoteJob::output).toList();
    }

    static Output output(JsonNode node) {
        JsonNode size = node.path("size");
        JsonNode sum = node.path("sha256");
        return new Output(
                node.path("name").asString(""),
                node.path("bytes").asLong(0),
                size.isNumber() ? OptionalLong.of(size.asLong()) : OptionalLong.empty(),
                node.path("complete").asBoolean(false),
                sum.isString() ? Optional.of(sum.asString()) : Optional.empty());
    }

    /** Why it failed or was canceled. */
    Optional<FlowError> error() {
        return error(document.path("error"));
    }

    /** An error as the API writes it; one of a code that is not known here keeps what it says. */
    static Optional<FlowError> error(JsonNode node) {
        if (!node.path("code").isString() || !node.path("message").isString()) {
            return Optional.empty();
        }
        String id = node.path("code").asString();
        Code code = Arrays.stream(Code.values())
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElse(
                        node.path("kind").asString("").equals(Code.Kind.CALLER.id())
                                ? Code.CONFLICT
                                : Code.INTERNAL_ERROR);
        FlowError error = FlowError.of(code, "%s", node.path("message").asString());
        if (node.path("advice").isString()) {
            error = error.advice("%s", node.path("advice").asString());
        }
        return Optional.of(
                node.path("field").isString() ? error.field(node.path("field").asString()) : error);
    }

    /** How far it is, in words of ours; empty where there are none. */
    Optional<Progress> advance() {
        return status().equals("queued")
                ? Optional.of(new Progress(Progress.Phase.QUEUED, position().orElse(0), 0))
                : advance(progress());
    }

    /** @param progress of this job, newer than its description */
    Optional<Progress> advance(JsonNode progress) {
        String name = progress.path("phase").asString("").toUpperCase(Locale.ROOT);
        double fraction = progress.path("fraction").asDouble(0);
        double length = inputLength().map(Duration::toMillis).orElse(0L) / 1000.0;
        return Arrays.stream(Progress.Phase.values())
                .filter(phase -> phase.name().equals(name))
                .findFirst()
                .map(phase -> phase == Progress.Phase.SEPARATING
                        ? new Progress(phase, fraction * length, length)
                        : new Progress(phase, 0, 0));
    }

    /** What came of a separation. */
    Separated separated(URI server) {
        JsonNode result = document.path("result");
        return new Separated(
                new StemsResult(
                        outputs().stream().map(Output::name).toList(),
                        decimal(result.path("audio_seconds"))
                                .map(RemoteJob::seconds)
                                .orElse(Duration.ZERO),
                        result.path("sample_rate_hz").asInt(0),
                        result.path("gain").asDouble(1),
                        result.path("clipped_samples").asLong(0),
                        decimal(result.path("missing_seconds")).map(RemoteJob::seconds)),
                took(),
                Duration.ZERO,
                text("deployment").orElse("unknown"),
                costUsd(),
                attempts(),
                Optional.of(new Separated.OnServer(server, id())));
    }

    /** How long the run that succeeded took. From the job's start to its end may be longer: a node that died, and the time until another took the job over, count there. */
    private Duration took() {
        return document.path("attempts")
                .valueStream()
                .filter(attempt -> attempt.path("duration_ms").isNumber()
                        && attempt.path("code").isMissingNode())
                .findFirst()
                .map(attempt -> Duration.ofMillis(attempt.path("duration_ms").asLong()))
                .or(() -> time("started_at")
                        .flatMap(start -> time("finished_at").map(end -> Duration.between(start, end))))
                .orElse(Duration.ZERO);
    }

    private static Optional<BigDecimal> decimal(JsonNode node) {
        return node.isNumber() ? Optional.of(node.decimalValue()) : Optional.empty();
    }

    private static Duration seconds(BigDecimal seconds) {
        return Duration.ofMillis(seconds.movePointRight(3).longValue());
    }
}
