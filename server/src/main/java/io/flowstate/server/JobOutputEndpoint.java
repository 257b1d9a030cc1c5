package io.flowstate.server;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.yaml.Quantities;
import io.flowstate.jobs.Job;
import io.flowstate.jobs.JobDocument;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.LinkSigner;
import io.flowstate.jobs.Output;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code GET /v1/jobs/{id}/outputs/{name}}: the bytes of an output, also while they are still being written, whole or in part, and links to it that anybody may use for a
 * while. And what was handed in.
 */
final class JobOutputEndpoint {
    private static final int BUFFER_BYTES = 128 << 10;
    private static final Duration DEFAULT_LINK = Duration.ofHours(1);
    private static final Duration LONGEST_LINK = Duration.ofDays(7);

    private final Jobs jobs;
    private final LinkSigner links;
    private final InFlight inFlight;
    private final Clock clock;

    JobOutputEndpoint(Jobs jobs, LinkSigner links, InFlight inFlight, Clock clock) {
        this.jobs = jobs;
        this.links = links;
        this.inFlight = inFlight;
        this.clock = clock;
    }

    /** {@code GET}, and {@code HEAD} for what it would give. */
    void read(Exchange exchange) throws IOException {
        Options query = exchange.query();
        query.requireKnown(List.of("expires", "signature"));
        Job job = jobs.find(JobsEndpoints.OWNER, exchange.segment(2));
        Optional<Long> expires = query.integer("expires");
        Optional<String> signature = query.text("signature");
        if (expires.isPresent() || signature.isPresent()) {
            links.check(
                    exchange.path(),
                    expires.orElseThrow(() -> Options.bad("expires", "is missing")),
                    signature.orElseThrow(() -> Options.bad("signature", "is missing")));
        }
        Output output = output(job, exchange.segment(4));
        answer(
                exchange,
                output,
                (range, cancellation) -> jobs.read(job, output, range.from(), range.length(), cancellation));
    }

    /** {@code GET /v1/jobs/{id}/input}: what was handed in, as long as it is kept. */
    void input(Exchange exchange) throws IOException {
        exchange.query().requireKnown(List.of());
        Job job = jobs.find(JobsEndpoints.OWNER, exchange.segment(2));
        Job.Input input = job.input();
        Output whole = new Output(
                "input",
                0,
                input.name(),
                "application/octet-stream",
                input.bytes(),
                input.bytes().orElse(0),
                input.sha256(),
                0);
        answer(exchange, whole, (range, _) -> jobs.readInput(job, range.from(), range.length()));
    }

    /** Where the bytes of a range come from. */
    @FunctionalInterface
    private interface Source {
        /** @param cancellation ends the waiting for those that are yet to come */
        InputStream read(ByteRange range, Cancellation cancellation) throws IOException;
    }

    private void answer(Exchange exchange, Output output, Source source) throws IOException {
        if (output.isComplete() && isKnown(exchange, tag(output))) {
            exchange.set("ETag", tag(output));
            // Not that of this answer, which has none, but of the one that it stands for (RFC 9110, section 8.6).
            exchange.set("Content-Length", Long.toString(output.bytes()));
            exchange.answer(304);
            return;
        }
        send(exchange, output, part(exchange, output), source);
    }

    private static boolean isKnown(Exchange exchange, String tag) {
        return exchange.header("If-None-Match")
                .filter(known -> known.strip().equals("*") || known.contains(tag))
                .isPresent();
    }

    /** The part that is asked for, if it is one and may be given: only GET has ranges, and only of bytes that are sure to belong together. */
    private static Optional<ByteRange> part(Exchange exchange, Output output) {
        if (output.size().isEmpty() || !exchange.method().equals("GET")) {
            return Optional.empty();
        }
        return exchange.header("Range")
                .filter(_ -> exchange.header("If-Range")
                        .map(known -> output.isComplete() && known.equals(tag(output)))
                        .orElse(true))
                .flatMap(text -> ByteRange.of(text, output.size().getAsLong(), exchange));
    }

