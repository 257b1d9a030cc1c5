package io.flowstate.jobs;

import io.flowstate.storage.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * Which blobs there are or may be. A key is entered before anything is written under it, so that whatever a dead node left can be found; it is struck out after the blob is
 * gone.
 */
final class BlobTable {
    /** The attempt of what belongs to no single one: the job's input. */
    static final int INPUT = 0;
    /** The attempt of what one attempt leaves to the next. */
    static final int CHECKPOINT = -1;

    private BlobTable() {}

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

    /**
     * Gives up what belongs to nobody: blobs of jobs that are gone, of attempts that were superseded, and what attempts that are over have written and never entered as
     * a piece of an output.
     *
     * @param before younger ones may be on their way
     */
    static int doomOrphans(Tx tx, Instant before) {
        return tx.sql().createUpdate("""
                        update blob set doomed = true
                        where not doomed and created_at < :before and job_id is not null
                            and (not exists (select 1 from job where job.id = blob.job_id)
                                or attempt > 0 and exists (
                                    select 1 from job where job.id = blob.job_id
                                        and (job.attempt > blob.attempt
                                            or job.status <> 'running' and not exists (
                                                select 1 from piece where piece.job_id = blob.job_id and piece.blob = blob.key))))""").bind("before", before.toEpochMilli()).execute();
    }

    static List<String> doomed(Handle sql, int atMost) {
        return sql.createQuery("select key from blob where doomed order by key limit :limit")
                .bind("limit", atMost)
                .mapTo(String.class)
                .list();
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
}
