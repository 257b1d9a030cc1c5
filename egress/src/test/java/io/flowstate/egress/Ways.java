package io.flowstate.egress;

import io.flowstate.core.Cancellation;
import io.flowstate.testkit.MovableClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.apache.hc.core5.ssl.SSLContexts;

/** Ways out for tests, with limits that a working exchange on loopback never meets. */
final class Ways {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private Ways() {}

    static EgressConfig config(String... allowed) {
        return new EgressConfig(
                Set.of(allowed),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20));
    }

    static Egress egress(EgressConfig config, Lookup lookup) {
        return new Egress(config, new MovableClock(NOW), lookup, SSLContexts.createDefault());
    }

    /** With the system's resolver. */
    static Egress egress(EgressConfig config) {
        return new Egress(config, new MovableClock(NOW));
    }

    static Reply post(Egress egress, String address) {
        return egress.post(URI.create(address), Map.of(), LoopbackServer.bytes("{}"), new Cancellation());
    }
}
