package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.storage.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Which idempotency keys have been used, and for what. A key is entered in the transaction that does what its request asks for, so that neither is there without the other. It
 * is its owner's, and is forgotten after a day, or with what it was used for.
 */
final class Answered {
    static final Duration KEPT = Duration.ofHours(24);
    /** Of a request that leaves nothing behind. */
    static final String NOTHING = "";

    private Answered() {}

    private record Entry(String fingerprint, String subject) {}

    /**
     * The id of what the request with the key was about or made; empty if there was none, or it is gone.
     *
     * @throws FlowError {@code KEY_REUSED} if that was another request
     */
    static Optional<String> subject(Handle sql, String owner, Idempotency key, Instant now) {
        Optional<Entry> entry = sql.createQuery("""
                        select fingerprint, subject from idempotency
                        where owner = :owner and key = :key and expires_at > :now
                            and (subject = '' or exists (select 1 from job where job.id = subject)
                                or exists (select 1 from upload where upload.id = subject))""")
                .bind("owner", owner)
                .bind("key", key.key())
                .bind("now", now.toEpochMilli())
                .map((row, _) -> new Entry(row.getString("fingerprint"), row.getString("subject")))
                .findOne();
        entry.filter(found -> !found.fingerprint().equals(key.fingerprint())).ifPresent(_ -> {
            throw FlowError.of(Code.KEY_REUSED, "The idempotency key was used for another request.")
                    .field("Idempotency-Key")
                    .advice("Use a new key for a new request, and the same one only to repeat a request exactly.");
        });
        return entry.map(Entry::subject);
    }

    /**
     * Whether this is the first request with its key, which is entered then; so is one without a key.
     *
     * @throws FlowError {@code KEY_REUSED}
     */
    static boolean isFirst(Tx tx, String owner, Optional<Idempotency> key, String subject, Instant now) {
        return key.isEmpty()
                || (subject(tx.sql(), owner, key.get(), now).isEmpty() && enter(tx, owner, key.get(), subject, now));
    }

    /** False if somebody else has used the key just now. What is out of date goes in a statement of its own, which sees either all of what another request did or nothing. */
    private static boolean enter(Tx tx, String owner, Idempotency key, String subject, Instant now) {
        tx.sql()
                .createUpdate("""
                        delete from idempotency
                        where owner = :owner and key = :key and (expires_at <= :now or subject <> ''
                            and not exists (select 1 from job where job.id = subject)
                            and not exists (select 1 from upload where upload.id = subject))""")
                .bind("owner", owner)
                .bind("key", key.key())
                .bind("now", now.toEpochMilli())
                .execute();
        return tx.sql()
                        .createUpdate("""
                        insert into idempotency (owner, key, fingerprint, subject, expires_at)
                        values (:owner, :key, :fingerprint, :subject, :expires)
                        on conflict do nothing""")
                        .bind("owner", owner)
                        .bind("key", key.key())
                        .bind("fingerprint", key.fingerprint())
                        .bind("subject", subject)
                        .bind("expires", now.plus(KEPT).toEpochMilli())
                        .execute()
                == 1;
    }
}
