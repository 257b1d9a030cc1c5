package io.flowstate.jobs;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.Task;
import io.flowstate.core.gateway.Attempt;
import io.flowstate.core.routing.Plan;
import io.flowstate.core.routing.Policy;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a job keeps as JSON, which is also how the API shows it. Fields are only ever added, so that what an older version wrote can be read. */
public final class Documents {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build();

    private Documents() {}

    /** Text that was written here, as a tree. */
    public static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }

    static String text(JsonNode node) {
        return MAPPER.writeValueAsString(node);
    }

    /** What was asked, with every option as it was understood. */
    static ObjectNode of(Request request) {
        return switch (request) {
            case StemsRequest stems -> of(stems);
        };
    }

    private static ObjectNode of(StemsRequest request) {
        ObjectNode node = MAPPER.createObjectNode();
        switch (request.selection()) {
            case StemSelection.All() -> {}
            case StemSelection.Some(Set<Stem> stems) -> {
                ArrayNode names = node.putArray("stems");
                stems.forEach(stem -> names.add(stem.id()));
            }
            case StemSelection.Against(Stem stem) -> node.put("two_stems", stem.id());
        }
        request.model().ifPresent(model -> node.put("model", model));
        node.put("overlap", request.overlap());
        node.put("shifts", request.shifts());
        node.put("seed", request.seed());
        node.put("format", request.output().container().id());
        if (!request.output().container().isLossy()) {
            node.put("bits", request.output().bits().id());
        }
        request.output().bitrateKbps().ifPresent(kbps -> node.put("bitrate", kbps));
        node.put("clip", request.clip().id());
        node.put("allow_truncated", request.allowTruncated());
        return node;
    }

    /** The request again, now with its audio at hand. */
    static Request request(String task, JsonNode node, AudioInput audio) {
        return switch (Task.of(task)) {
            case STEMS -> stems(node, audio);
        };
    }

    private static StemsRequest stems(JsonNode node, AudioInput audio) {
        return new StemsRequest(
                audio,
                selection(node),
                text(node, "model"),
                node.get("overlap").doubleValue(),
                node.get("shifts").intValue(),
                node.get("seed").longValue(),
                new AudioFormat(
                        Container.of(node.get("format").stringValue()),
                        text(node, "bits").map(Bits::of).orElse(AudioFormat.DEFAULT.bits()),
                        node.has("bitrate") ? OptionalInt.of(node.get("bitrate").intValue()) : OptionalInt.empty()),
                ClipMode.of(node.get("clip").stringValue()),
                node.get("allow_truncated").booleanValue());
    }

    private static StemSelection selection(JsonNode node) {
        if (node.has("two_stems")) {
            return new StemSelection.Against(Stem.of(node.get("two_stems").stringValue()));
        }
        if (!node.has("stems")) {
            return new StemSelection.All();
        }
        Set<Stem> stems = new LinkedHashSet<>();
        node.get("stems").forEach(stem -> stems.add(Stem.of(stem.stringValue())));
        return new StemSelection.Some(stems);
    }

    /** Without the deadline, which a job keeps as a point in time. */
    static ObjectNode of(Policy policy) {
        ObjectNode node = MAPPER.createObjectNode();
        policy.maxCostUsd().ifPresent(usd -> node.put("max_cost_usd", usd));
        if (!policy.providers().isEmpty()) {
            ArrayNode providers = node.putArray("providers");
            policy.providers().stream().sorted().forEach(providers::add);
        }
        node.put("data", policy.localOnly() ? "local-only" : "any");
        node.put("commercial_use", policy.commercialUse());
        return node;
    }

    static Policy policy(JsonNode node, Policy.Priority priority, Optional<Duration> deadline) {
        Set<String> providers = new LinkedHashSet<>();
        if (node.has("providers")) {
            node.get("providers").forEach(provider -> providers.add(provider.stringValue()));
        }
        return new Policy(
                priority,
                node.has("max_cost_usd") ? Optional.of(node.get("max_cost_usd").decimalValue()) : Optional.empty(),
                deadline,
                providers,
                node.get("data").stringValue().equals("local-only"),
                node.get("commercial_use").booleanValue());
    }

    /** A plan with its predictions and its reasons. */
    public static ObjectNode of(Plan plan) {
        ObjectNode body = MAPPER.createObjectNode();
        ArrayNode steps = body.putArray("steps");
        for (Plan.Step step : plan.steps()) {
            ObjectNode node = steps.addObject();
            node.put("deployment", step.deployment().id());
            ObjectNode predicted = node.putObject("predicted");
            Plan.Prediction prediction = step.predicted();
            predicted.put("p50_ms", prediction.p50().map(Duration::toMillis).orElse(null));
            predicted.put("p95_ms", prediction.p95().map(Duration::toMillis).orElse(null));
            predicted.put("cost_usd", prediction.costUsd().orElse(null));
            predicted.put("unpriced", prediction.costUsd().isEmpty());
            node.put("why", step.why());
        }
        ArrayNode rejected = body.putArray("rejected");
        for (Plan.Rejection rejection : plan.rejected()) {
            rejected.addObject()
                    .put("deployment", rejection.deployment().id())
                    .put("reason", rejection.reason())
                    .put("detail", rejection.detail());
        }
        return body;
    }

    /** The deployment that a plan begins with, which is the lane that its job waits in. */
    static String lane(Plan plan) {
        return plan.steps().getFirst().deployment().id();
    }

    /** The same of one that was written here. */
    static String lane(String plan) {
        return parse(plan).get("steps").get(0).get("deployment").stringValue();
    }

    /** One try: where, how long, and why it failed if it did. */
    public static ObjectNode of(Attempt attempt) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("deployment", attempt.deployment().id());
        attempt.failure().ifPresent(why -> node.put("code", why.code().id()).put("message", why.message()));
        node.put("duration_ms", attempt.took().toMillis());
        return node;
    }

    static ArrayNode of(List<Attempt> attempts) {
        return attempts.stream()
                .map(Documents::of)
                .collect(Collectors.collectingAndThen(
                        Collectors.toList(), nodes -> MAPPER.createArrayNode().addAll(nodes)));
    }

    /** An error as the API shows it, without what belongs to one HTTP request. */
    public static ObjectNode of(FlowError error) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("code", error.code().id());
        node.put("kind", error.code().kind().id());
        node.put("message", error.message());
        error.field().ifPresent(field -> node.put("field", field));
        error.advice().ifPresent(advice -> node.put("advice", advice));
        node.put("retryable", error.code().retryHelps());
        return node;
    }

    /** The error that was written so. */
    public static FlowError error(JsonNode node) {
        Code code = Code.valueOf(node.get("code").stringValue().toUpperCase(Locale.ROOT));
        FlowError error = FlowError.of(code, "%s", node.get("message").stringValue());
        if (node.has("advice")) {
            error = error.advice("%s", node.get("advice").stringValue());
        }
        return node.has("field") ? error.field(node.get("field").stringValue()) : error;
    }

    static ObjectNode of(Result result) {
        return switch (result) {
            case StemsResult stems -> {
                ObjectNode node = MAPPER.createObjectNode()
                        .put("audio_seconds", BigDecimal.valueOf(stems.length().toMillis(), 3))
                        .put("sample_rate_hz", stems.sampleRateHz())
                        .put("gain", stems.gain())
                        .put("clipped_samples", stems.clippedSamples());
                stems.missing()
                        .ifPresent(missing -> node.put("missing_seconds", BigDecimal.valueOf(missing.toMillis(), 3)));
                yield node;
            }
        };
    }

    private static Optional<String> text(JsonNode node, String name) {
        return node.has(name) ? Optional.of(node.get(name).stringValue()) : Optional.empty();
    }
}
