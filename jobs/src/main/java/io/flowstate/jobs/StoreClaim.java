package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * Makes sure that a store for files belongs to one database, because what its database does not know is removed from it. The store says whose it is by a blob whose key has the
 * database's id.
 *
 * <p>Nodes may start at once. A node of another database looks for markers after it has written its own, and markers are not taken back: so of two databases at least
 * one sees the other, whatever a store can or cannot do in one step. When both do, both stay out until somebody has decided.
 */
public final class StoreClaim {
    private static final String MARKERS = "database/";
    private static final int PAGE = 200;

    private final Database database;
    private final BlobStore blobs;
    private final String marker;

    private StoreClaim(Database database, BlobStore blobs) {
        this.database = database;
        this.blobs = blobs;
        this.marker = MARKERS + id(database);
    }

    /**
     * Marks the store as the database's, unless it is so already. One without a mark is taken if it is empty or holds files of this database.
     *
     * @throws FlowError {@code BAD_CONFIG} if it belongs to another database; nothing of that one's has been changed
     * @throws IOException if the store cannot be read or written
     */
    public static void claim(Database database, BlobStore blobs) throws IOException {
        new StoreClaim(database, blobs).claim();
    }

    private void claim() throws IOException {
        if (isMarked()) {
            return;
        }
        if (!isEmpty() && !holdsOurs()) {
            throw refusal(
                    "holds files that this database does not know",
                    " If they are its own all the same, put an empty file or object \"%s\" into the store."
                            .formatted(marker));
        }
        try (BlobStore.Writer writer = blobs.create(marker)) {
            writer.write(
                    "The files of jobs and uploads here belong to this database of FlowState; what it does not know is removed.\n"
                            .getBytes(StandardCharsets.UTF_8));
            writer.commit();
        }
        if (!isMarked()) {
            throw new IOException("\"%s\" was written and is not there".formatted(marker));
        }
    }

    /** Whether the store is marked as ours. */
    private boolean isMarked() throws IOException {
        List<String> markers = keys(MARKERS, "", PAGE);
        List<String> others =
                markers.stream().filter(each -> !each.equals(marker)).toList();
        if (others.isEmpty()) {
            return !markers.isEmpty();
        }
        if (others.size() < markers.size()) {
            throw refusal(
                    "is claimed by several databases",
                    " If it is to be this one's, remove \"%s\" from it.".formatted(String.join("\", \"", others)));
        }
        throw refusal("belongs to another database: \"%s\" in it says so".formatted(others.getFirst()), "");
    }

    private boolean isEmpty() throws IOException {
        for (String folder : Sweeper.FOLDERS) {
            if (!keys(folder, "", 1).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private boolean holdsOurs() throws IOException {
        for (String folder : Sweeper.FOLDERS) {
            List<String> keys = keys(folder, "", PAGE);
            while (!keys.isEmpty()) {
                List<String> page = keys;
                if (database.read(sql -> BlobTable.isAnyOurs(sql, page))) {
                    return true;
                }
                keys = keys(folder, page.getLast(), PAGE);
            }
        }
        return false;
    }

    private List<String> keys(String prefix, String after, int atMost) throws IOException {
        return blobs.list(prefix, after, atMost).stream()
                .map(BlobStore.Entry::key)
                .toList();
    }

    private static FlowError refusal(String what, String otherwise) {
        return FlowError.of(Code.BAD_CONFIG, "The store for files %s.", what)
                .field("database.url")
                .advice(
                        "Correct database.url or data.folder if that is the wrong database, or give it a store of its own (blobs.s3_bucket, blobs.s3_prefix).%s",
                        otherwise);
    }

    private static String id(Database database) {
        String fresh = UUID.randomUUID().toString();
        database.change(
                tx -> tx.sql().execute("insert into database_id (id) values (?) on conflict do nothing", fresh));
        return database.read(sql -> sql.createQuery("select id from database_id")
                .mapTo(String.class)
                .one());
    }
}