    /** {@code POST …/link}. */
    void link(Exchange exchange) throws IOException {
        Options query = exchange.query();
        query.requireKnown(List.of("expires_in"));
        Job job = jobs.find(JobsEndpoints.OWNER, exchange.segment(2));
        Output output = output(job, exchange.segment(4));
        Duration lasting =
                query.text("expires_in").map(JobOutputEndpoint::lasting).orElse(DEFAULT_LINK);
        jobs.note(JobsEndpoints.OWNER, IdempotencyKey.of(exchange, lasting.toString()));
        // A link has whole seconds; it is never shorter than was asked.
        Instant until = clock.instant().plus(lasting).plusMillis(999).truncatedTo(ChronoUnit.SECONDS);
        String path = "%s/outputs/%s".formatted(JobDocument.path(job), output.name());
        exchange.set("Cache-Control", "no-store");
        exchange.answer(
                200,
                Json.MEDIA_TYPE,
                Json.bytes(Json.object().put("href", links.sign(path, until)).put("expires_at", until.toString())));
    }

    private Output output(Job job, String name) {
        Optional<Output> found = jobs.outputs(job).stream()
                .filter(output -> output.name().equals(name))
                .findFirst();
        return found.orElseThrow(() -> switch (job.status()) {
            case FAILED, CANCELED ->
                FlowError.of(
                                Code.CONFLICT,
                                "The job was %s and has no outputs.",
                                job.status().id())
                        .advice("The job says why in `error`; POST %s/retry tries again.", JobDocument.path(job));
            case QUEUED, RUNNING ->
                FlowError.of(Code.NOT_FOUND, "The job has no output \"%s\" yet.", name)
                        .retryAfter(Duration.ofSeconds(1))
                        .advice(
                                "Outputs appear in the job as soon as they are begun; %s/events tells.",
                                JobDocument.path(job));
            case SUCCEEDED ->
                FlowError.of(Code.NOT_FOUND, "The job has no output \"%s\".", name)
                        .advice("The job lists its outputs.");
        });
    }

    /** Of what is not complete, the tag only says that it is the same attempt at it. */
    private static String tag(Output output) {
        return output.sha256().map("\"%s\""::formatted).orElseGet(() -> "W/\"%d\"".formatted(output.generation()));
    }

    private void send(Exchange exchange, Output output, Optional<ByteRange> part, Source source) throws IOException {
        ByteRange range = part.orElse(new ByteRange(0, output.size().orElse(Long.MAX_VALUE)));
        Cancellation cancellation = new Cancellation();
        try (InFlight.Place _ = inFlight.read(cancellation);
                Exchange.Watch _ = exchange.stopWhenClientLeaves(cancellation);
                Cancellation.Registration _ = cancellation.onCancel(exchange::abort);
                InputStream bytes = source.read(range, cancellation)) {
            describe(exchange, output, part);
            exchange.begin(
                    part.isPresent() ? 206 : 200,
                    output.mediaType(),
                    output.size().isPresent() ? OptionalLong.of(range.length()) : OptionalLong.empty());
            byte[] buffer = new byte[BUFFER_BYTES];
            boolean isWanted = !exchange.method().equals("HEAD");
            for (int got = isWanted ? bytes.read(buffer) : -1; got >= 0; got = bytes.read(buffer)) {
                exchange.write(buffer, 0, got);
            }
        }
        exchange.end();
    }

    private static void describe(Exchange exchange, Output output, Optional<ByteRange> part) {
        exchange.set("ETag", tag(output));
        exchange.set("Content-Disposition", FileNames.attachment(output.file()));
        exchange.set("Cache-Control", output.isComplete() ? "private, max-age=3600" : "no-store");
        output.size().ifPresent(size -> {
            exchange.set("Accept-Ranges", "bytes");
            part.ifPresent(some -> exchange.set(
                    "Content-Range", "bytes %d-%d/%d".formatted(some.from(), some.from() + some.length() - 1, size)));
        });
    }

    private static Duration lasting(String text) {
        try {
            Duration lasting = Quantities.duration(text);
            if (lasting.isPositive() && lasting.compareTo(LONGEST_LINK) <= 0) {
                return lasting;
            }
        } catch (IllegalArgumentException not) {
            // Told below, with what it should be.
        }
        throw Options.bad("expires_in", "must be a duration like 1h, at most 7d, was \"%s\"".formatted(text));
    }
}
