package io.flowstate.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A proxy would look the name up again, and go where it likes. */
class EnvironmentProxyTest {
    @Test
    void proxies_of_the_environment_are_not_used() throws Exception {
        try (LoopbackServer trap = LoopbackServer.answering(LoopbackServer.ok("", "from the proxy"));
                LoopbackServer server = LoopbackServer.answering(LoopbackServer.ok("", "direct"))) {
            String port = Integer.toString(trap.port());
            Map<String, String> settings = Map.of(
                    "http.proxyHost", "127.0.0.1",
                    "http.proxyPort", port,
                    "http.nonProxyHosts", "",
                    "socksProxyHost", "127.0.0.1",
                    "socksProxyPort", port,
                    "socksNonProxyHosts", "");
            Map<String, Optional<String>> before = new TreeMap<>();
            settings.forEach((key, value) -> before.put(key, Optional.ofNullable(System.setProperty(key, value))));
            try (Egress egress = Ways.egress(Ways.config(server.entry()))) {
                assertThat(Ways.post(egress, server.address("/x")).excerpt()).isEqualTo("direct");
            } finally {
                before.forEach((key, value) ->
                        value.ifPresentOrElse(old -> System.setProperty(key, old), () -> System.clearProperty(key)));
            }
            assertThat(trap.requests()).isEmpty();
        }
    }
}
