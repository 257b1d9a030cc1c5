package io.flowstate.models;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.catalogue.Model.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one file over HTTP, however often the connection drops. Used by one thread.
 *
 * <p>What has come stays in a {@link Partial} file, with the version that the server named beside it. A next try, in this pull or a later one, asks for
 * the rest with {@code Range} on condition of that version ({@code If-Range}); a server whose file has changed, or that knows no ranges, sends the whole and the file starts
 * afresh. The checksum has the last word: if a file that was put together of parts is wrong, it is fetched once more from its beginning before it is called corrupt.
 *
 * <p>Tries are bounded: {@value #MAX_FAILURES} failures with less than {@value #PROGRESS_BYTES} new bytes between each, two if the server was never reached.
 */
final class Download {
    private static final Logger log = LoggerFactory.getLogger(Download.class);
    private static final int MAX_FAILURES = 5;
    private static final int MAX_UNREACHED = 2;
    private static final int PROGRESS_BYTES = 1 << 20;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final int MESSAGE_CHARACTERS = 200;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");
    private static final Pattern SHA256 = Pattern.compile("\"?([0-9a-f]{64})\"?");

    private final Http http;
    private final Http.Ask ask;
    private final ModelFile expected;
    private final Pull pull;
    private final Clock clock;
    private final Pause pause;
    private final Partial partial;

    private int failures;
    private long mostBytes;
    private boolean reached;
    private boolean ofParts;
    private boolean secondChance;

    Download(Http http, Http.Ask ask, ModelFile expected, Pull pull, Clock clock, Pause pause) {
        this.http = http;
        this.ask = ask;
        this.expected = expected;
        this.pull = pull;
        this.clock = clock;
        this.pause = pause;
        this.partial = Partial.of(expected, pull.partial());
    }

    /** @param commit that the hub says the file is of */
    record Done(Path file, Optional<String> commit) {}

    /** The server asks for patience. */
    private static final class Busy extends IOException {
        private static final long serialVersionUID = 1L;
        private final Duration wait;

        Busy(String message, Duration wait) {
            super(message);
            this.wait = wait;
        }
    }

    /** @throws FlowError when the server refuses, cannot be reached, or sends another file than the catalogue's */
    Done run() {
        try {
            return receiveAll();
        } catch (FlowError failed) {
            if (failed.code() == Code.MODEL_CORRUPT) {
                partial.forget();
            }
            throw failed;
        }
    }

    private Done receiveAll() {
        try (VerifiedFile file = VerifiedFile.resume(partial.file(), expected, pull)) {
            ofParts = file.written() > 0;
            mostBytes = file.written();
            while (true) {
                Optional<String> commit = Optional.empty();
                try {
                    commit = attempt(file);
                } catch (IOException dropped) {
                    pull.cancellation().throwIfCanceled();
                    pauseOrGiveUp(file, dropped);
                }
                if (file.isWhole()) {
                    if (!ofParts || secondChance || file.isRight()) {
                        file.seal();
                        return new Done(partial.file(), commit);
                    }
                    log.info("{}: its parts do not fit together; fetching all of it once more", expected.name());
                    secondChance = true;
                    startOver(file);
                }
            }
        }
    }

    /** One request, after which the file may still lack its end. Gives the commit if the hub names it. */
    private Optional<String> attempt(VerifiedFile file) throws IOException {
        pull.cancellation().throwIfCanceled();
        Optional<String> version = partial.version();
        if (version.isEmpty()) {
            startOver(file);
        }
        try (Http.Reply reply = http.open(ask.with(rangeHeaders(file, version)), pull.cancellation())) {
            reached = true;
            switch (reply.status()) {
                case 200 -> {
                    refuseOtherFile(reply);
                    startOver(file);
                    partial.remember(reply);
                    receive(reply, file);
                }
                case 206 -> {
                    if (continues(reply, file, version)) {
                        log.info(
                                "{}: going on at {} of {} bytes",
                                expected.name(),
                                file.written(),
                                expected.sizeBytes());
                        ofParts = true;
                        receive(reply, file);
                    } else {
                        startOver(file);
                        throw new IOException("the server sent another part than was asked for");
                    }
                }
                case 416 -> {
                    startOver(file);
                    throw new IOException("the server has no such part");
                }
                case 408, 429, 500, 502, 503, 504 -> throw busy(reply);
                default -> throw refusal(reply);
            }
            return reply.originHeader("X-Repo-Commit");
        }
    }

    private static Map<String, String> rangeHeaders(VerifiedFile file, Optional<String> version) {
        Map<String, String> headers = new HashMap<>();
        if (file.written() > 0 && version.isPresent()) {
            headers.put(HttpHeaders.RANGE, "bytes=%d-".formatted(file.written()));
            headers.put(HttpHeaders.IF_RANGE, version.get());
        }
        return headers;
    }

    private void receive(Http.Reply reply, VerifiedFile file) throws IOException {
        file.writeAll(reply.body(), pull.cancellation());
        if (!file.isWhole()) {
            throw new IOException(
                    "the connection ended after %d of %d bytes".formatted(file.written(), expected.sizeBytes()));
        }
    }

    private boolean continues(Http.Reply reply, VerifiedFile file, Optional<String> version) {
        Matcher range =
                CONTENT_RANGE.matcher(reply.header(HttpHeaders.CONTENT_RANGE).orElse(""));
        Optional<String> etag = reply.header(HttpHeaders.ETAG);
        boolean sameVersion =
                etag.isEmpty() || version.isEmpty() || !version.get().startsWith("\"") || etag.equals(version);
        return range.matches()
                && range.group(1).equals(Long.toString(file.written()))
                && (range.group(2).equals("*") || range.group(2).equals(Long.toString(expected.sizeBytes())))
                && sameVersion;
    }

    /** Sizes and the hub's own checksum tell before the first byte when the file is not the one of the catalogue. */
    private void refuseOtherFile(Http.Reply reply) {
        Matcher sha256 = SHA256.matcher(reply.originHeader("X-Linked-Etag").orElse(""));
        if (sha256.matches() && !sha256.group(1).equals(expected.sha256())) {
            throw Quarantine.corrupt("%s has the sha256 %s on the hub, but the catalogue says %s."
                    .formatted(expected.name(), sha256.group(1), expected.sha256()));
        }
        Optional<String> length = reply.header(HttpHeaders.CONTENT_LENGTH);
        if (length.isPresent() && !length.get().equals(Long.toString(expected.sizeBytes()))) {
            throw Quarantine.corrupt("%s has %s bytes at %s, but the catalogue says %d."
                    .formatted(expected.name(), length.get(), Http.host(ask.address()), expected.sizeBytes()));
        }
    }

    private void startOver(VerifiedFile file) {
        file.restart();
        ofParts = false;
    }

    /** Counts a failure and waits, unless there have been too many. */
    private void pauseOrGiveUp(VerifiedFile file, IOException dropped) {
        failures = file.written() - mostBytes >= PROGRESS_BYTES ? 1 : failures + 1;
        mostBytes = Math.max(mostBytes, file.written());
        if (failures >= (reached ? MAX_FAILURES : MAX_UNREACHED)) {
            String what =
                    reached ? "%s stopped answering well (%s; %d tries)." : "%s cannot be reached (%s; %d tries).";
            throw FlowError.of(
                            Code.MODEL_UNAVAILABLE,
                            "%s",
                            what.formatted(Http.host(ask.address()), Reason.of(dropped), failures))
                    .advice("Check the network and try again; what has come is kept.")
                    .causedBy(dropped);
        }
        Duration wait = FIRST_PAUSE.multipliedBy(1L << (failures - 1));
        if (dropped instanceof Busy busy && busy.wait.compareTo(wait) > 0) {
            wait = busy.wait;
        }
        log.info(
                "{}: {} at {} of {} bytes; failure {} of {}, next try in {} ms",
                expected.name(),
                Reason.of(dropped),
                file.written(),
                expected.sizeBytes(),
                failures,
                reached ? MAX_FAILURES : MAX_UNREACHED,
                wait.toMillis());
        pause.of(wait, pull.cancellation());
    }

    /** @throws FlowError when the server wants more patience than a waiting person has */
    private Busy busy(Http.Reply reply) {
        Duration wait =
                reply.header(HttpHeaders.RETRY_AFTER).map(this::duration).orElse(Duration.ZERO);
        if (wait.compareTo(LONGEST_WAIT) > 0) {
            throw FlowError.of(
                            Code.MODEL_UNAVAILABLE,
                            "%s answers %d and wants to be asked again in %d s.",
                            Http.host(ask.address()),
                            reply.status(),
                            wait.toSeconds())
                    .advice("Try again then; what has come is kept.")
                    .retryAfter(wait);
        }
        return new Busy("answer %d".formatted(reply.status()), wait);
    }

    /** Seconds or a date; nonsense counts as nothing. */
    private Duration duration(String retryAfter) {
        if (retryAfter.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(retryAfter));
        }
        @Nullable Instant date = DateUtils.parseStandardDate(retryAfter);
        return date == null ? Duration.ZERO : Duration.between(clock.instant(), date);
    }

    private FlowError refusal(Http.Reply reply) {
        String told = reply.originHeader("X-Error-Message")
                .map(message -> ": " + message.substring(0, Math.min(message.length(), MESSAGE_CHARACTERS)))
                .orElse("");
        String host = Http.host(ask.address());
        String file = ask.address().getPath();
        return switch (reply.status()) {
            case 401, 403 ->
                FlowError.of(
                                Code.MODEL_UNAVAILABLE,
                                "%s does not give %s to us (%d%s).",
                                host,
                                file,
                                reply.status(),
                                told)
                        .advice("%s", ask.accessAdvice());
            case 404, 410 ->
                FlowError.of(Code.MODEL_UNAVAILABLE, "%s does not have %s (%d%s).", host, file, reply.status(), told)
                        .advice("The file is gone or its name is wrong: name another source in the catalogue.");
            default ->
                FlowError.of(Code.MODEL_UNAVAILABLE, "%s answers %d for %s%s.", host, reply.status(), file, told)
                        .advice("Try again later, or name another source in the catalogue.");
        };
    }
}
