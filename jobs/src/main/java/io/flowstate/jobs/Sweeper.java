package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what has had its time: inputs, outputs, jobs, uploads, keys, and blobs that belong to nobody. Any number of nodes may do this at once, and each step may be cut off: rows say
 * that a blob is given up before it is removed, and are struck out after. Used by one thread at a time on each node.
 */
final class Sweeper {
    private static final Logger log = LoggerFactory.getLogger(Sweeper.class);
    private static final int BATCH = 200;

    /** Where blobs lie. What else the store has is not ours to look at. */
    static final List<String> FOLDERS = List.of("jobs/", "uploads/");

    /** How old a blob must be before it counts as left behind: its writer may be about to enter it. */
    static final Duration ON_ITS_WAY = Duration.ofHours(1);

    private static final Duration EXPIRED_UPLOAD_KNOWN = Duration.ofDays(7);
    private static final Duration UNFINISHED = Duration.ofDays(1);

    private final Database database;
    private final BlobStore blobs;
    private final Duration keepJob;

    /** @param keepJob how long a job is known after its end */
    Sweeper(Database database, BlobStore blobs, Duration keepJob) {
        this.database = database;
        this.blobs = blobs;
        this.keepJob = keepJob;
    }

    /** Goes through everything once. */
    void sweep() {
        sweep(ON_ITS_WAY);
    }

    /** @param onItsWay for tests, which know that nobody writes */
    void sweep(Duration onItsWay) {
        Instant now = database.clock().instant();
        expireOutputs(now);
        expireInputs(now);
        forgetJobs(now);
        expireUploads(now);
        database.change(tx -> {
            BlobTable.doomOrphans(tx, now.minus(onItsWay));
            tx.sql().execute("delete from idempotency where expires_at <= ?", now.toEpochMilli());
        });
        removeDoomed();
        try {
            blobs.sweepUnfinished(now.minus(UNFINISHED));
        } catch (IOException refused) {
            log.warn("unfinished blobs could not be removed; the next sweep tries again: {}", refused.toString());
        }
    }

    private void expireOutputs(Instant now) {
        List<String> expired = database.read(sql -> sql.createQuery("""
                        select id from job
                        where expires_at <= :now and exists (select 1 from piece where piece.job_id = job.id)
                        order by expires_at limit :limit""")
                .bind("now", now.toEpochMilli())
                .bind("limit", BATCH)
                .mapTo(String.class)
                .list());
        for (String job : expired) {
            database.change(tx -> {
                OutputTable.expire(tx, job);
                BlobTable.doomOutputs(tx, job);
                tx.sql().execute("update job set revision = revision + 1 where id = ?", job);
                tx.signal(JobTable.topic(job));
            });
            log.info("{}: its outputs have expired", job);
        }
    }

    /** An input is kept as long as its job may need it, whatever its time. */
    private void expireInputs(Instant now) {
        List<String> expired = database.read(sql -> sql.createQuery("""
                        select id from job
                        where finished_at is not null and input_blob is not null and created_at + keep_input_millis <= :now
                        limit :limit""")
                .bind("now", now.toEpochMilli())
                .bind("limit", BATCH)
                .mapTo(String.class)
                .list());
        for (String job : expired) {
            database.change(tx -> {
                int changed = tx.sql()
                        .execute(
                                "update job set input_blob = null, revision = revision + 1 where id = ? and finished_at is not null",
                                job);
                if (changed == 1) {
                    BlobTable.doomInput(tx, job);
                    tx.signal(JobTable.topic(job));
                }
            });
        }
    }

    private void forgetJobs(Instant now) {
        List<String> old = database.read(sql -> sql.createQuery("""
                        select id from job where finished_at <= :before and expires_at <= :now limit :limit""")
                .bind("before", now.minus(keepJob).toEpochMilli())
                .bind("now", now.toEpochMilli())
                .bind("limit", BATCH)
                .mapTo(String.class)
                .list());
        for (String job : old) {
            database.change(tx -> {
                BlobTable.doom(tx, job);
                tx.sql().execute("delete from job where id = ?", job);
            });
        }
    }

    private void expireUploads(Instant now) {
        for (String upload : database.read(sql -> UploadTable.expired(sql, now, BATCH))) {
            database.change(tx -> {
                if (UploadTable.sweep(tx, upload, now)) {
                    BlobTable.doomPieces(tx, upload);
                    UploadTable.deletePieces(tx, upload);
                }
            });
        }
        database.change(tx -> UploadTable.forget(tx, now.minus(EXPIRED_UPLOAD_KNOWN)));
    }

    private void removeDoomed() {
        while (true) {
            List<String> keys = database.read(sql -> BlobTable.doomed(sql, BATCH));
            for (String key : keys) {
                try {
                    blobs.delete(key);
                } catch (IOException refused) {
                    log.warn("{} could not be removed; the next sweep tries again: {}", key, refused.toString());
                    return;
                }
                database.change(tx -> BlobTable.strikeOut(tx, key));
            }
            if (keys.size() < BATCH) {
                return;
            }
        }
    }

    /**
     * Removes blobs that no row knows: a node that was paused while its job went to another may finish writing one after its row was struck out. Reads the whole list of
     * the store, so it is done seldom.
     */
    void reconcile() throws IOException {
        reconcile(ON_ITS_WAY);
    }

    /** @param onItsWay for tests, which know that nobody writes */
    void reconcile(Duration onItsWay) throws IOException {
        Instant before = database.clock().instant().minus(onItsWay);
        for (String prefix : FOLDERS) {
            reconcile(prefix, before);
        }
    }

    private void reconcile(String prefix, Instant before) throws IOException {
        String after = "";
        while (true) {
            List<BlobStore.Entry> page = blobs.list(prefix, after, BATCH);
            if (page.isEmpty()) {
                return;
            }
            List<String> keys = page.stream().map(BlobStore.Entry::key).toList();
            Set<String> known = database.read(sql -> BlobTable.known(sql, keys));
            for (BlobStore.Entry entry : page) {
                if (!known.contains(entry.key()) && entry.written().isBefore(before)) {
                    log.info("{} belongs to nothing and is removed", entry.key());
                    blobs.delete(entry.key());
                }
            }
            after = keys.getLast();
        }
    }
}
