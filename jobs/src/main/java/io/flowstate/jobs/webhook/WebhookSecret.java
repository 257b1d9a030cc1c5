package io.flowstate.jobs.webhook;

import static io.flowstate.core.Check.that;

import io.flowstate.core.Secret;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * What a sender and a receiver share, so that the receiver can tell the sender's messages from others.
 *
 * @param text {@code whsec_} and the base64 form of {@value #MIN_BYTES} to {@value #MAX_BYTES} bytes
 */
public record WebhookSecret(Secret text) {
    private static final String PREFIX = "whsec_";
    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;
    private static final int OWN_BYTES = 32;

    /** @throws io.flowstate.core.FlowError naming the field {@code webhook_secret}, without the secret */
    public WebhookSecret {
        that(text.value().startsWith(PREFIX), "webhook_secret", "must begin with %s", PREFIX);
        byte[] key = decoded(text);
        that(
                text.value().equals(PREFIX + Base64.getEncoder().encodeToString(key)),
                "webhook_secret",
                "must be base64 with its padding after %s",
                PREFIX);
        that(
                key.length >= MIN_BYTES && key.length <= MAX_BYTES,
                "webhook_secret",
                "must hold %d to %d bytes, was %d",
                MIN_BYTES,
                MAX_BYTES,
                key.length);
    }

    /** A new one. */
    public static WebhookSecret generate(SecureRandom random) {
        byte[] key = new byte[OWN_BYTES];
        random.nextBytes(key);
        return parse(PREFIX + Base64.getEncoder().encodeToString(key));
    }

    /** @throws io.flowstate.core.FlowError naming the field {@code webhook_secret}, without the secret */
    public static WebhookSecret parse(String text) {
        return new WebhookSecret(new Secret(text));
    }

    /** The key of the signature. */
    byte[] key() {
        return decoded(text);
    }

    /** What is no base64 gives no bytes, which is too few. */
    private static byte[] decoded(Secret text) {
        try {
            return Base64.getDecoder().decode(text.value().substring(PREFIX.length()));
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }
}
