package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.Await;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Ctrl-C while a server does the work. */
final class StopOnServerTest extends CommandLineTest {
    @Test
    void a_signal_ends_a_run_cancels_its_jobs_and_leaves_nothing_behind() throws Exception {
        file("a.wav", "music");
        file("b.wav", "music");
        Gate gate = stuck();
        try (JobServer server = new JobServer(house, temp.resolve("served"), 0).work();
                Program program = start("stems", "a.wav", "b.wav", "--server", server.address())) {
            gate.awaitReached();
            Await.until("both are handed in", () -> statuses(server).count() == 2);

            program.signal("INT");

            assertThat(program.awaitExit()).isEqualTo(Failures.STOPPED);
            assertThat(program.complained()).contains("a.wav: Stopped.");
            assertThat(left()).containsExactly("a.wav", "b.wav");
            Await.until("no job is open", () -> statuses(server).noneMatch(List.of("queued", "running")::contains));
            assertThat(statuses(server)).as(program.complained()).containsExactly("canceled", "canceled");
        }
    }

    @Test
    void a_signal_ends_the_watching_and_not_the_job() throws Exception {
        file("a.wav", "music");
        Gate gate = stuck();
        try (JobServer server = new JobServer(house, temp.resolve("served"), 0).work();
                Program program = start("jobs", "submit", "a.wav", "--wait", "--server", server.address())) {
            String id = program.line();
            gate.awaitReached();
            Await.until("it is watched", () -> program.complained().contains("a.wav: "));

            program.signal("INT");

            assertThat(program.awaitExit()).isEqualTo(Failures.STOPPED);
            assertThat(program.complained()).contains("The job goes on.", "flowstate jobs watch " + id);
            assertThat(statuses(server)).containsExactly("running");
            gate.open();
            assertThat(run("jobs", "watch", id, "--server", server.address())).isZero();
        }
    }

    private Gate stuck() {
        Gate gate = new Gate();
        house.provider.next(Script.start()
                .openAll()
                .writeAll("half".getBytes(StandardCharsets.UTF_8))
                .await(gate));
        return gate;
    }

    private Program start(String... arguments) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> main = List.of(java, "-cp", System.getProperty("java.class.path"), Main.class.getName());
        return Program.start(
                folder,
                Map.of("HOME", temp.toString()),
                Stream.concat(main.stream(), Stream.of(arguments)).toList());
    }

    /** Of all jobs that the server has. */
    private Stream<String> statuses(JobServer server) {
        out.reset();
        assertThat(run("jobs", "list", "--server", server.address())).isZero();
        return said().lines().skip(1).map(line -> line.split(" +", 3)[1]);
    }
}
