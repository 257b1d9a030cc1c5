package io.flowstate.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way known to us of writing an address that must not be asked. None may get through, at submission or later. */
class SsrfTableTest {
    private final Names names = new Names();
    private final Egress egress = Ways.egress(Ways.config(), names);

    @TempDir
    private Path folder;

    @AfterEach
    void close() throws Exception {
        egress.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // the usual spelling
                "http://127.0.0.1/",
                "https://127.0.0.1:8443/",
                "http://127.255.255.254/",
                "http://0.0.0.0/",
                "http://10.0.0.1/",
                "http://172.16.0.1/",
                "http://192.168.1.1/",
                "http://100.64.0.1/",
                "http://100.100.100.200/latest/meta-data/",
                "http://169.254.169.254/latest/meta-data/",
                "http://169.254.170.2/v2/credentials",
                "http://192.0.0.192/opc/v1/instance/",
                "http://168.63.129.16/metadata",
                "http://198.18.0.1/",
                "http://192.0.2.1/",
                "http://224.0.0.1/",
                "http://255.255.255.255/",
                "http://240.0.0.1/",
                // numbers that other readers understand
                "http://2130706433/",
                "http://0x7f000001/",
                "http://0x7f.0.0.1/",
                "http://127.0.0.0x1/",
                "http://017700000001/",
                "http://0177.0.0.1/",
                "http://127.0.0.01/",
                "http://127.1/",
                "http://127.0.1/",
                "http://1.2.3.4.5/",
                "http://256.0.0.1/",
                "http://127.0.0.1./",
                "http://169.254.43518/",
                "http://0/",
                // names for the same thing
                "http://localhost/",
                "http://LOCALHOST:7070/",
                "http://localhost./",
                "http://db.localhost/",
                // other alphabets, escapes
                "http://①②⑦.⓪.⓪.①/",
                "http://127。0。0。1/",
                "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
                "http://%31%32%37.0.0.1/",
                "http://127.0.0.1%00.example.com/",
                "http://127%2e0%2e0%2e1/",
                "http://münchen.example/",
                // IPv6
                "http://[::1]/",
                "http://[::]/",
                "http://[0:0:0:0:0:0:0:1]/",
                "http://[0000::1]:80/",
                "http://[::ffff:127.0.0.1]/",
                "http://[::ffff:7f00:1]/",
                "http://[::ffff:169.254.169.254]/",
                "http://[::127.0.0.1]/",
                "http://[::ffff:0:127.0.0.1]/",
                "http://[64:ff9b::127.0.0.1]/",
                "http://[64:ff9b::a9fe:a9fe]/",
                "http://[64:ff9b:1::1]/",
                "http://[2002:7f00:1::]/",
                "http://[2002:808:808::]/",
                "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
                "http://[fe80::1]/",
                "http://[fe80::1%25eth0]/",
                "http://[::1%251]/",
                "http://[fec0::1]/",
                "http://[fc00::1]/",
                "http://[fd00:ec2::254]/latest/meta-data/",
                "http://[ff02::1]/",
                "http://[2001:db8::1]/",
                "http://[100::1]/",
                "http://[5f00::1]/",
                // who is the host?
                "http://example.com@127.0.0.1/",
                "http://127.0.0.1@example.com/",
                "http://user:word@example.com/",
                "http://example.com:80@127.0.0.1:80/",
                "http://@example.com/",
                "http:///etc/passwd",
                "http:127.0.0.1/",
                "http://:80/",
                "http://under_score.example/",
                "http://-example.com/",
                "http://example..com/",
                "http://example.com:0/",
                "http://example.com:65536/",
                // other schemes
                "//example.com/",
                "/etc/passwd",
                "file:///etc/passwd",
                "ftp://example.com/",
                "gopher://example.com/",
                "jar:http://example.com!/",
                "dict://example.com:11211/",
                "unix:/var/run/docker.sock",
                "data:text/plain,x"
            })
    void an_address_is_refused_in_whatever_spelling(String address) {
        URI uri = URI.create(address);

        assertRefused(() -> egress.check("webhook", address));
        assertRefused(() -> egress.post(uri, Map.of(), new byte[0], new Cancellation()));
        assertRefused(
                () -> egress.download(uri, folder.resolve("file"), Long.MAX_VALUE, new Cancellation(), (_, _) -> {}));
        assertThat(names.asked()).isZero();
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com\\@127.0.0.1/",
                "http://127.0.0.1 /",
                "http://[::1/",
                "http://exa mple.com/",
                "http://example.com/\r\nHost: 127.0.0.1",
                "http://[::ffff:0x7f000001]/",
                "http://[::1%eth0]extra/",
                "http://%zz/",
                ""
            })
    void what_is_no_address_is_refused(String text) {
        FlowError refused = catchThrowableOfType(FlowError.class, () -> egress.check("webhook", text));

        assertThat(refused.code()).isIn(Code.BAD_REQUEST, Code.ADDRESS_NOT_ALLOWED);
        assertThat(refused.field()).contains("webhook");
        assertThat(refused.advice()).isPresent();
    }

    /** A name's owner can have it point anywhere. Ends and middles of the ranges. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.255.255.255",
                "10.0.0.0",
                "10.255.255.255",
                "100.64.0.0",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.255",
                "168.63.129.16",
                "169.254.0.0",
                "169.254.169.254",
                "169.254.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "192.0.0.0",
                "192.0.0.255",
                "192.0.2.0",
                "192.88.99.1",
                "192.168.0.0",
                "192.168.255.255",
                "198.18.0.0",
                "198.19.255.255",
                "198.51.100.7",
                "203.0.113.7",
                "224.0.0.0",
                "239.255.255.255",
                "240.0.0.0",
                "255.255.255.255",
                "::",
                "::1",
                "::7f00:1",
                "::ffff:10.0.0.1",
                "::ffff:0:10.0.0.1",
                "64:ff9b::10.0.0.1",
                "64:ff9b::169.254.169.254",
                "64:ff9b:1::8.8.8.8",
                "64:ff9a::8.8.8.8",
                "100::1",
                "1fff:ffff::1",
                "2001::1",
                "2001:2::1",
                "2001:10::1",
                "2001:20::1",
                "2001:1ff:ffff::1",
                "2001:db8::1",
                "2002:a00:1::1",
                "3fff::1",
                "3fff:fff:ffff::1",
                "4000::1",
                "5f00::1",
                "fc00::1",
                "fd00:ec2::254",
                "fdff:ffff::1",
                "fe80::1",
                "febf::1",
                "fec0::1",
                "ff02::1"
            })
    void a_name_that_leads_to_it_is_refused_when_it_is_used(String address) {
        names.then("hooks.example.com", address);
        assertThat(egress.check("webhook", "https://hooks.example.com/x").getHost())
                .isEqualTo("hooks.example.com");

        assertThatThrownBy(() -> Ways.post(egress, "https://hooks.example.com/x"))
                .isInstanceOfSatisfying(FlowError.class, refused -> {
                    assertThat(refused.code()).isEqualTo(Code.ADDRESS_NOT_ALLOWED);
                    assertThat(refused.message() + refused.advice())
                            .contains("hooks.example.com")
                            .doesNotContain(InetAddress.ofLiteral(address).getHostAddress());
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.1",
                "169.253.255.255",
                "169.255.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.0",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "::ffff:8.8.8.8",
                "2606:4700:4700::1111",
                "2001:200::1",
                "2001:4860:4860::8888",
                "2001:db9::1",
                "2003::1",
                "3ffe:ffff::1",
                "64:ff9b::8.8.8.8"
            })
    void the_public_internet_is_open(String address) {
        assertThat(PublicRanges.hold(InetAddress.ofLiteral(address))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "HTTPS://Hooks.Example.COM/Path?q=1#part, https, hooks.example.com, 443, /Path?q=1",
        "http://8.8.8.8, http, 8.8.8.8, 80, /",
        "http://[2606:4700:4700::1111]:8080/a, http, 2606:4700:4700::1111, 8080, /a",
        "https://xn--mnchen-3ya.example/ü, https, xn--mnchen-3ya.example, 443, /%C3%BC",
        "https://intranet/x, https, intranet, 443, /x"
    })
    void what_is_allowed_is_read_in_one_way(String address, String scheme, String host, int port, String path) {
        Target target = Target.of(egress.check("webhook", address));

        assertThat(target.scheme()).isEqualTo(scheme);
        assertThat(target.host()).isEqualTo(host);
        assertThat(target.port()).isEqualTo(port);
        assertThat(target.pathAndQuery()).isEqualTo(path);
        assertThat(Target.of(target.uri())).isEqualTo(target);
    }

    private static void assertRefused(Runnable attempt) {
        FlowError refused = catchThrowableOfType(FlowError.class, attempt::run);

        assertThat(refused).as("let through").isNotNull();
        assertThat(refused.code()).isEqualTo(Code.ADDRESS_NOT_ALLOWED);
        assertThat(refused.advice()).isPresent();
    }
}
