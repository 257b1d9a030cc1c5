package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.DiskFull;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one request adds to an upload. Used by one thread.
 *
 * <p>It goes into the store in pieces. Each is entered, and the upload moves on by it, as soon as it is whole: after {@link #PIECE_BYTES}, or after {@link #PIECE_TIME} if that
 * is sooner. When the request ends early, {@link #close} makes a last piece of what came. With a checksum none is entered before {@link #finish} has found it right.
 */
public final class UploadAppend extends OutputStream {
    static final int PIECE_BYTES = 8 << 20;
    static final Duration PIECE_TIME = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(UploadAppend.class);

    private final Database database;
    private final BlobStore blobs;
    private final UploadsConfig config;
    private final Ids ids;
    private final Room room;
    private final UploadState upload;
    private final Optional<Checksum> checksum;
    private final @Nullable MessageDigest digest;
    /** Keys under which something may have been written that is not entered. */
    private final List<String> loose = new ArrayList<>();
    /** In the store and not yet entered. */
    private final List<UploadTable.Piece> ended = new ArrayList<>();

    private BlobStore.@Nullable Writer piece;
    private Instant begun = Instant.EPOCH;
    private long inPiece;
    /** The upload's, as far as it is entered. */
    private long entered;
    /** Where the present piece begins. */
    private long position;

    private boolean over;

    UploadAppend(
            Database database,
            BlobStore blobs,
            UploadsConfig config,
            Ids ids,
            Room room,
            UploadState upload,
            Optional<Checksum> checksum) {
        this.database = database;
        this.blobs = blobs;
        this.config = config;
        this.ids = ids;
        this.room = room;
        this.upload = upload;
        this.checksum = checksum;
        this.digest = checksum.map(sum -> sum.algorithm().digest()).orElse(null);
        this.entered = upload.offset();
        this.position = upload.offset();
    }

    @Override
    public void write(int single) {
        write(new byte[] {(byte) single}, 0, 1);
    }

    /** @throws FlowError {@code TOO_LARGE} past the upload's length; {@code CONFLICT} if somebody else has moved the upload on; or the store's trouble */
    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (length > upload.length() - position - inPiece) {
            throw FlowError.of(Code.TOO_LARGE, "More bytes came than the upload is to have: %d.", upload.length())
                    .advice("Begin a new upload with the right Upload-Length.");
        }
        guarded(() -> {
            int done = 0;
            while (done < length) {
                BlobStore.Writer into = piece == null ? beginPiece() : piece;
                int some = (int) Math.min(length - done, PIECE_BYTES - inPiece);
                into.write(bytes, offset + done, some);
                done += some;
                inPiece += some;
                if (inPiece == PIECE_BYTES || isOld()) {
                    endPiece();
                }
            }
            if (digest != null) {
                digest.update(bytes, offset, length);
            }
        });
    }

    /**
     * Says that all of the request came.
     *
     * @return the upload as it is now
     * @throws FlowError {@code CHECKSUM_MISMATCH}, and the upload is as it was before
     */
    public UploadState finish() {
        guarded(() -> {
            requireChecksum();
            endPiece();
            enter();
        });
        over = true;
        return Uploads.find(database, upload.owner(), upload.id());
    }

    /** Keeps what came if nothing vouches for more, unless it has failed or is finished. */
    @Override
    public void close() {
        try {
            if (!over && checksum.isEmpty()) {
                guarded(this::endPiece);
            }
        } finally {
            over = true;
            drop();
        }
    }

    private boolean isOld() {
        return Duration.between(begun, database.clock().instant()).compareTo(PIECE_TIME) >= 0;
    }

    private void requireChecksum() {
        if (digest == null || checksum.isEmpty()) {
            return;
        }
        String sum = HexFormat.of().formatHex(digest.digest());
        if (!sum.equals(checksum.get().hex())) {
            throw FlowError.of(
                            Code.CHECKSUM_MISMATCH,
                            "The %s of the bytes that came is not the one announced; they are dropped.",
                            checksum.get().algorithm().id())
                    .field("Upload-Checksum")
                    .advice("Send the same part again, from byte %d.", upload.offset());
        }
    }

    private BlobStore.Writer beginPiece() throws IOException {
        long most = Math.min(PIECE_BYTES, upload.length() - position);
        String key = "uploads/%s/%s".formatted(upload.id(), ids.next("piece"));
        begun = database.clock().instant();
        room.take(most);
        database.change(tx -> BlobTable.enterForUpload(tx, key, upload.id(), most, begun));
        loose.add(key);
        BlobStore.Writer writer = blobs.create(key);
        piece = writer;
        return writer;
    }

    private void endPiece() throws IOException {
        BlobStore.Writer open = piece;
        if (open == null) {
            return;
        }
        piece = null;
        try (open) {
            open.commit();
        }
        ended.add(new UploadTable.Piece(position, inPiece, loose.getLast()));
        position += inPiece;
        inPiece = 0;
        if (checksum.isEmpty()) {
            enter();
        }
    }

    private void enter() {
        if (ended.isEmpty()) {
            return;
        }
        boolean advanced = database.write(tx -> {
            Instant now = database.clock().instant();
            if (!UploadTable.advance(tx, upload.id(), entered, position, now, now.plus(config.keep()))) {
                return false;
            }
            for (UploadTable.Piece each : ended) {
                if (!BlobTable.belongs(tx, each.blob(), each.bytes(), now)) {
                    throw tooSlow();
                }
                UploadTable.add(tx, upload.id(), each);
            }
            return true;
        });
        if (!advanced) {
            throw elsewhere(Uploads.find(database, upload.owner(), upload.id()));
        }
        ended.forEach(each -> loose.remove(each.blob()));
        ended.clear();
        entered = position;
    }

    static FlowError elsewhere(UploadState now) {
        return FlowError.of(Code.CONFLICT, "The upload is at byte %d of %d.", now.offset(), now.length())
                .field("Upload-Offset")
                .advice("Ask where it is (HEAD /v1/uploads/%s), and go on from there.", now.id());
    }

    private static FlowError tooSlow() {
        return FlowError.of(Code.CONFLICT, "The bytes took so long to come that they were given up.")
                .advice("Send them again in smaller parts.");
    }

    /** A step that the store or the database may refuse; after that this has failed for good. */
    private interface Step {
        void run() throws IOException;
    }

    private void guarded(Step step) {
        boolean done = false;
        try {
            step.run();
            done = true;
        } catch (IOException refused) {
            throw unkept(refused);
        } finally {
            over = over || !done;
        }
    }

    static FlowError unkept(IOException refused) {
        FlowError error = DiskFull.isReasonOf(refused)
                ? FlowError.of(Code.DISK_FULL, "The disk for files is full.")
                        .advice("Go on with the upload when the server's operator has made room.")
                : FlowError.of(Code.STORE_UNAVAILABLE, "The store for files cannot be used at the moment.")
                        .retryAfter(Duration.ofSeconds(5))
                        .advice("Try again soon; the log of the server has the reason.");
        return error.causedBy(refused);
    }

    /** Gives up what is not entered. Whether it is, is asked again: a commit may have succeeded without our hearing of it. */
    private void drop() {
        try (BlobStore.Writer _ = piece) {
            piece = null;
            if (!loose.isEmpty()) {
                Instant now = database.clock().instant();
                database.change(tx -> loose.forEach(key -> BlobTable.doomLoose(tx, key, upload.id(), now)));
            }
        } catch (IOException | FlowError left) {
            log.debug("{}: what is left over stays for the sweeper: {}", upload.id(), left.toString());
        }
    }
}
