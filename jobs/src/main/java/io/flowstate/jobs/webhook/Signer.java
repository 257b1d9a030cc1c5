package io.flowstate.jobs.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs messages. While a secret is being replaced there are two, and a message carries a signature by each: a receiver accepts it with whichever it has.
 *
 * <p>Source: the Standard Webhooks specification, "Signature scheme" (symmetric).
 *
 * @param secrets all that are valid now, at least one
 */
public record Signer(List<WebhookSecret> secrets) {
    private static final String ALGORITHM = "HmacSHA256";

    public Signer {
        secrets = List.copyOf(secrets);
        if (secrets.isEmpty()) {
            throw new IllegalArgumentException("nothing to sign with");
        }
    }

    /**
     * The three headers that the specification asks for.
     *
     * @param id the same for every attempt to deliver the message; without full stops, which part what is signed
     * @param at when this attempt is made, to the second
     */
    public Map<String, String> headers(String id, Instant at, String body) {
        if (id.isEmpty() || id.contains(".")) {
            throw new IllegalArgumentException("a message's id must be without full stops: " + id);
        }
        String timestamp = Long.toString(at.getEpochSecond());
        byte[] signed = (id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8);
        return Map.of(
                "webhook-id", id,
                "webhook-timestamp", timestamp,
                "webhook-signature",
                        secrets.stream()
                                .map(secret -> "v1," + Base64.getEncoder().encodeToString(mac(secret, signed)))
                                .collect(Collectors.joining(" ")));
    }

    private static byte[] mac(WebhookSecret secret, byte[] signed) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.key(), ALGORITHM));
            return mac.doFinal(signed);
        } catch (GeneralSecurityException everyJavaHasIt) {
            throw new AssertionError(ALGORITHM, everyJavaHasIt);
        }
    }
}
