package io.flowstate.server;

import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import io.flowstate.core.Task;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.yaml.Quantities;
import io.flowstate.jobs.Job;
import io.flowstate.jobs.JobDocument;
import io.flowstate.jobs.JobFilter;
import io.flowstate.jobs.Jobs;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/jobs}: work that is handed in, looked at, canceled and tried again. */
final class JobsEndpoints {
    /** Whose everything is while there are no keys. */
    static final String OWNER = "anonymous";

    private static final List<String> LIST_NAMES =
            List.of("status", "task", "tag", "since", "until", "cursor", "limit");
    private static final int PAGE = 50;
    private static final int MOST_ON_A_PAGE = 200;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final Gateway gateway;
    private final Jobs jobs;
    private final JobOptions options;
    private final Spool spool;
    private final InFlight inFlight;

    JobsEndpoints(Gateway gateway, Jobs jobs, JobOptions options, Spool spool, InFlight inFlight) {
        this.gateway = gateway;
        this.jobs = jobs;
        this.options = options;
        this.spool = spool;
        this.inFlight = inFlight;
    }

    /** {@code POST /v1/jobs}. */
    void submit(Exchange exchange) throws IOException {
        exchange.query().requireKnown(JobOptions.JOBS);
        Cancellation cancellation = new Cancellation();
        try (InFlight.Place _ = inFlight.enter(cancellation);
                Spool.Room room = spool.room()) {
            Upload upload = Upload.receive(exchange, JobOptions.JOBS, room, cancellation);
            upload.options().requireKnown(JobOptions.JOBS);
            Task task = upload.options()
                    .text("task")
                    .map(Task::of)
                    .orElseThrow(() -> Options.bad("task", "is missing").advice("Say what to do: task=stems."));
            accept(exchange, submitted(exchange, task, upload));
        }
    }

    /** What is refused is told to the gateway, so that it counts like any other end of a request for the task. */
    private Job submitted(Exchange exchange, Task task, Upload upload) {
        try {
            return jobs.submit(options.submission(task, OWNER, exchange, upload));
        } catch (FlowError refused) {
            gateway.refused(exchange.id(), task, refused, exchange.took());
            throw refused;
        }
    }

    /** Answers 202 with a job that was taken in. */
    void accept(Exchange exchange, Job job) throws IOException {
        exchange.set("Location", JobDocument.path(job));
        if (JobOptions.isAsync(exchange)) {
            exchange.set("Preference-Applied", "respond-async");
        }
        answer(exchange, 202, job);
    }

    /** {@code GET /v1/jobs/{id}}, at once or when there is news. */
    void show(Exchange exchange) throws IOException {
        Options query = exchange.query();
        query.requireKnown(List.of("wait", "revision"));
        String id = exchange.segment(2);
        Optional<Long> revision = query.integer("revision");
        Duration wait = query.text("wait").map(JobsEndpoints::wait).orElse(Duration.ZERO);
        answer(exchange, 200, await(id, revision, wait));
    }

    /** The job once it has a higher revision, or is over when none is given; or as it is after so long, or when the server stops. */
    private Job await(String id, Optional<Long> revision, Duration wait) {
        return revision.isPresent()
                ? jobs.awaitChange(OWNER, id, revision.get(), wait, inFlight::isDraining)
                : jobs.awaitEnd(OWNER, id, wait, inFlight::isDraining);
    }

    /** {@code GET /v1/jobs}. */
    void list(Exchange exchange) throws IOException {
        Options query = exchange.query();
        query.requireKnown(LIST_NAMES);
        int limit = query.small("limit").orElse(PAGE);
        if (limit < 1 || limit > MOST_ON_A_PAGE) {
            throw Options.bad("limit", "must be 1..%d, was %d".formatted(MOST_ON_A_PAGE, limit));
        }
        JobFilter filter = new JobFilter(
                query.words("status").orElse(List.of()).stream()
                        .map(Job.Status::of)
                        .collect(Collectors.toUnmodifiableSet()),
                query.text("task").map(Task::of).map(Task::id),
                query.text("tag"),
                query.text("since").map(text -> time("since", text)),
                query.text("until").map(text -> time("until", text)));
        Jobs.Page page = jobs.list(OWNER, filter, query.text("cursor"), limit);
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("jobs");
        page.jobs().forEach(each -> list.add(JobDocument.of(each.job(), each.outputs(), each.position())));
        page.next().ifPresent(next -> body.put("next", next));
        exchange.set("Cache-Control", "no-store");
        exchange.answer(200, Json.MEDIA_TYPE, Json.bytes(body));
    }

    /** {@code POST /v1/jobs/{id}/cancel}. */
    void cancel(Exchange exchange) throws IOException {
        exchange.query().requireKnown(List.of());
        answer(exchange, 200, jobs.cancel(OWNER, exchange.segment(2), IdempotencyKey.of(exchange)));
    }

    /** {@code POST /v1/jobs/{id}/retry}. */
    void retry(Exchange exchange) throws IOException {
        exchange.query().requireKnown(List.of());
        answer(exchange, 202, jobs.retry(OWNER, exchange.segment(2), IdempotencyKey.of(exchange)));
    }

    /** {@code DELETE /v1/jobs/{id}}. */
    void remove(Exchange exchange) throws IOException {
        exchange.query().requireKnown(List.of());
        jobs.remove(OWNER, exchange.segment(2));
        exchange.answer(204);
    }

    private ObjectNode document(Job job) {
        return JobDocument.of(job, job.attempt() == 0 ? List.of() : jobs.outputs(job), jobs.position(job));
    }

    private void answer(Exchange exchange, int status, Job job) throws IOException {
        exchange.set("Cache-Control", "no-store");
        exchange.answer(status, Json.MEDIA_TYPE, Json.bytes(document(job)));
    }

    private static Duration wait(String text) {
        try {
            Duration wait = Quantities.duration(text);
            return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        } catch (IllegalArgumentException not) {
            throw Options.bad("wait", "must be a duration like 30s, was \"%s\"".formatted(text));
        }
    }

    private static Instant time(String name, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException not) {
            throw Options.bad(name, "must be a time like 2026-11-22T10:00:00Z, was \"%s\"".formatted(text));
        }
    }
}
