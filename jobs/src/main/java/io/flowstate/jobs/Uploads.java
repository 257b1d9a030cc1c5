package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Files that come in several requests, over connections that may break, through any node. A finished one can be the input of jobs until it expires. Thread-safe; calls block.
 *
 * <p>An upload is a row that says how far it is, and pieces in the store. Nobody locks it: a request writes its pieces under names of their own, and each is entered if the
 * upload is still where the request found it. So a connection that is dead without anybody knowing holds nobody up, and of two that write at one place one gets on.
 */
public final class Uploads {
    private final Database database;
    private final BlobStore blobs;
    private final UploadsConfig config;
    private final Ids ids;
    private final Room room;
    private final Doomed doomed;

    /** @param random names uploads; nobody should be able to guess what it gives next */
    public Uploads(Database database, BlobStore blobs, UploadsConfig config, RandomGenerator random) {
        this.database = database;
        this.blobs = blobs;
        this.config = config;
        this.room = new Room(database, config.maxBytes());
        this.doomed = new Doomed(database, blobs);
        this.ids = new Ids(database.clock(), random);
    }

    /** How many bytes an upload may have. */
    public long maxUploadBytes() {
        return config.maxUploadBytes();
    }

    /** Begins an upload without a key. */
    public UploadState create(String owner, long length, String metadata) {
        return create(owner, length, metadata, Optional.empty());
    }

    /**
     * Begins an upload.
     *
     * @param length how many bytes will come
     * @param metadata what its sender says of it
     * @param key a repeated request gives the upload that the first one began, wherever it is by now
     * @throws FlowError {@code TOO_LARGE}, {@code KEY_REUSED}, or {@code STORE_FULL} if there is no room for so much at the moment
     */
    public UploadState create(String owner, long length, String metadata, Optional<Idempotency> key) {
        Optional<UploadState> before = key.flatMap(same -> earlier(owner, same));
        if (before.isPresent()) {
            return before.get();
        }
        if (length > config.maxUploadBytes()) {
            throw FlowError.of(
                            Code.TOO_LARGE,
                            "The upload would have %d bytes; at most %d are taken.",
                            length,
                            config.maxUploadBytes())
                    .field("Upload-Length")
                    .advice("Send less, or compressed audio such as FLAC.");
        }
        String id = ids.next("upl");
        room.require(length);
        Instant now = database.clock().instant();
        UploadState upload = new UploadState(id, owner, length, 0, metadata, now.plus(config.keep()));
        boolean isFirst = database.write(tx -> {
            boolean first = Answered.isFirst(tx, owner, key, id, now);
            if (first) {
                UploadTable.insert(tx, upload, now);
            }
            return first;
        });
        return isFirst ? upload : key.flatMap(same -> earlier(owner, same)).orElseThrow();
    }

    private Optional<UploadState> earlier(String owner, Idempotency key) {
        return database.read(sql ->
                Answered.subject(sql, owner, key, database.clock().instant()).flatMap(id -> UploadTable.find(sql, id)));
    }

    /** @throws FlowError {@code NOT_FOUND} if there is no such upload, or it is somebody else's; {@code EXPIRED} */
    public UploadState find(String owner, String id) {
        return find(database, owner, id);
    }

    static UploadState find(Database database, String owner, String id) {
        UploadState upload = database.read(sql -> UploadTable.find(sql, id))
                .filter(found -> found.owner().equals(owner))
                .orElseThrow(() -> FlowError.of(Code.NOT_FOUND, "There is no upload %s.", id)
                        .advice("POST /v1/uploads begins a new one."));
        if (!upload.expires().isAfter(database.clock().instant())) {
            throw expired(id);
        }
        return upload;
    }

    static FlowError expired(String id) {
        return FlowError.of(Code.EXPIRED, "The upload %s is no longer kept.", id)
                .advice("Upload the file again; Upload-Expires says how long it is kept.");
    }

    /**
     * Goes on with an upload. The caller writes what comes, and says when that was all.
     *
     * @param offset where the sender thinks the upload is
     * @param checksum of what is to come; without the right one none of it counts
     * @throws FlowError {@code CONFLICT} if the upload is elsewhere; as {@link #find} besides
     */
    public UploadAppend append(String owner, String id, long offset, Optional<Checksum> checksum) {
        UploadState upload = find(owner, id);
        if (upload.offset() != offset) {
            throw UploadAppend.elsewhere(upload);
        }
        return new UploadAppend(database, blobs, config, ids, room, upload, checksum);
    }

    /** Removes an upload; jobs that have begun with it have their own copy. */
    public void remove(String owner, String id) {
        UploadState upload = find(owner, id);
        List<BlobTable.GivenUp> pieces = database.write(tx -> {
            UploadTable.close(tx, upload.id());
            BlobTable.doomPieces(tx, upload.id());
            UploadTable.delete(tx, upload.id());
            return BlobTable.doomedOfUpload(tx.sql(), upload.id());
        });
        doomed.tryToRemove(pieces);
    }
}
