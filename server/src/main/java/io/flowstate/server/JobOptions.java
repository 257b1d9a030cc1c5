package io.flowstate.server;

import io.flowstate.core.AudioInput;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Sha256;
import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.yaml.Quantities;
import io.flowstate.egress.Egress;
import io.flowstate.jobs.Idempotency;
import io.flowstate.jobs.Job;
import io.flowstate.jobs.Submission;
import io.flowstate.jobs.Uploads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The options that only jobs have, and how an upload becomes a submission. */
final class JobOptions {
    private static final List<String> ONLY_JOBS =
            List.of("url", "upload_id", "tags", "webhook_url", "webhook_events", "keep_input", "keep_outputs");
    /** All that a request for stems takes besides the file, whether it is to be a job or not. */
    static final List<String> STEMS =
            Stream.concat(StemsOptions.NAMES.stream(), ONLY_JOBS.stream()).toList();
    /** All that {@code POST /v1/jobs} takes besides the file. */
    static final List<String> JOBS =
            Stream.concat(Stream.of("task"), STEMS.stream()).toList();

    private static final List<String> ENDS = List.of("succeeded", "failed", "canceled");
    private static final int MOST_TAGS = 10;
    private static final int MOST_TAG_CHARS = 64;
    private static final Duration LONGEST_KEPT = Duration.ofDays(366);

    private final Catalogue catalogue;
    private final Uploads uploads;
    private final Egress egress;

    JobOptions(Catalogue catalogue, Uploads uploads, Egress egress) {
        this.catalogue = catalogue;
        this.uploads = uploads;
        this.egress = egress;
    }

    /** Whether the request can only be done as a job: it has audio elsewhere, or an idempotency key, or nobody waits. */
    static boolean isWanted(Exchange exchange, Options options) {
        return isAsync(exchange)
                || exchange.header(IdempotencyKey.HEADER).isPresent()
                || Upload.ELSEWHERE.stream().anyMatch(options.values()::containsKey);
    }

    /** Whether the caller does not wait for the result (RFC 7240). */
    static boolean isAsync(Exchange exchange) {
        return exchange.header("Prefer")
                .map(text -> Stream.of(text.split(",")).map(String::strip).anyMatch("respond-async"::equalsIgnoreCase))
                .orElse(false);
    }

    /** @throws FlowError {@code BAD_REQUEST} if a request that is no job has options that only jobs have */
    static void requireNone(Options options) {
        ONLY_JOBS.stream().filter(options.values()::containsKey).findFirst().ifPresent(name -> {
            throw Options.bad(name, "is for jobs only")
                    .advice("Add the header \"Prefer: respond-async\", or use POST /v1/jobs.");
        });
    }

    Submission submission(Task task, String owner, Exchange exchange, Upload upload) {
        Options options = upload.options();
        Submission.Source source = source(owner, upload);
        Path placeholder = source instanceof Submission.Sent sent ? sent.file() : Path.of("");
        AudioInput audio = new AudioInput(source.name(), placeholder);
        Request request = switch (task) {
            case STEMS -> StemsOptions.request(options, audio, catalogue);
        };
        return new Submission(
                owner,
                request,
                RoutingOptions.policy(options),
                source,
                tags(options),
                hook(options),
                kept(options, "keep_input"),
                kept(options, "keep_outputs"),
                idempotency(exchange, task, options, source));
    }

    private Submission.Source source(String owner, Upload upload) {
        Options options = upload.options();
        if (upload.audio().isPresent()) {
            AudioInput audio = upload.audio().get();
            try {
                return new Submission.Sent(
                        audio.name(), audio.file(), Files.size(audio.file()), Sha256.of(audio.file()));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
        Optional<String> uploaded = options.string("upload_id");
        if (uploaded.isPresent()) {
            return new Submission.Uploaded(
                    options.string("name").orElseGet(() -> nameOf(owner, uploaded.get())), uploaded.get());
        }
        URI url = egress.check("url", options.string("url").orElseThrow());
        return new Submission.Remote(options.string("name").orElseGet(() -> nameOf(url)), url);
    }

    /** What its sender calls it. */
    private String nameOf(String owner, String upload) {
        return UploadMetadata.parse(uploads.find(owner, upload).metadata())
                .name()
                .orElse("audio");
    }

    private static String nameOf(URI url) {
        String path = url.getPath() == null ? "" : url.getPath();
        String last = path.substring(path.lastIndexOf('/') + 1);
        return last.isEmpty() ? "audio" : last;
    }

    private static List<String> tags(Options options) {
        List<String> tags =
                options.words("tags").orElse(List.of()).stream().distinct().toList();
        if (tags.size() > MOST_TAGS || tags.stream().anyMatch(tag -> tag.length() > MOST_TAG_CHARS)) {
            throw Options.bad("tags", "may be %d words of %d characters".formatted(MOST_TAGS, MOST_TAG_CHARS));
        }
        return tags;
    }

    private Optional<Job.Hook> hook(Options options) {
        Optional<String> url = options.string("webhook_url");
        Optional<List<String>> events = options.words("webhook_events");
        if (url.isEmpty()) {
            events.ifPresent(_ -> {
                throw Options.bad("webhook_events", "needs a webhook_url");
            });
            return Optional.empty();
        }
        return Optional.of(
                new Job.Hook(egress.check("webhook_url", url.get()), new LinkedHashSet<>(events.orElse(ENDS))));
    }

    private static Optional<Duration> kept(Options options, String name) {
        return options.text(name).map(text -> {
            Duration kept;
            try {
                kept = Quantities.duration(text);
            } catch (IllegalArgumentException not) {
                throw Options.bad(name, "must be a duration like 90m or 7d, was \"%s\"".formatted(text));
            }
            if (!kept.isPositive() || kept.compareTo(LONGEST_KEPT) > 0) {
                throw Options.bad(name, "must be more than nothing and at most 366d");
            }
            return kept;
        });
    }

    /** Requests are the same when they would do the same with the same audio, at whichever address. */
    private static Optional<Idempotency> idempotency(
            Exchange exchange, Task task, Options options, Submission.Source source) {
        String audio = switch (source) {
            case Submission.Sent sent -> sent.sha256();
            case Submission.Remote remote -> remote.url().toString();
            case Submission.Uploaded uploaded -> uploaded.uploadId();
        };
        // At the task's own address it is not among the options.
        TreeMap<String, List<String>> others = new TreeMap<>(options.values());
        others.remove("task");
        return IdempotencyKey.of(exchange, List.of(task.id(), audio, others.toString()));
    }
}
