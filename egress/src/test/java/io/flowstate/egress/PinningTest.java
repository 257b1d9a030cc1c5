package io.flowstate.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DNS rebinding: a name that points to a harmless place while it is checked and to another one when it is used. Loopback stands for the harmless place, by an entry for one port. */
class PinningTest {
    private final Names names = new Names();

    @Test
    void the_connection_goes_to_the_address_that_was_checked_and_the_name_is_looked_up_once() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(LoopbackServer.ok("", "fine"));
                Egress egress = Ways.egress(Ways.config(server.entry()), names)) {
            names.then("rebinding.example", "127.0.0.1").then("rebinding.example", "169.254.169.254");

            Reply reply = Ways.post(egress, "http://rebinding.example:%d/x".formatted(server.port()));

            assertThat(reply.status()).isEqualTo(200);
            assertThat(names.asked()).isEqualTo(1);
            assertThat(server.requests())
                    .singleElement()
                    .asString()
                    .contains("Host: rebinding.example:" + server.port());
        }
    }

    @Test
    void the_next_request_is_checked_anew() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(LoopbackServer.ok("", "fine"));
                Egress egress = Ways.egress(Ways.config(server.entry()), names)) {
            String address = "http://rebinding.example:%d/x".formatted(server.port());
            names.then("rebinding.example", "127.0.0.1").then("rebinding.example", "127.0.0.2");
            Ways.post(egress, address);

            assertRefused(() -> Ways.post(egress, address));

            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void what_was_public_first_and_loopback_later_is_refused_later() throws Exception {
        Guard guard = new Guard(Allowed.parse(Set.of()), names, _ -> false);
        names.then("rebinding.example", "8.8.8.8").then("rebinding.example", "127.0.0.1");

        assertThat(guard.resolve("rebinding.example", 443)).containsExactly(new InetSocketAddress("8.8.8.8", 443));
        assertRefused(() -> guard.resolve("rebinding.example", 443));
    }

    @Test
    void one_forbidden_address_among_good_ones_refuses_the_name() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(LoopbackServer.ok("", "fine"));
                Egress egress = Ways.egress(Ways.config(server.entry()), names)) {
            names.then("mixed.example", "127.0.0.1", "10.0.0.1").then("mixed.example", "10.0.0.1", "127.0.0.1");
            String address = "http://mixed.example:%d/x".formatted(server.port());

            assertRefused(() -> Ways.post(egress, address));
            assertRefused(() -> Ways.post(egress, address));

            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void a_redirect_is_checked_like_a_new_address(@TempDir Path folder) throws Exception {
        try (LoopbackServer server =
                        LoopbackServer.answering("HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n");
                Egress egress = Ways.egress(Ways.config(server.entry()), names)) {
            names.then("rebinding.example", "127.0.0.1").then("rebinding.example", "169.254.169.254");
            URI address = URI.create("http://rebinding.example:%d/x".formatted(server.port()));

            assertRefused(
                    () -> egress.download(address, folder.resolve("file"), 1_000, new Cancellation(), (_, _) -> {}));

            assertThat(server.requests()).hasSize(1);
            assertThat(names.asked()).isEqualTo(2);
        }
    }

    @Test
    void the_client_s_other_way_of_asking_for_a_name_is_guarded_too() throws Exception {
        Guard guard = new Guard(Allowed.parse(Set.of("127.0.0.1:80")), names, _ -> false);
        names.then("one.example", "8.8.8.8").then("two.example", "127.0.0.1");

        assertThat(guard.resolve("one.example")).hasSize(1);
        assertRefused(() -> guard.resolve("two.example"));
        assertThat(guard.resolveCanonicalHostname("one.example")).isEqualTo("one.example");
    }

    private static void assertRefused(ThrowingCallable attempt) {
        assertThatThrownBy(attempt)
                .isInstanceOfSatisfying(
                        FlowError.class, refused -> assertThat(refused.code()).isEqualTo(Code.ADDRESS_NOT_ALLOWED));
    }
}
