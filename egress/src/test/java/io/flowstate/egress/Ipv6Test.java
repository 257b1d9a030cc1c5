package io.flowstate.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class Ipv6Test {
    @Test
    void an_address_in_brackets_is_asked_with_its_brackets() throws Exception {
        InetAddress loopback = InetAddress.ofLiteral("::1");
        assumeTrue(Egress.isOwn(loopback), "SKIPPED: needs IPv6 on loopback");
        try (LoopbackServer server = new LoopbackServer(
                        new ServerSocket(0, 50, loopback),
                        (_, out) -> out.write(LoopbackServer.bytes(LoopbackServer.ok("", "six"))));
                Egress egress = Ways.egress(Ways.config("[::1]:" + server.port()))) {
            assertThat(Ways.post(egress, "http://[::1]:%d/x".formatted(server.port()))
                            .excerpt())
                    .isEqualTo("six");
            assertThat(server.requests()).singleElement().asString().contains("Host: [::1]:" + server.port());
        }
    }
}
