package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.storage.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Which idempotency keys have been used, and for what. A key is its owner's, and is forgotten after a day. */
final class Answered {
    static final Duration KEPT = Duration.ofHours(24);

    private Answered() {}

    private record Entry(String fingerprint, String job) {}

    /**
     * The job that was submitted under the key.
     *
     * @throws FlowError {@code KEY_REUSED} if what was submitted was something else
     */
    static Optional<String> job(Handle sql, String owner, Submission.Idempotency key, Instant now) {
        Optional<Entry> entry = sql.createQuery("""
                        select fingerprint, job_id from idempotency
                        where owner = :owner and key = :key and expires_at > :now""")
                .bind("owner", owner)
                .bind("key", key.key())
                .bind("now", now.toEpochMilli())
                .map((row, _) -> new Entry(row.getString("fingerprint"), row.getString("job_id")))
                .findOne();
        entry.filter(found -> !found.fingerprint().equals(key.fingerprint())).ifPresent(_ -> {
            throw FlowError.of(Code.KEY_REUSED, "The idempotency key was used for another request.")
                    .field("Idempotency-Key")
                    .advice("Use a new key for a new request, and the same one only to repeat a request exactly.");
        });
        return entry.map(Entry::job);
    }

    /** Whether the key was free, as it also is when its job was removed; somebody else may have used it just now. */
    static boolean enter(Tx tx, String owner, Submission.Idempotency key, String job, Instant now) {
        tx.sql()
                .createUpdate("""
                        delete from idempotency
                        where owner = :owner and key = :key and (expires_at <= :now
                            or not exists (select 1 from job where job.id = idempotency.job_id))""")
                .bind("owner", owner)
                .bind("key", key.key())
                .bind("now", now.toEpochMilli())
                .execute();
        return tx.sql()
                        .createUpdate("""
                        insert into idempotency (owner, key, fingerprint, job_id, expires_at)
                        values (:owner, :key, :fingerprint, :job, :expires)
                        on conflict do nothing""")
                        .bind("owner", owner)
                        .bind("key", key.key())
                        .bind("fingerprint", key.fingerprint())
                        .bind("job", job)
                        .bind("expires", now.plus(KEPT).toEpochMilli())
                        .execute()
                == 1;
    }
}
