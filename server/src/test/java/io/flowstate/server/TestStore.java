package io.flowstate.server;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.jobs.Uploads;
import io.flowstate.jobs.UploadsConfig;
import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** What a server keeps, in a folder of its own. */
final class TestStore implements AutoCloseable {
    static final Duration KEEP = Duration.ofHours(24);
    static final long MOST_BYTES = 32 << 20;

    final Uploads uploads;
    final Path folder;
    final Database database;
    final BlobStore blobs;

    TestStore(Clock clock) {
        try {
            folder = Files.createTempDirectory("store");
            database = Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), clock);
            blobs = new DiskBlobs(folder.resolve("blobs"));
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
        uploads = new Uploads(database, blobs, new UploadsConfig(MOST_BYTES, KEEP, 4 * MOST_BYTES), new SecureRandom());
    }

    /** The bytes of an upload. */
    byte[] content(String upload) {
        List<String> pieces = database.read(
                sql -> sql.createQuery("select blob from upload_piece where upload_id = :id order by position")
                        .bind("id", upload)
                        .mapTo(String.class)
                        .list());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String piece : pieces) {
            try (InputStream from = blobs.read(piece, 0, Long.MAX_VALUE)) {
                from.transferTo(all);
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
        return all.toByteArray();
    }

    long uploads() {
        return count("select count(*) from upload");
    }

    /** Those that are being written included. */
    long blobs() {
        return count("select count(*) from blob");
    }

    private long count(String query) {
        return database.read(sql -> sql.createQuery(query).mapTo(long.class).one());
    }

    @Override
    public void close() {
        database.close();
        try {
            Spool.remove(folder);
        } catch (IOException stuck) {
            throw new UncheckedIOException(stuck);
        }
    }
}
