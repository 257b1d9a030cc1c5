package io.flowstate.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {
    @ParameterizedTest
    @CsvSource({
        // entry, host, port, address, whether it may be asked
        "hooks.intern,      hooks.intern,   80,   10.0.0.1,  true",
        "Hooks.Intern,      hooks.intern,   8443, ::1,       true",
        "hooks.intern,      a.hooks.intern, 80,   10.0.0.1,  false",
        "hooks.intern,      xhooks.intern,  80,   10.0.0.1,  false",
        "hooks.intern:8080, hooks.intern,   8080, 10.0.0.1,  true",
        "hooks.intern:8080, hooks.intern,   80,   10.0.0.1,  false",
        "localhost:9000,    localhost,      9000, 127.0.0.1, true",
        "localhost:9000,    localhost,      9001, 127.0.0.1, false",
        "10.1.2.3,          any.example,    80,   10.1.2.3,  true",
        "10.1.2.3,          any.example,    80,   10.1.2.4,  false",
        "10.1.2.3:8080,     any.example,    8080, 10.1.2.3,  true",
        "10.1.2.3:8080,     any.example,    80,   10.1.2.3,  false",
        "10.1.0.0/16,       any.example,    80,   10.1.255.255, true",
        "10.1.0.0/16,       any.example,    80,   10.2.0.0,  false",
        "10.1.2.3/32,       any.example,    80,   10.1.2.3,  true",
        "0.0.0.0/0,         any.example,    80,   127.0.0.1, true",
        "0.0.0.0/0,         any.example,    80,   ::1,       false",
        "192.168.128.0/17,  any.example,    80,   192.168.127.255, false",
        "::1,               any.example,    80,   ::1,       true",
        "[::1]:8080,        any.example,    8080, ::1,       true",
        "[::1]:8080,        any.example,    80,   ::1,       false",
        "fd00:1::/32,       any.example,    80,   fd00:1:ffff::1, true",
        "fd00:1::/32,       any.example,    80,   fd00:2::1, false"
    })
    void an_entry_opens_exactly_what_it_says(String entry, String host, int port, String address, boolean open) {
        assertThat(Allowed.parse(Set.of(entry)).permits(host, port, InetAddress.ofLiteral(address)))
                .isEqualTo(open);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "*.intern",
                "http://hooks.intern",
                "hooks.intern:",
                "hooks.intern:http",
                "hooks.intern:123456",
                "10.1.2.3/16",
                "10.0.0.0/33",
                "10.0.0.0/",
                "10.0.0.0/x",
                "10.0.0/8",
                "010.0.0.1",
                "2130706433",
                "fd00::/129",
                "[fd00::1",
                "[hooks.intern]:80",
                "hooks intern"
            })
    void an_entry_that_is_none_is_told_with_the_forms_that_there_are(String entry) {
        assertThatThrownBy(() -> EgressConfig.DEFAULT.allowing(Set.of(entry)))
                .isInstanceOfSatisfying(FlowError.class, bad -> {
                    assertThat(bad.code()).isEqualTo(Code.BAD_CONFIG);
                    assertThat(bad.message()).contains("egress.allowed_hosts", "\"" + entry + "\"");
                    assertThat(bad.advice())
                            .hasValueSatisfying(
                                    advice -> assertThat(advice).contains("hooks.intern:8080", "10.1.0.0/16"));
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S"})
    void a_limit_of_nothing_which_would_mean_none_is_refused(Duration nothing) {
        Duration some = Duration.ofSeconds(1);

        assertBadTime("egress.connect", () -> new EgressConfig(Set.of(), nothing, some, some, some));
        assertBadTime("egress.idle", () -> new EgressConfig(Set.of(), some, nothing, some, some));
        assertBadTime("egress.post_limit", () -> new EgressConfig(Set.of(), some, some, nothing, some));
        assertBadTime("egress.download_limit", () -> new EgressConfig(Set.of(), some, some, some, nothing));
    }

    private static void assertBadTime(String key, ThrowingCallable made) {
        assertThatThrownBy(made).isInstanceOfSatisfying(FlowError.class, bad -> {
            assertThat(bad.code()).isEqualTo(Code.BAD_CONFIG);
            assertThat(bad.field()).contains(key);
        });
    }

    @Test
    void this_machine_is_not_asked_by_its_public_address_unless_that_is_allowed() throws Exception {
        InetAddress own = InetAddress.ofLiteral("8.8.8.8");
        Names names = new Names().then("self.example", "8.8.8.8").then("self.example", "8.8.8.8");

        assertThatThrownBy(() -> new Guard(Allowed.parse(Set.of()), names, own::equals).resolve("self.example", 80))
                .isInstanceOfSatisfying(
                        FlowError.class, refused -> assertThat(refused.code()).isEqualTo(Code.ADDRESS_NOT_ALLOWED));
        assertThat(new Guard(Allowed.parse(Set.of("self.example:80")), names, own::equals).resolve("self.example", 80))
                .hasSize(1);
    }

    @Test
    void addresses_of_network_interfaces_are_this_machine_s() {
        assertThat(Egress.isOwn(InetAddress.ofLiteral("127.0.0.1"))).isTrue();
        assertThat(Egress.isOwn(InetAddress.ofLiteral("8.8.8.8"))).isFalse();
    }

    @Test
    void an_allowed_address_passes_the_check_at_submission() throws Exception {
        EgressConfig config = EgressConfig.DEFAULT.allowing(Set.of("localhost:9000", "10.0.0.0/8", "[::1]:80"));
        try (Egress egress = Ways.egress(config)) {
            assertThat(egress.check("webhook", "http://localhost:9000/x")).hasHost("localhost");
            assertThat(egress.check("webhook", " http://10.1.1.1/x ")).hasHost("10.1.1.1");
            assertThat(egress.check("webhook", "http://[::1]/x")).hasHost("[::1]");
        }
    }
}
