package io.flowstate.jobs;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An output's bytes, read piece after piece while further ones are still being written, perhaps by another node. Reading waits for what is yet to come. When the job fails,
 * is canceled or begins the output again, reading ends with an error, because what has been read so far is not the beginning of anything.
 */
final class OutputStreamed extends InputStream {
    private static final Duration GLANCE = Duration.ofSeconds(2);
    private static final int LOOK_AHEAD = 1;

    private final Database database;
    private final BlobStore blobs;
    private final String job;
    private final Output output;
    private final Changes.Watch watch;
    private final Cancellation cancellation;
    private final Cancellation.Registration wakening;
    private final long end;
    private long position;
    private @Nullable InputStream piece;

    /**
     * @param length how many bytes, or {@link Long#MAX_VALUE} for all there will be
     * @param cancellation ends the waiting, with its reason
     */
    OutputStreamed(
            Database database,
            BlobStore blobs,
            Changes changes,
            String job,
            Output output,
            long from,
            long length,
            Cancellation cancellation) {
        this.database = database;
        this.blobs = blobs;
        this.job = job;
        this.output = output;
        this.watch = changes.watch(job);
        this.cancellation = cancellation;
        this.wakening = cancellation.onCancel(watch::wake);
        this.position = from;
        this.end = length == Long.MAX_VALUE ? length : from + length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (position < end) {
            InputStream open = piece == null ? next() : piece;
            if (open == null) {
                return -1;
            }
            int got = open.read(into, offset, (int) Math.min(length, end - position));
            if (got >= 0) {
                position += got;
                return got;
            }
            open.close();
            piece = null;
        }
        return -1;
    }

    /** The piece that holds the next byte; null when there is none and will be none. */
    private @Nullable InputStream next() throws IOException {
        while (true) {
            cancellation.throwIfCanceled();
            Output now = database.read(sql -> OutputTable.find(sql, job, output.name()))
                    .filter(found -> found.generation() == output.generation())
                    .orElseThrow(OutputStreamed::begunAgain);
            Optional<OutputTable.Piece> found = piece();
            if (found.isPresent()) {
                InputStream opened = open(found.get());
                piece = opened;
                return opened;
            }
            if (now.isComplete()) {
                if (position < now.bytes()) {
                    throw expired(output.name());
                }
                return null;
            }
            watch.await(GLANCE);
        }
    }

    private Optional<OutputTable.Piece> piece() {
        List<OutputTable.Piece> pieces =
                database.read(sql -> OutputTable.pieces(sql, job, output.name(), position, LOOK_AHEAD));
        return pieces.stream().findFirst();
    }

    private InputStream open(OutputTable.Piece found) throws IOException {
        try {
            return blobs.read(found.blob(), position - found.position(), found.end() - position);
        } catch (NoSuchFileException gone) {
            throw begunAgain();
        }
    }

    private static FlowError begunAgain() {
        return FlowError.of(Code.CONFLICT, "The job has failed, was canceled, or has begun this output again.")
                .advice("Look at the job, and read the output from its beginning.");
    }

    static FlowError expired(String name) {
        return FlowError.of(Code.EXPIRED, "The output %s is no longer kept.", name)
                .advice("Submit the job again; keep_outputs says how long outputs are kept.");
    }

    @Override
    public void close() throws IOException {
        wakening.close();
        watch.close();
        if (piece != null) {
            piece.close();
        }
    }
}
