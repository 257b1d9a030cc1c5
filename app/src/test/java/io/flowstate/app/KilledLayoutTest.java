package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.Await;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged program when somebody ends it in the middle of its work, or runs it twice at once. */
@Timeout(600)
final class KilledLayoutTest {
    private static final int RATE = 44_100;
    private static final TinyDemucs SLOW = TinyDemucs.small().slowedBy(10);

    @TempDir
    Path ground;

    private RealHouse house;

    @BeforeEach
    void build() throws IOException {
        house = new RealHouse(ground, TinyDemucs.small());
        house.file("song.wav", TestAudio.wav(TestAudio.tune(2, RATE, 30 * RATE, 1), RATE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"wav", "flac"})
    void kill_9_during_separation_shows_no_half_file_and_the_next_run_clears_up(String format) throws Exception {
        house.model(SLOW);
        try (Program program = house.start("stems", "-q", "song.wav", "--format", format)) {
            awaitHalfFiles();
            List<ProcessHandle> encoders = program.children();

            program.signal("KILL");

            program.awaitExit();
            Await.until("its encoders end with it", () -> encoders.stream().noneMatch(ProcessHandle::isAlive));
        }
        assertThat(house.left())
                .anyMatch(RealHouse::isHalf)
                .allMatch(name -> name.equals("song.wav") || RealHouse.isHalf(name));

        house.model(TinyDemucs.small());
        RealHouse.Ran ran = house.run("stems", "-q", "song.wav", "--format", format);

        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(house.left())
                .containsExactly(
                        "song-stems/bass." + format,
                        "song-stems/drums." + format,
                        "song-stems/other." + format,
                        "song-stems/vocals." + format,
                        "song.wav");
        assertThat(RealHouse.framesOf(house.here.resolve("song-stems/bass." + format)))
                .isEqualTo(30 * RATE);
    }

    @Test
    void ctrl_c_during_separation_leaves_nothing_and_says_130() throws Exception {
        house.model(SLOW);
        try (Program program = house.start("stems", "-q", "song.wav")) {
            awaitHalfFiles();

            program.signal("INT");

            assertThat(program.awaitExit()).isEqualTo(Failures.STOPPED);
            assertThat(program.complained()).contains("song.wav: Stopped.");
        }
        assertThat(house.left()).containsExactly("song.wav");
        assertThat(house.here.resolve("song-stems")).doesNotExist();
    }

    @Test
    void kill_9_of_a_server_leaves_a_spool_that_its_successor_empties() throws Exception {
        house.model(SLOW);
        byte[] song = Files.readAllBytes(house.here.resolve("song.wav"));
        try (Program first = house.start("serve");
                LiveServer server = LiveServer.of(first);
                var _ = server.caller("stems=vocals", song)) {
            Await.until("the engine runs", () -> server.running() == 1);

            first.signal("KILL");

            first.awaitExit();
        }
        assertThat(RealHouse.filesBelow(house.spool)).isNotEmpty();

        try (Program second = house.start("serve");
                LiveServer server = LiveServer.of(second)) {
            assertThat(house.spool).isEmptyDirectory();
            assertThat(server.running()).isZero();
        }
    }

    /** The model comes through a pipe, which gives its bytes once and blocks whoever reads too early: a second pull would never end. */
    @Test
    void two_runs_on_a_cold_store_pull_the_model_once() throws Exception {
        byte[] graph = pipeInsteadOfGraph();
        try (Program first = house.start("stems", "song.wav", "-o", "first");
                Program second = house.start("stems", "song.wav", "-o", "second")) {
            try (OutputStream pipe = Files.newOutputStream(house.graphFile())) {
                pipe.write(graph, 0, graph.length / 2);
                pipe.flush();
                Await.until(
                        "one of them waits for the other",
                        () -> (first.complained() + second.complained()).contains("waiting"));
                pipe.write(graph, graph.length / 2, graph.length - graph.length / 2);
            }

            assertThat(first.awaitExit()).as(first.complained()).isZero();
            assertThat(second.awaitExit()).as(second.complained()).isZero();
        }
        assertThat(house.left())
                .hasSize(9)
                .contains("first/song-stems/vocals.wav", "second/song-stems/vocals.wav")
                .noneMatch(RealHouse::isHalf);
    }

    @Test
    void kill_9_during_the_pull_leaves_no_model_and_the_next_run_gets_one() throws Exception {
        byte[] graph = pipeInsteadOfGraph();
        try (Program program = house.start("stems", "song.wav");
                OutputStream pipe = Files.newOutputStream(house.graphFile())) {
            pipe.write(graph, 0, graph.length / 2);
            pipe.flush();
            Await.until("the pull is under way", () -> pulled().stream().anyMatch(name -> name.startsWith("work/")));

            program.signal("KILL");

            program.awaitExit();
        }
        assertThat(pulled()).noneMatch(name -> name.startsWith("installed/") || name.startsWith("models/"));

        Files.delete(house.graphFile());
        Files.write(house.graphFile(), graph);
        RealHouse.Ran ran = house.run("stems", "-q", "song.wav");

        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(pulled()).anyMatch(name -> name.startsWith("models/")).noneMatch(name -> name.startsWith("work/"));
    }

    /** ONNX Runtime used to die of a long command line, before it had loaded anything. */
    @Test
    void hundreds_of_songs_on_one_line_are_all_separated() throws Exception {
        byte[] song = TestAudio.wav(TestAudio.tune(2, RATE, 100, 1), RATE);
        String[] line = new String[203];
        line[0] = "stems";
        line[1] = "--json";
        line[2] = "-q";
        for (int i = 3; i < line.length; i++) {
            line[i] = "a song with a name that is neither long nor short, number %d.wav".formatted(i);
            house.file(line[i], song);
        }

        try (Program program = house.start(line)) {
            assertThat(program.said().lines()).hasSize(200).allMatch(said -> said.contains("\"ok\":true"));
            assertThat(program.awaitExit()).as(program.complained()).isZero();
        }
    }

    /** ONNX Runtime keeps a number by which its makers would know the machine, unless it is told to report nothing. */
    @Test
    void a_run_writes_nothing_into_the_user_s_folders() throws Exception {
        try (Program program = house.start("stems", "-q", "song.wav")) {
            assertThat(program.awaitExit()).as(program.complained()).isZero();
        }

        assertThat(house.ground().resolve("user")).doesNotExist();
    }

    private byte[] pipeInsteadOfGraph() throws Exception {
        byte[] graph = Files.readAllBytes(house.graphFile());
        Files.delete(house.graphFile());
        assertThat(new ProcessBuilder("mkfifo", house.graphFile().toString())
                        .start()
                        .waitFor())
                .isZero();
        return graph;
    }

    private List<String> pulled() {
        return RealHouse.filesBelow(house.store);
    }

    private void awaitHalfFiles() throws Exception {
        Await.until(
                "all four stems have been begun",
                () -> house.left().stream()
                                .filter(RealHouse::isHalf)
                                .filter(name ->
                                        house.here.resolve(name).toFile().length() > 0)
                                .count()
                        == 4);
    }
}
