package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Sha256;
import io.flowstate.jobs.Idempotency;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/** The header {@value #HEADER}, by which a request that is sent again is known (draft-ietf-httpapi-idempotency-key-header). */
final class IdempotencyKey {
    static final String HEADER = "Idempotency-Key";
    private static final int MOST_CHARS = 255;

    private IdempotencyKey() {}

    /**
     * The key of a request that does something with what its address names.
     *
     * @param content all else that makes it what it is
     */
    static Optional<Idempotency> of(Exchange exchange, String... content) {
        return of(exchange, List.of(exchange.method(), exchange.path(), String.join("\n", content)));
    }

    /**
     * @param parts all that makes the request what it is
     * @throws FlowError {@code BAD_REQUEST} if there is a key that cannot be one
     */
    static Optional<Idempotency> of(Exchange exchange, List<String> parts) {
        return exchange.header(HEADER).map(key -> {
            if (key.isBlank() || key.length() > MOST_CHARS) {
                throw FlowError.of(Code.BAD_REQUEST, "An idempotency key has 1 to %d characters.", MOST_CHARS)
                        .field(HEADER);
            }
            MessageDigest digest = Sha256.begin();
            digest.update(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
            return new Idempotency(key, Sha256.end(digest));
        });
    }
}
