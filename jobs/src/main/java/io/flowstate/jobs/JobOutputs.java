package io.flowstate.jobs;

import io.flowstate.core.Sha256;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.Outputs;
import io.flowstate.storage.Tx;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt writes: each output goes into the blob store in pieces, and each piece can be read, from any node, as soon as it is there.
 *
 * <p>A piece ends after {@link #PIECE_BYTES}, or after {@link #PIECE_TIME} if that is sooner, so that a listener is never far behind. Its key is entered before it is written
 * and it is entered into its output afterwards, under the attempt's number. Those of the last pieces are entered with the job's end, in one transaction.
 * Used by one thread at a time.
 */
final class JobOutputs implements Outputs, AutoCloseable {
    static final int PIECE_BYTES = 4 << 20;
    static final Duration PIECE_TIME = Duration.ofSeconds(2);

    private final Reconnecting database;
    private final InstantSource clock;
    private final BlobStore blobs;
    private final StoreWatch watch;
    private final String job;
    private final int attempt;
    private final String track;
    private final List<Written> files = new ArrayList<>();
    private int generation;

    /** @param track what the outputs' file names begin with */
    JobOutputs(
            Reconnecting database,
            InstantSource clock,
            BlobStore blobs,
            StoreWatch watch,
            String job,
            int attempt,
            String track) {
        this.database = database;
        this.clock = clock;
        this.blobs = blobs;
        this.watch = watch;
        this.job = job;
        this.attempt = attempt;
        this.track = track;
    }

    @Override
    public OutputStream open(Description description) {
        String extension = description.format().container().id();
        Written file = new Written(
                description.name(), "%s-%s.%s".formatted(track, description.name(), extension), files.size());
        fenced((tx, revision) -> {
            OutputTable.begin(
                    tx,
                    job,
                    new Output(
                            file.name,
                            ((long) attempt << 16) + generation,
                            file.fileName,
                            description.format().container().mediaType(),
                            description.sizeBytes(),
                            0,
                            Optional.empty(),
                            revision),
                    file.ordinal);
            BlobTable.enter(tx, file.nextKey(), job, attempt, 0, clock.instant());
        });
        files.add(file);
        return file;
    }

    /** Readers notice by the generation that what they have read so far is void. */
    @Override
    public boolean discard() {
        close();
        files.clear();
        generation++;
        fenced((tx, _) -> {
            OutputTable.removeAll(tx, job);
            BlobTable.doomOutputs(tx, job);
        });
        return true;
    }

    /** Writes what is left to the store; then {@link #complete} can enter it. */
    void flush() throws IOException {
        for (Written file : files) {
            file.endPiece();
        }
    }

    /** Enters the last pieces, and that all outputs are whole, in the transaction that ends the job. */
    void complete(Tx tx, long revision) {
        for (Written file : files) {
            file.enter(tx, revision);
            OutputTable.complete(tx, job, file.name, file.sha256(), revision);
        }
    }

    /** Lets go of pieces that were not ended. */
    @Override
    public void close() {
        files.forEach(Written::drop);
    }

    /** Something to be done with the job's new revision. */
    private interface Step {
        void run(Tx tx, long revision);
    }

    private void fenced(Step step) {
        database.change(tx -> {
            step.run(tx, JobStates.touch(tx, job, attempt).orElseThrow(() -> new LeaseLost(job, attempt)));
        });
    }

    /** One output. */
    private final class Written extends OutputStream {
        private final String name;
        private final String fileName;
        private final int ordinal;
        private final MessageDigest digest = Sha256.begin();
        private long position;
        private int pieces;
        private long inPiece;
        private @Nullable String key;
        private BlobStore.@Nullable Writer piece;
        private Instant begun = Instant.EPOCH;
        /** Written to the store and not yet entered. */
        private OutputTable.@Nullable Piece ended;

        Written(String name, String fileName, int ordinal) {
            this.name = name;
            this.fileName = fileName;
            this.ordinal = ordinal;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            BlobStore.Writer into = piece == null ? beginPiece() : piece;
            watch.run(() -> into.write(bytes, offset, length));
            digest.update(bytes, offset, length);
            inPiece += length;
            if (inPiece >= PIECE_BYTES
                    || Duration.between(begun, clock.instant()).abs().compareTo(PIECE_TIME) >= 0) {
                endPiece();
                fenced(this::enter);
                ended = null;
            }
        }

        private BlobStore.Writer beginPiece() throws IOException {
            String next = nextKey();
            begun = clock.instant();
            if (pieces > 0) {
                database.change(tx -> BlobTable.enter(tx, next, job, attempt, 0, begun));
            }
            BlobStore.Writer writer = watch.call(() -> blobs.create(next));
            key = next;
            piece = writer;
            return writer;
        }

        /** The first one is entered with the output. */
        private String nextKey() {
            return "jobs/%s/%d/%d/%s/%d".formatted(job, attempt, generation, name, pieces);
        }

        private void endPiece() throws IOException {
            BlobStore.Writer open = piece;
            if (open != null && key != null) {
                watch.run(() -> {
                    open.commit();
                    open.close();
                });
                ended = new OutputTable.Piece(pieces, position, inPiece, key);
                piece = null;
                pieces++;
                position += inPiece;
                inPiece = 0;
            }
        }

        private void enter(Tx tx, long revision) {
            if (ended != null) {
                OutputTable.add(tx, job, name, ended, revision);
                BlobTable.measured(tx, ended.blob(), ended.bytes());
            }
        }

        private void drop() {
            try (BlobStore.Writer _ = piece) {
                piece = null;
            } catch (IOException left) {
                // The sweeper finds it: its key has been entered.
            }
        }

        private String sha256() {
            return Sha256.end(digest);
        }

        /** Whether the output is whole is not its writer's to say. */
        @Override
        public void close() {}
    }
}
