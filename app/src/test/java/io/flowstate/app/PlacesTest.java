package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlacesTest {
    private static final Path NO_ACCOUNT = Path.of("?");

    @TempDir
    Path temp;

    @Test
    void the_strongest_of_the_variables_says_where_things_are_kept() {
        Path account = temp.resolve("account");

        assertThat(places(Map.of(), account).models()).isEqualTo(account.resolve(".cache/flowstate/models"));
        assertThat(places(Map.of("HOME", "/h"), account).models()).isEqualTo(Path.of("/h/.cache/flowstate/models"));
        assertThat(places(Map.of("HOME", "/h", "XDG_CACHE_HOME", "/x"), account).models())
                .isEqualTo(Path.of("/x/flowstate/models"));
        assertThat(places(Map.of("XDG_CACHE_HOME", "/x", "FLOWSTATE_HOME", "/f"), account)
                        .models())
                .isEqualTo(Path.of("/f/models"));
        assertThat(places(Map.of("HOME", "", "XDG_CACHE_HOME", "", "FLOWSTATE_HOME", ""), account)
                        .models())
                .as("empty counts as not set")
                .isEqualTo(account.resolve(".cache/flowstate/models"));
    }

    @Test
    void a_user_without_a_home_is_told_what_to_set() {
        FlowError homeless = catchThrowableOfType(
                FlowError.class, () -> places(Map.of(), NO_ACCOUNT).models());

        assertThat(homeless.code()).isEqualTo(Code.BAD_CONFIG);
        assertThat(homeless.advice()).contains("Set HOME or FLOWSTATE_HOME.");
        assertThat(places(Map.of("FLOWSTATE_HOME", "/f"), NO_ACCOUNT).models()).isEqualTo(Path.of("/f/models"));
    }

    @Test
    void a_user_without_a_home_can_do_what_needs_none() {
        Terminal terminal = terminal(Map.of(), NO_ACCOUNT);

        assertThat(new Cli(terminal, settings -> new Wiring(terminal, settings), java.time.Clock.systemUTC())
                        .run("config"))
                .isZero();
    }

    @Test
    void all_servers_of_a_user_have_one_spool_folder_which_nobody_else_may_enter() throws IOException {
        Places places = places(Map.of("FLOWSTATE_HOME", temp.resolve("kept").toString()), NO_ACCOUNT);

        Path spool = places.spool();

        assertThat(spool).isEqualTo(temp.resolve("kept/spool")).isDirectory();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(spool)))
                .isEqualTo("rwx------");
        assertThat(places.spool()).isEqualTo(spool);
    }

    @Test
    void a_spool_folder_that_others_could_enter_is_closed_to_them() throws IOException {
        Path open = Files.createDirectories(temp.resolve("kept/spool"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));

        places(Map.of("FLOWSTATE_HOME", temp.resolve("kept").toString()), NO_ACCOUNT)
                .spool();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(open)))
                .isEqualTo("rwx------");
    }

    @Test
    void a_spool_folder_that_cannot_be_made_is_a_matter_of_the_configuration() throws IOException {
        Path file = Files.createFile(temp.resolve("file"));

        FlowError refused = catchThrowableOfType(
                FlowError.class,
                () -> places(Map.of("FLOWSTATE_HOME", file.toString()), NO_ACCOUNT)
                        .spool());

        assertThat(refused.code()).isEqualTo(Code.BAD_CONFIG);
        assertThat(refused.message()).contains("cannot be used: a file is in the way");
        assertThat(refused.advice().orElseThrow()).contains("server.spool");
    }

    private Places places(Map<String, String> environment, Path account) {
        return new Places(terminal(environment, account));
    }

    private Terminal terminal(Map<String, String> environment, Path account) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        return new Terminal(nowhere, nowhere, 0, environment, temp, account);
    }
}
