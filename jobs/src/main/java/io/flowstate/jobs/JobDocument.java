package io.flowstate.jobs;

import io.flowstate.core.AudioFacts;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A job as the API, its events and its webhooks show it. */
public final class JobDocument {
    private JobDocument() {}

    /** @param position how many wait before it; empty if it does not wait */
    public static ObjectNode of(Job job, List<Output> outputs, OptionalInt position) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("id", job.id());
        body.put("task", job.task());
        body.put("status", job.status().id());
        body.put("priority", job.priority().id());
        ArrayNode tags = body.putArray("tags");
        job.tags().forEach(tags::add);
        ObjectNode progress = body.putObject("progress");
        progress.put("fraction", job.advance().fraction());
        progress.put("phase", job.advance().phase().orElse(null));
        if (position.isPresent()) {
            body.put("position", position.getAsInt());
        }
        body.put("attempt", job.attempt());
        body.put("deployment", job.deployment().orElse(null));
        body.put("cost_usd", job.costUsd().orElse(null));
        body.set("input", input(job));
        body.set("options", Documents.parse(job.request()));
        ArrayNode files = body.putArray("outputs");
        outputs.forEach(output -> files.add(of(job, output)));
        job.result().ifPresent(result -> body.set("result", Documents.parse(result)));
        job.error().ifPresent(error -> body.set("error", Documents.parse(error)));
        body.set("attempts", Documents.parse(job.attempts()));
        body.set("plan", Documents.parse(job.plan()));
        job.webhook().ifPresent(hook -> {
            ObjectNode node = body.putObject("webhook").put("url", hook.url().toString());
            ArrayNode events = node.putArray("events");
            hook.events().stream().sorted().forEach(events::add);
        });
        times(body, job.times());
        body.put("revision", job.revisions().last());
        ObjectNode links = body.putObject("links");
        links.put("self", path(job));
        links.put("events", path(job) + "/events");
        return body;
    }

    /** One of its outputs. */
    public static ObjectNode of(Job job, Output output) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", output.name());
        node.put("file", output.file());
        node.put("media_type", output.mediaType());
        node.put("bytes", output.bytes());
        output.size().ifPresent(size -> node.put("size", size));
        node.put("complete", output.isComplete());
        output.sha256().ifPresent(sum -> node.put("sha256", sum));
        node.put("href", "%s/outputs/%s".formatted(path(job), output.name()));
        return node;
    }

    /** Where the API has it. */
    public static String path(Job job) {
        return "/v1/jobs/" + job.id();
    }

    private static ObjectNode input(Job job) {
        Job.Input input = job.input();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", input.name());
        input.url().ifPresent(url -> node.put("url", url.toString()));
        input.bytes().ifPresent(bytes -> node.put("bytes", bytes));
        input.sha256().ifPresent(sum -> node.put("sha256", sum));
        input.audio().ifPresent(audio -> describe(node, audio));
        node.put("kept", input.blob().isPresent());
        input.blob().ifPresent(_ -> node.put("href", path(job) + "/input"));
        return node;
    }

    private static void describe(ObjectNode node, AudioFacts audio) {
        node.put("container", audio.container());
        node.put("codec", audio.codec());
        node.put("sample_rate_hz", audio.sampleRateHz());
        node.put("channels", audio.channels());
        audio.duration()
                .map(Duration::toMillis)
                .ifPresent(millis -> node.put("seconds", BigDecimal.valueOf(millis, 3)));
    }

    private static void times(ObjectNode body, Job.Times times) {
        body.put("created_at", times.created().toString());
        put(body, "started_at", times.started());
        put(body, "finished_at", times.finished());
        put(body, "deadline_at", times.deadline());
        put(body, "cancel_requested_at", times.cancelRequested());
        put(body, "expires_at", times.expires());
    }

    private static void put(ObjectNode body, String name, Optional<Instant> time) {
        time.ifPresent(at -> body.put(name, at.toString()));
    }
}
