package io.flowstate.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.MovableClock;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContexts;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The connection goes to a pinned address, but the certificate must be for the name. */
class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private static Path folder;

    private final Names names = new Names();

    @BeforeAll
    static void makeCertificate() throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "hooks",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=hooks.example",
                        "-ext",
                        "SAN=dns:hooks.example",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        store().toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
    }

    @Test
    void the_host_s_own_certificate_is_accepted() throws Exception {
        try (LoopbackServer server = server();
                Egress egress = egress(
                        server,
                        SSLContexts.custom().loadTrustMaterial(keys(), null).build())) {
            names.then("hooks.example", "127.0.0.1");

            assertThat(Ways.post(egress, "https://hooks.example:" + server.port())
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void a_certificate_for_another_name_is_not() throws Exception {
        try (LoopbackServer server = server();
                Egress egress = egress(
                        server,
                        SSLContexts.custom().loadTrustMaterial(keys(), null).build())) {
            names.then("other.example", "127.0.0.1");

            assertRefused(egress, "https://other.example:" + server.port(), "other.example");
            assertRefused(egress, "https://127.0.0.1:" + server.port(), "127.0.0.1");
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_not() throws Exception {
        try (LoopbackServer server = server();
                Egress egress = egress(server, SSLContexts.createDefault())) {
            names.then("hooks.example", "127.0.0.1");

            assertRefused(egress, "https://hooks.example:" + server.port(), "hooks.example");
        }
    }

    private void assertRefused(Egress egress, String address, String host) {
        assertThatThrownBy(() -> Ways.post(egress, address)).isInstanceOfSatisfying(FlowError.class, failed -> {
            assertThat(failed.code()).isEqualTo(Code.ADDRESS_FAILED);
            assertThat(failed).hasMessage(host + " does not prove by its certificate that it is that host.");
        });
    }

    private Egress egress(LoopbackServer server, SSLContext trust) {
        return new Egress(Ways.config(server.entry()), new MovableClock(Ways.NOW), names, trust);
    }

    private static LoopbackServer server() throws Exception {
        SSLContext tls = SSLContexts.custom().loadKeyMaterial(keys(), PASSWORD).build();
        ServerSocket listening =
                tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        return new LoopbackServer(
                listening, (_, out) -> out.write(LoopbackServer.bytes(LoopbackServer.ok("", "fine"))));
    }

    private static KeyStore keys() throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store())) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    private static Path store() {
        return folder.resolve("keys.p12");
    }
}
