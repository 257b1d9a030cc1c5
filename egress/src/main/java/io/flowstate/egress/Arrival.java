package io.flowstate.egress;

import io.flowstate.core.ByteCount;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.DiskFull;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hc.core5.http.HttpHeaders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file on its way in: an answer that is to become one. Used by one thread. */
final class Arrival {
    private static final Logger log = LoggerFactory.getLogger(Arrival.class);
    private static final int CHUNK_BYTES = 64 << 10;

    private final Target target;
    private final Answer answer;
    private final Clock clock;
    private final Cancellation stop;

    Arrival(Target target, Answer answer, Clock clock, Cancellation stop) {
        this.target = target;
        this.answer = answer;
        this.clock = clock;
        this.stop = stop;
    }

    /** @throws IOException if the connection fails; the disk's failures are told apart */
    Downloaded saveTo(Path file, long maxBytes, Downloaded.Listener listener) throws IOException {
        if (answer.status() != 200) {
            throw Failure.of(target, answer.status(), answer.retryAfter(clock));
        }
        refuseEncoded();
        OptionalLong length = length();
        if (length.isPresent() && length.getAsLong() > maxBytes) {
            throw tooLarge(maxBytes);
        }
        boolean whole = false;
        try {
            long bytes = receive(file, maxBytes, length, listener);
            whole = true;
            return new Downloaded(
                    file,
                    bytes,
                    FileName.of(answer.header("Content-Disposition"), target.pathAndQuery()),
                    answer.header(HttpHeaders.CONTENT_TYPE).flatMap(Arrival::mediaType));
        } finally {
            if (!whole) {
                discard(file);
            }
        }
    }

    /** What is thrown already says more than a file that stays. */
    private static void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stays) {
            log.warn("{}: the beginning of a download cannot be removed; delete it by hand", file, stays);
        }
    }

    /** Nobody asked for compression. One that comes all the same is not undone: a small file can hold a vast one. */
    private void refuseEncoded() {
        String encoding =
                answer.header(HttpHeaders.CONTENT_ENCODING).orElse("identity").strip();
        if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("identity")) {
            throw FlowError.of(
                            Code.ADDRESS_FAILED,
                            "%s sends the file in an encoding that was not asked for.",
                            target.host())
                    .advice("Serve the file as it is, without Content-Encoding.");
        }
    }

    private long receive(Path file, long maxBytes, OptionalLong length, Downloaded.Listener listener)
            throws IOException {
        InputStream body = answer.body();
        byte[] chunk = new byte[CHUNK_BYTES];
        long bytes = 0;
        try (OutputStream out = open(file)) {
            for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
                stop.throwIfCanceled();
                bytes += n;
                if (bytes > maxBytes) {
                    throw tooLarge(maxBytes);
                }
                write(out, chunk, n);
                listener.on(bytes, length);
            }
        }
        return bytes;
    }

    private static OutputStream open(Path file) {
        try {
            return Files.newOutputStream(file);
        } catch (IOException failed) {
            throw notWritten(failed);
        }
    }

    private static void write(OutputStream out, byte[] chunk, int length) {
        try {
            out.write(chunk, 0, length);
        } catch (IOException failed) {
            throw notWritten(failed);
        }
    }

    private OptionalLong length() {
        return answer.header(HttpHeaders.CONTENT_LENGTH)
                .filter(value -> value.matches("\\d{1,18}"))
                .map(value -> OptionalLong.of(Long.parseLong(value)))
                .orElse(OptionalLong.empty());
    }

    private static Optional<String> mediaType(String contentType) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return Optional.of(type).filter(value -> value.matches("[\\w!#$&^.+-]{1,80}/[\\w!#$&^.+-]{1,80}"));
    }

    private FlowError tooLarge(long maxBytes) {
        return FlowError.of(
                        Code.TOO_LARGE,
                        "The file at %s is over the limit of %s.",
                        target.host(),
                        ByteCount.text(maxBytes))
                .advice("Give the address of a smaller file, or of the same audio in a compressed format.");
    }

    private static FlowError notWritten(IOException failed) {
        return DiskFull.isReasonOf(failed)
                ? FlowError.of(Code.DISK_FULL, "The disk is full; the file could not be fetched.")
                        .advice("Free space and try again.")
                        .causedBy(failed)
                : FlowError.of(Code.OUTPUT_NOT_WRITABLE, "The fetched file could not be written.")
                        .advice("Look at the folder for uploads: it must exist and be writable.")
                        .causedBy(failed);
    }
}
