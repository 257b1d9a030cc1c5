package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerConfigTest {
    @TempDir
    Path folder;

    @Test
    void a_public_address_is_refused_unless_it_is_meant() {
        assertThatThrownBy(() -> on("0.0.0.0", 0, false)).satisfies(why -> {
            assertThat(((FlowError) why).code()).isEqualTo(Code.BAD_CONFIG);
            assertThat(((FlowError) why).field()).contains("server.host");
            assertThat(((FlowError) why).advice().orElseThrow()).contains("server.insecure_public");
        });
        assertThat(on("0.0.0.0", 0, true).isLoopback()).isFalse();
        assertThat(on("::1", 0, false).isLoopback()).isTrue();
        assertThat(on("localhost", 0, false).isLoopback()).isTrue();
    }

    @Test
    void values_out_of_range_name_themselves() {
        assertThatThrownBy(() -> on("127.0.0.1", 70_000, false)).hasMessageContaining("server.port must be 0..65535");
    }

    @Test
    void a_port_that_is_taken_is_said_so() {
        try (TestServer first = new TestServer()) {
            assertThatThrownBy(() -> new TestServer(on("127.0.0.1", first.port(), false), Clock.systemUTC()))
                    .isInstanceOf(FlowError.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + first.port());
        }
    }

    @Test
    void a_spool_folder_that_cannot_be_one_is_said_so() throws IOException {
        Path file = Files.writeString(folder.resolve("a-file"), "");

        assertThatThrownBy(() -> Spool.in(file)).isInstanceOf(FlowError.class).hasMessageContaining("a-file");
    }

    @Test
    void a_spool_folder_that_is_made_is_for_its_owner_alone() throws IOException {
        Path made = folder.resolve("deep").resolve("spool");

        Spool.in(made);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rwx------");
    }

    /** Only root can give a folder away; anybody else has the system's temporary folder, which is root's. */
    @Test
    void a_spool_folder_of_another_user_is_refused() throws IOException {
        Path others = Path.of("/tmp");
        if (Files.getOwner(folder).equals(Files.getOwner(others))) {
            others = Files.createDirectory(folder.resolve("others"));
            Files.setOwner(
                    others,
                    others.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        }
        Path refused = others;

        assertThatThrownBy(() -> Spool.in(refused)).satisfies(why -> {
            assertThat(((FlowError) why).code()).isEqualTo(Code.BAD_CONFIG);
            assertThat(((FlowError) why).field()).contains("server.spool");
            assertThat(why).hasMessageContaining("belongs to");
        });
    }

    @Test
    void rooms_of_dead_processes_are_removed_and_those_of_the_living_stay() throws IOException {
        Path orphan = Files.createDirectories(folder.resolve("flowstate-999999999-x"));
        Files.writeString(orphan.resolve("file"), "left behind");
        Path other = Files.createDirectories(folder.resolve("something-else"));

        Spool spool = Spool.in(folder);
        try (Spool.Room room = spool.room()) {
            Spool.in(folder);

            assertThat(orphan).doesNotExist();
            assertThat(other).exists();
            assertThat(room.path()).exists();
        }
    }

    private ServerConfig on(String host, int port, boolean insecurePublic) {
        return new ServerConfig(
                host,
                port,
                folder,
                1 << 20,
                Duration.ofSeconds(1),
                1,
                1,
                1,
                Duration.ofSeconds(1),
                Duration.ZERO,
                insecurePublic,
                Set.of(),
                Set.of());
    }
}
