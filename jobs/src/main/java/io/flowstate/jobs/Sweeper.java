package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what has had its time: inputs, outputs, jobs, uploads, keys, and blobs that belong to nobody. Any number of nodes may do this at once, and each step may be cut off: rows say
 * that a blob is given up before it is removed, and are struck out after. Used by one thread at a time on each node.
 */
final class Sweeper {
    private static final Logger log = LoggerFactory.getLogger(Sweeper.class);
    static final int BATCH = 200;
    /** Of blobs among which orphans are looked for; the database can be written to in between. */
    static final int LOOKED_AT_ONCE = 500;

    /** Where blobs lie. What else the store has is not ours to look at. */
    static final List<String> FOLDERS = List.of("jobs/", "uploads/");

    /** How old a blob must be before it counts as left behind: its writer may be about to enter it. */
    static final Duration ON_ITS_WAY = Duration.ofHours(1);

    private static final Duration EXPIRED_UPLOAD_KNOWN = Duration.ofDays(7);
    private static final Duration UNFINISHED = Duration.ofDays(1);

    private final Database database;
    private final BlobStore blobs;
    private final Doomed doomed;
    private final Duration keepJob;

    /** Up to when outputs and orphans have been looked for. What is older was dealt with then, or when the job that it belongs to went on; {@link #reconcile} begins again. */
    private Instant outputsFrom = Instant.EPOCH;

    private Instant orphansFrom = Instant.EPOCH;

    /** @param keepJob how long a job is known after its end */
    Sweeper(Database database, BlobStore blobs, Duration keepJob) {
        this.database = database;
        this.blobs = blobs;
        this.doomed = new Doomed(database, blobs);
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
        doomOrphans(now.minus(onItsWay));
        database.change(tx -> tx.sql().execute("delete from idempotency where expires_at <= ?", now.toEpochMilli()));
        removeDoomed();
        try {
            blobs.sweepUnfinished(FOLDERS, now.minus(UNFINISHED));
        } catch (IOException refused) {
            log.warn("unfinished blobs could not be removed; the next sweep tries again: {}", refused.toString());
        }
    }

    /** Does something with all that a question finds, batch by batch; what has been dealt with is not found again. Ends early when the thread is to end. */
    private void forAll(Function<Handle, List<String>> due, Consumer<String> work) {
        List<String> batch;
        do {
            batch = database.read(due);
            batch.forEach(work);
        } while (batch.size() == BATCH && !Thread.currentThread().isInterrupted());
    }

    private void expireOutputs(Instant now) {
        Instant from = outputsFrom;
        forAll(
                sql -> sql.createQuery("""
                                select id from job
                                where expires_at >= :from and expires_at <= :now
                                    and exists (select 1 from piece where piece.job_id = job.id)
                                order by expires_at limit :limit""")
                        .bind("from", from.toEpochMilli())
                        .bind("now", now.toEpochMilli())
                        .bind("limit", BATCH)
                        .mapTo(String.class)
                        .list(),
                job -> {
                    database.change(tx -> {
                        tx.sql().execute("update job set revision = revision + 1 where id = ?", job);
                        OutputTable.expire(tx, job);
                        BlobTable.doomOutputs(tx, job);
                        tx.signal(JobTable.topic(job));
                    });
                    log.info("{}: its outputs have expired", job);
                });
        // A transaction that ended a job may be seen some time after the moment that it wrote down.
        outputsFrom = now.minus(ON_ITS_WAY);
    }

    /** An input is kept as long as its job may need it, whatever its time. */
    private void expireInputs(Instant now) {
        forAll(
                sql -> sql.createQuery("""
                                select id from job
                                where finished_at is not null and input_blob is not null and created_at + keep_input_millis <= :now
                                order by created_at + keep_input_millis limit :limit""")
                        .bind("now", now.toEpochMilli())
                        .bind("limit", BATCH)
                        .mapTo(String.class)
                        .list(),
                job -> database.change(tx -> {
                    int changed = tx.sql()
                            .execute(
                                    "update job set input_blob = null, revision = revision + 1 where id = ? and finished_at is not null",
                                    job);
                    if (changed == 1) {
                        BlobTable.doomInput(tx, job);
                        tx.signal(JobTable.topic(job));
                    }
                }));
    }

