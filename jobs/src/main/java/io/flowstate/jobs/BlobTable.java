package io.flowstate.jobs;

import io.flowstate.storage.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Which blobs there are or may be. A key is entered before anything is written under it, so that whatever a dead node left can be found; it is struck out after the blob is
 * gone. The one exception is an input that is handed in: its key is entered with its job, in one transaction, and what a node that died before has left is found in the
 * store's own list; see {@link Sweeper#reconcile}.
 *
 * <p>A small input is kept in its row and not in the store at all: written in the transaction that enters its job, it needs no file or object that is made to last on its own, and
 * comes to whoever begins the job with the row of that.
 */
final class BlobTable {
    /** The attempt of what belongs to no single one: the job's input. */
    static final int INPUT = 0;
    /** The attempt of what one attempt leaves to the next. */
    static final int CHECKPOINT = -1;

    /** How long an input in its row may be. Beyond some pages of the database a file is better. */
    static final int MOST_IN_ROW = 32 << 10;

    /** In a query for jobs: the bytes of the input, if its row has them. */
    static final String INPUT_IN_ROW = "(select content from blob where key = job.input_blob) as input_content";

    private static final String GIVEN_UP = "select key, content is null as in_store from blob";

    private BlobTable() {}

    /** @param content empty if the store has it */
    static void enterInput(Tx tx, String key, String job, long bytes, Optional<byte[]> content, Instant now) {
        tx.sql()
                .createUpdate("""
                        insert into blob (key, job_id, attempt, bytes, content, created_at)
                        values (:key, :job, :attempt, :bytes, :content, :now)""")
                .bind("key", key)
                .bind("job", job)
                .bind("attempt", INPUT)
                .bind("bytes", bytes)
                .bind("content", content.orElse(null))
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /** The bytes of a blob that are in its row; empty if they are in the store, or nowhere. */
    static Optional<byte[]> content(Handle sql, String key) {
        return sql.createQuery("select content from blob where key = :key and content is not null")
                .bind("key", key)
                .mapTo(byte[].class)
                .findOne();
    }

    /** @param attempt that writes it, {@link #INPUT} or {@link #CHECKPOINT} */
    static void enter(Tx tx, String key, String job, int attempt, long bytes, Instant now) {
        tx.sql()
                .createUpdate("""
                        insert into blob (key, job_id, attempt, bytes, created_at)
                        values (:key, :job, :attempt, :bytes, :now)
                        on conflict do nothing""")
                .bind("key", key)
                .bind("job", job)
                .bind("attempt", attempt)
                .bind("bytes", bytes)
                .bind("now", now.toEpochMilli())
                .execute();
    }

    static void measured(Tx tx, String key, long bytes) {
        tx.sql().execute("update blob set bytes = ? where key = ?", bytes, key);
    }

    /** @param most bytes that it may get */
    static void enterForUpload(Tx tx, String key, String upload, long most, Instant now) {
        tx.sql()
                .createUpdate("""
                        insert into blob (key, upload_id, bytes, created_at) values (:key, :upload, :most, :now)""")
                .bind("key", key)
                .bind("upload", upload)
                .bind("most", most)
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /**
     * Notes that a blob is about to become a piece of its upload; false if it was taken for an orphan and given up meanwhile.
     *
     * @param now its age counts from here, so that whoever looks for orphans at the same moment leaves it alone
     */
    static boolean belongs(Tx tx, String key, long bytes, Instant now) {
        return tx.sql()
                        .execute(
                                "update blob set bytes = ?, created_at = ? where key = ? and not doomed",
                                bytes,
                                now.toEpochMilli(),
                                key)
                == 1;
    }

    static void strikeOut(Tx tx, String key) {
        tx.sql().execute("delete from blob where key = ?", key);
    }

    /** Gives all of a job's blobs up; the sweeper removes them. */
    static void doom(Tx tx, String job) {
        tx.sql().execute("update blob set doomed = true where job_id = ?", job);
    }

    /** Gives up what a job's attempts wrote, but not its input. */
    static void doomOutputs(Tx tx, String job) {
        tx.sql().execute("update blob set doomed = true where job_id = ? and attempt > 0", job);
    }

    /** Gives up what was left for a next attempt, because there will be none. */
    static void doomCheckpoint(Tx tx, String job) {
        tx.sql().execute("update blob set doomed = true where job_id = ? and attempt = ?", job, CHECKPOINT);
    }

    static void doomOne(Tx tx, String key) {
        tx.sql().execute("update blob set doomed = true where key = ?", key);
    }

    static void doomInput(Tx tx, String job) {
        tx.sql().execute("update blob set doomed = true where job_id = ? and attempt = ?", job, INPUT);
    }

    /** Gives an upload's pieces up, before they are forgotten. What is still being written is given up by its writer; see {@link #doomLoose}. */
    static void doomPieces(Tx tx, String upload) {
        tx.sql()
                .execute(
                        "update blob set doomed = true where key in (select blob from upload_piece where upload_id = ?)",
                        upload);
    }

    /**
     * Gives a blob up that did not become a piece of its upload. It is entered again if it was struck out meanwhile, because it may have been written after that.
     */
    static void doomLoose(Tx tx, String key, String upload, Instant now) {
        tx.sql()
                .createUpdate("""
                        insert into blob (key, upload_id, bytes, created_at, doomed) values (:key, :upload, 0, :now, true)
                        on conflict (key) do update set doomed = true
                            where not exists (select 1 from upload_piece where upload_piece.blob = excluded.key)""")
                .bind("key", key)
                .bind("upload", upload)
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /**
     * Gives up what belongs to nobody: blobs of uploads that are not a piece of them, blobs of jobs that are gone, of attempts that were superseded, and what attempts that are over have written and never entered as
     * a piece of an output, a checkpoint, or the job's input.
     *
     * @param from age of the oldest that is looked at
     * @param before younger ones are not looked at; they may be on their way
     */
    static void doomOrphans(Tx tx, Instant from, Instant before) {
        tx.sql()
                .createUpdate("""
                        update blob set doomed = true
                        where not doomed and created_at >= :from and created_at < :before and upload_id is not null
                            and not exists (select 1 from upload_piece where upload_piece.blob = blob.key)""")
                .bind("from", from.toEpochMilli())
                .bind("before", before.toEpochMilli())
                .execute();
        tx.sql()
                .createUpdate("""
                        update blob set doomed = true
                        where not doomed and created_at >= :from and created_at < :before and job_id is not null
                            and (not exists (select 1 from job where job.id = blob.job_id)
                                or attempt > 0 and exists (
                                    select 1 from job where job.id = blob.job_id
                                        and (job.attempt > blob.attempt
                                            or job.status <> 'running' and not exists (
                                                select 1 from piece where piece.job_id = blob.job_id and piece.blob = blob.key)))
                                or blob.attempt <= 0 and exists (
                                    select 1 from job where job.id = blob.job_id and job.status <> 'running'
                                        and (blob.attempt = -1 and job.checkpoint is null
                                            or blob.attempt = 0 and blob.key <> coalesce(job.input_blob, ''))))""")
                .bind("from", from.toEpochMilli())
                .bind("before", before.toEpochMilli())
                .execute();
    }

    /** Where a stretch of time ends that begins there and has about so many blobs; at the latest with {@code before}. */
    static Instant stretch(Handle sql, Instant from, Instant before, int blobs) {
        return sql.createQuery("""
                        select created_at from blob
                        where not doomed and created_at >= :from and created_at < :before
                        order by created_at limit 1 offset :blobs""")
                .bind("from", from.toEpochMilli())
                .bind("before", before.toEpochMilli())
                .bind("blobs", blobs)
                .mapTo(long.class)
                .findOne()
                .map(end -> Instant.ofEpochMilli(Math.max(end, from.toEpochMilli() + 1)))
                .orElse(before);
    }

    /** @param inStore whether the store may have it, too */
    record GivenUp(String key, boolean inStore) {}

    static List<GivenUp> doomed(Handle sql, int atMost) {
        return sql.createQuery(GIVEN_UP + " where doomed order by key limit :limit")
                .bind("limit", atMost)
                .map(BlobTable::givenUp)
                .list();
    }

    /** Those of a job that are given up. */
    static List<GivenUp> doomedOf(Handle sql, String job) {
        return sql.createQuery(GIVEN_UP + " where doomed and job_id = :job order by key")
                .bind("job", job)
                .map(BlobTable::givenUp)
                .list();
    }

    /** Those of an upload that are given up. */
    static List<GivenUp> doomedOfUpload(Handle sql, String upload) {
        return sql.createQuery(GIVEN_UP + " where doomed and upload_id = :upload order by key")
                .bind("upload", upload)
                .map(BlobTable::givenUp)
                .list();
    }

    private static GivenUp givenUp(ResultSet row, StatementContext context) throws SQLException {
        return new GivenUp(row.getString("key"), row.getBoolean("in_store"));
    }

    /** All bytes, those given up included until they are gone. */
    static long totalBytes(Handle sql) {
        return sql.createQuery("select coalesce(sum(bytes), 0) from blob")
                .mapTo(long.class)
                .one();
    }

    /** Those of some keys that are entered. */
    static Set<String> known(Handle sql, List<String> keys) {
        return sql.createQuery("select key from blob where key in (<keys>)")
                .bindList("keys", keys)
                .mapTo(String.class)
                .set();
    }

    /** Whether one of these keys, or the job or upload that it speaks of, is known. */
    static boolean isAnyOurs(Handle sql, List<String> keys) {
        return sql.createQuery("""
                        select exists (select 1 from blob where key in (<keys>))
                            or exists (select 1 from job where id in (<owners>))
                            or exists (select 1 from upload where id in (<owners>))""")
                .bindList("keys", keys)
                .bindList(
                        "owners",
                        keys.stream()
                                .map(key -> key.split("/", 3)[1])
                                .distinct()
                                .toList())
                .mapTo(boolean.class)
                .one();
    }
}
