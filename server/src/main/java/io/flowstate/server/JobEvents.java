package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.jobs.Job;
import io.flowstate.jobs.JobDocument;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.Output;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET /v1/jobs/{id}/events}: what happens to a job, as server-sent events, until it is over.
 *
 * <p>An event's id is the job's revision, and what it says is how things stand, not how they changed. So there is nothing to keep for those who come back: whoever names the
 * last id that he has seen ({@code Last-Event-ID}) is told what is newer, the latest of each kind once.
 */
final class JobEvents {
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final Jobs jobs;
    private final InFlight inFlight;

    JobEvents(Jobs jobs, InFlight inFlight) {
        this.jobs = jobs;
        this.inFlight = inFlight;
    }

    private record Event(long id, String type, ObjectNode data) {}

    void stream(Exchange exchange) throws IOException {
        exchange.query().requireKnown(List.of());
        String id = exchange.segment(2);
        long told = exchange.header("Last-Event-ID").map(JobEvents::revision).orElse(0L);
        Job job = jobs.find(JobsEndpoints.OWNER, id);
        // An id from the future is one of a database that was set back: it says nothing.
        long seen = told > job.revisions().last() ? 0 : told;
        if (job.status().isFinal() && since(job, seen).isEmpty()) {
            // The one answer after which a browser does not connect again.
            exchange.answer(204);
            return;
        }
        send(exchange, job, seen);
    }

    private void send(Exchange exchange, Job first, long told) throws IOException {
        Job job = first;
        long seen = told;
        exchange.set("Cache-Control", "no-store");
        exchange.set("X-Accel-Buffering", "no");
        exchange.begin(200, "text/event-stream", OptionalLong.empty());
        send(exchange, ": events of %s\n\n".formatted(job.id()));
        while (true) {
            List<Event> news = since(job, seen);
            for (int i = 0; i < news.size(); i++) {
                Event event = news.get(i);
                // Of several with one id only the last says it: who loses the connection between them is told all of
                // them again.
                boolean says = i + 1 == news.size() || news.get(i + 1).id() != event.id();
                String head = says ? "id: %d\n".formatted(event.id()) : "";
                send(exchange, "%sevent: %s\ndata: %s\n\n".formatted(head, event.type(), text(event)));
            }
            if (job.status().isFinal() || inFlight.isDraining()) {
                exchange.end();
                return;
            }
            seen = job.revisions().last();
            Optional<Job> next = next(job, seen);
            if (next.isEmpty()) {
                send(exchange, "event: removed\ndata: {\"id\":\"%s\"}\n\n".formatted(job.id()));
                exchange.end();
                return;
            }
            job = next.get();
            if (job.revisions().last() == seen) {
                send(exchange, ": still there\n\n");
            }
        }
    }

    /** The job when something has changed, or after a while; empty if it has been removed. */
    private Optional<Job> next(Job job, long seen) {
        try {
            return Optional.of(jobs.awaitChange(JobsEndpoints.OWNER, job.id(), seen, SILENCE, inFlight::isDraining));
        } catch (FlowError failure) {
            if (failure.code() == Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private List<Event> since(Job job, long seen) {
        if (job.revisions().last() <= seen) {
            return List.of();
        }
        List<Event> news = new ArrayList<>();
        List<Output> outputs = jobs.outputs(job);
        for (Output output : outputs) {
            // One that has changed since the job was read is told with the job's next change, so that ids never run
            // ahead of what they stand for.
            if (output.revision() > seen && output.revision() <= job.revisions().last()) {
                news.add(new Event(output.revision(), "output", JobDocument.of(job, output)));
            }
        }
        if (job.revisions().progress() > seen && !job.status().isFinal()) {
            ObjectNode progress = Json.object().put("fraction", job.advance().fraction());
            progress.put("phase", job.advance().phase().orElse(null));
            news.add(new Event(job.revisions().progress(), "progress", progress));
        }
        if (job.revisions().status() > seen) {
            news.add(new Event(job.revisions().status(), "status", JobDocument.of(job, outputs, jobs.position(job))));
        }
        news.sort(Comparator.comparingLong(Event::id));
        return news;
    }

    private static String text(Event event) {
        return new String(Json.bytes(event.data()), StandardCharsets.UTF_8);
    }

    private static void send(Exchange exchange, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.write(bytes, 0, bytes.length);
    }

    private static long revision(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException not) {
            throw Options.bad("Last-Event-ID", "must be an id that an event had, was \"%s\"".formatted(text));
        }
    }
}
