package io.flowstate.jobs;

import io.flowstate.core.FlowError;
import io.flowstate.jobs.webhook.WebhookSecret;
import io.flowstate.storage.Database;
import io.flowstate.storage.Tx;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The secrets that messages are signed with, the same for all nodes on a database. There is always one in use; while it replaces another one, messages are signed with both.
 * Thread-safe; calls block.
 */
public final class WebhookSecrets {
    /** How long a secret that has been replaced is still signed with, so that receivers can change over. */
    public static final Duration OVERLAP = Duration.ofHours(24);

    private final Database database;
    private final SecureRandom random;

    public WebhookSecrets(Database database, SecureRandom random) {
        this.database = database;
        this.random = random;
    }

    /** The one in use, which receivers should know. The first call on a database makes it. */
    public WebhookSecret current() {
        return valid().getFirst();
    }

    /** All that are valid now, the newest first. */
    List<WebhookSecret> valid() {
        List<WebhookSecret> known = read();
        if (!known.isEmpty()) {
            return known;
        }
        database.change(tx -> add(tx, database.clock().instant()));
        return read();
    }

    /** Until when messages are signed with another one as well; empty if there is just the one in use. */
    public Optional<Instant> overlap() {
        return database.read(sql -> sql.createQuery(
                        "select max(retires_at) from secret where name = 'webhook' and retires_at > :now")
                .bind("now", database.clock().millis())
                .mapTo(Long.class)
                .findOne()
                .map(Instant::ofEpochMilli));
    }

    /** Puts a new one in use without a key. */
    public WebhookSecret rotate() {
        return rotate("", Optional.empty());
    }

    /**
     * Puts a new one in use; the one before stays valid for {@link #OVERLAP}.
     *
     * @param key a repeated request changes nothing
     * @throws FlowError {@code KEY_REUSED}
     */
    public WebhookSecret rotate(String owner, Optional<Idempotency> key) {
        database.change(tx -> {
            Instant now = database.clock().instant();
            if (!Answered.isFirst(tx, owner, key, Answered.NOTHING, now)) {
                return;
            }
            tx.sql()
                    .execute(
                            "update secret set retires_at = ? where name = 'webhook' and retires_at is null",
                            now.plus(OVERLAP).toEpochMilli());
            tx.sql().execute("delete from secret where name = 'webhook' and retires_at <= ?", now.toEpochMilli());
            add(tx, now);
        });
        return current();
    }

    /** Nothing happens if another node has just done it: an index allows one in use. */
    private void add(Tx tx, Instant now) {
        tx.sql()
                .execute(
                        "insert into secret (name, value, created_at) values ('webhook', ?, ?) on conflict do nothing",
                        WebhookSecret.generate(random).text().value(),
                        now.toEpochMilli());
    }

    private List<WebhookSecret> read() {
        return database.read(sql -> sql.createQuery("""
                        select value from secret
                        where name = 'webhook' and (retires_at is null or retires_at > :now)
                        order by case when retires_at is null then 0 else 1 end, retires_at desc""")
                .bind("now", database.clock().millis())
                .mapTo(String.class)
                .map(WebhookSecret::parse)
                .list());
    }
}
