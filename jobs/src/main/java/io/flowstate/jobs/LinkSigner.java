package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.storage.Database;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs addresses, so that whoever is given one may read what is there until a certain time, and nothing else. All nodes on a database share its key (HMAC-SHA-256).
 * Thread-safe.
 */
public final class LinkSigner {
    private static final String NAME = "links";
    private static final int KEY_BYTES = 32;

    private final Database database;
    private final SecretKeySpec key;

    /** @param random makes the key when the database has none yet */
    public LinkSigner(Database database, SecureRandom random) {
        this.database = database;
        byte[] fresh = new byte[KEY_BYTES];
        random.nextBytes(fresh);
        // The first key stays: of nodes that start together one wins.
        database.change(tx -> tx.sql()
                .execute(
                        "insert into secret (name, value, created_at) values (?, ?, ?) on conflict do nothing",
                        NAME,
                        Base64.getEncoder().encodeToString(fresh),
                        database.clock().millis()));
        String value = database.read(sql -> sql.createQuery("select value from secret where name = :name")
                .bind("name", NAME)
                .mapTo(String.class)
                .one());
        this.key = new SecretKeySpec(Base64.getDecoder().decode(value), "HmacSHA256");
    }

    /** A path with what makes it valid for anybody until then. */
    public record Link(String href, Instant until) {}

    /** The path, valid for so long by the database's clock, by which every node checks it. */
    public Link sign(String path, Duration lasting) {
        // It has whole seconds, and is never shorter than was asked.
        Instant until = database.clock().instant().plus(lasting).plusMillis(999).truncatedTo(ChronoUnit.SECONDS);
        long seconds = until.getEpochSecond();
        return new Link("%s?expires=%d&signature=%s".formatted(path, seconds, signature(path, seconds)), until);
    }

    /** @throws FlowError {@code FORBIDDEN} if the signature is not ours, {@code EXPIRED} if its time is over */
    public void check(String path, long expires, String signature) {
        boolean ours = MessageDigest.isEqual(
                signature(path, expires).getBytes(StandardCharsets.US_ASCII),
                signature.getBytes(StandardCharsets.US_ASCII));
        if (!ours) {
            throw FlowError.of(Code.FORBIDDEN, "The link is not one that this server signed.")
                    .field("signature")
                    .advice("Copy the whole link, or ask for a new one.");
        }
        if (database.clock().instant().getEpochSecond() >= expires) {
            throw FlowError.of(Code.EXPIRED, "The link has expired.").advice("Ask for a new one.");
        }
    }

    private String signature(String path, long expires) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            byte[] sum = mac.doFinal("%d\n%s".formatted(expires, path).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(sum);
        } catch (NoSuchAlgorithmException | InvalidKeyException impossible) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", impossible);
        }
    }
}
