package io.flowstate.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.net.InetAddress;
import java.util.Set;
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
        "fd00:1::/32,       any.example,    80,   fd00:2::1, false",
        "hooks.intern,      any.example,    80,   8.8.8.8,   true"
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
