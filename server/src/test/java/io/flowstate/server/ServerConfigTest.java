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
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

        assertThatThrownBy(() -> Spool.in(file))
                .isInstanceOf(FlowError.class)
                .hasMessageContaining("a-file cannot be used: a file is in the way");
    }

    @Test
    void what_can_never_be_the_name_of_a_host_or_an_origin_is_refused() {
        for (String host : List.of("http://music.example", "music.example:7070", "music.example/", "*", "")) {
            assertThatThrownBy(() -> allowing(host, "http://friend.example"))
                    .as(host)
                    .hasMessageContaining("server.allowed_hosts must be names", host);
        }
        for (String origin : List.of("friend.example", "http://friend.example/app", "null", "*", "http://*.example")) {
            assertThatThrownBy(() -> allowing("music.example", origin))
                    .as(origin)
                    .hasMessageContaining("server.allowed_origins must be origins", origin);
        }
    }

    @Test
    void origins_are_compared_as_browsers_write_them() {
        assertThat(allowing("x", "HTTP://Friend.Example:80/").allowedOrigins())
                .containsExactly("http://friend.example");
        assertThat(allowing("x", "https://friend.example:443").allowedOrigins())
                .containsExactly("https://friend.example");
        assertThat(allowing("x", "http://friend.example:443/").allowedOrigins())
                .containsExactly("http://friend.example:443");
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

    @Test
    void servers_that_start_together_after_a_crash_do_not_trip_over_each_others_cleaning() throws Exception {
        for (int i = 0; i < 200; i++) {
            Path orphan = Files.createDirectories(folder.resolve("flowstate-999999999-" + i));
            Files.writeString(orphan.resolve("file"), "left behind");
        }

        try (ExecutorService starting = Executors.newFixedThreadPool(4)) {
            List<Future<Spool>> started = starting.invokeAll(Collections.nCopies(4, () -> Spool.in(folder)));
            for (Future<Spool> each : started) {
                assertThat(each.get()).isNotNull();
            }
        }

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_room_that_is_gone_is_as_good_as_removed() throws IOException {
        Spool.remove(folder.resolve("flowstate-999999999-gone"));
    }

    @Test
    void a_folder_whose_number_is_no_process_id_is_left_alone() throws IOException {
        Path strange = Files.createDirectories(folder.resolve("flowstate-99999999999999999999-x"));

        Spool.in(folder);

        assertThat(strange).exists();
    }

    @Test
    void a_user_whose_share_of_the_disk_is_used_up_hears_that_it_is_full() {
        FlowError full = Spool.in(folder).failure(new IOException("Disk quota exceeded"));

        assertThat(full.code()).isEqualTo(Code.DISK_FULL);
    }

    private ServerConfig allowing(String host, String origin) {
        return on("127.0.0.1", 0, false, Set.of(host), Set.of(origin));
    }

    private ServerConfig on(String host, int port, boolean insecurePublic) {
        return on(host, port, insecurePublic, Set.of(), Set.of());
    }

    private ServerConfig on(
            String host, int port, boolean insecurePublic, Set<String> allowedHosts, Set<String> allowedOrigins) {
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
                allowedHosts,
                allowedOrigins);
    }
}