    /** Not if somebody has it tried again at this moment. */
    private void forgetJobs(Instant now) {
        String isOver = "finished_at <= :before and expires_at <= :now";
        long before = now.minus(keepJob).toEpochMilli();
        forAll(
                sql -> sql.createQuery("select id from job where " + isOver + " order by finished_at limit :limit")
                        .bind("before", before)
                        .bind("now", now.toEpochMilli())
                        .bind("limit", BATCH)
                        .mapTo(String.class)
                        .list(),
                job -> database.change(tx -> {
                    int forgotten = tx.sql()
                            .createUpdate("delete from job where id = :job and " + isOver)
                            .bind("job", job)
                            .bind("before", before)
                            .bind("now", now.toEpochMilli())
                            .execute();
                    if (forgotten == 1) {
                        BlobTable.doom(tx, job);
                    }
                }));
    }

    private void expireUploads(Instant now) {
        forAll(
                sql -> UploadTable.expired(sql, now, BATCH),
                upload -> database.change(tx -> {
                    if (UploadTable.sweep(tx, upload, now)) {
                        BlobTable.doomPieces(tx, upload);
                        UploadTable.deletePieces(tx, upload);
                    }
                }));
        database.change(tx -> UploadTable.forget(tx, now.minus(EXPIRED_UPLOAD_KNOWN)));
    }

    private void doomOrphans(Instant before) {
        while (orphansFrom.isBefore(before) && !Thread.currentThread().isInterrupted()) {
            Instant from = orphansFrom;
            Instant to = database.read(sql -> BlobTable.stretch(sql, from, before, LOOKED_AT_ONCE));
            database.change(tx -> BlobTable.doomOrphans(tx, from, to));
            orphansFrom = to;
        }
    }

    private void removeDoomed() {
        while (true) {
            List<BlobTable.GivenUp> batch = database.read(sql -> BlobTable.doomed(sql, BATCH));
            try {
                doomed.remove(batch);
            } catch (IOException refused) {
                log.warn("blobs could not be removed; the next sweep tries again: {}", refused.toString());
                return;
            }
            if (batch.size() < BATCH) {
                return;
            }
        }
    }

    /**
     * Removes blobs that no row knows: a node that was paused while its job went to another may finish writing one after its row was struck out. Reads the whole list of
     * the store, so it is done seldom. The next sweep looks at everything that is entered, too.
     */
    void reconcile() throws IOException {
        reconcile(ON_ITS_WAY);
    }

    /** @param onItsWay for tests, which know that nobody writes */
    void reconcile(Duration onItsWay) throws IOException {
        Instant before = database.clock().instant().minus(onItsWay);
        outputsFrom = Instant.EPOCH;
        orphansFrom = Instant.EPOCH;
        for (String prefix : FOLDERS) {
            reconcile(prefix, before);
        }
    }

    private void reconcile(String prefix, Instant before) throws IOException {
        List<BlobStore.Entry> batch = new ArrayList<>();
        blobs.each(prefix, entry -> {
            batch.add(entry);
            if (batch.size() == BATCH) {
                removeUnknown(batch, before);
                batch.clear();
            }
        });
        removeUnknown(batch, before);
    }

    private void removeUnknown(List<BlobStore.Entry> entries, Instant before) throws IOException {
        if (entries.isEmpty()) {
            return;
        }
        List<String> keys = entries.stream().map(BlobStore.Entry::key).toList();
        Set<String> known = database.read(sql -> BlobTable.known(sql, keys));
        for (BlobStore.Entry entry : entries) {
            if (!known.contains(entry.key()) && entry.written().isBefore(before)) {
                log.info("{} belongs to nothing and is removed", entry.key());
                blobs.delete(entry.key());
            }
        }
    }
}
