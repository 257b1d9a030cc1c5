package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemsRequest;
import io.flowstate.testkit.Await;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code flowstate jobs}, against a server in this process. */
final class JobsCommandTest extends CommandLineTest {
    private static final Executor ASIDE = task -> Thread.ofVirtual().start(task);

    private JobServer server;

    @BeforeEach
    void serve() {
        server = new JobServer(house, temp.resolve("served"), 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void inputs_become_jobs_whose_ids_are_printed_and_whose_outputs_are_fetched_like_those_of_a_local_run()
            throws IOException {
        file("music/one.wav", "music");
        file("music/two.wav", "music");
        server.work();

        assertThat(jobs("submit", "music", "--wait")).as(complained()).isZero();
        List<String> ids =
                said().lines().filter(line -> line.matches("job_[0-9a-z]+")).toList();
        assertThat(ids).hasSize(2);
        assertThat(said()).contains(ids.getLast() + " succeeded.");
        assertThat(jobs("get", ids.getFirst())).as(complained()).isZero();
        assertThat(jobs("get", ids.getLast(), "-o", "out", "--name", "{stem}/{track}.{ext}"))
                .isZero();

        assertThat(left())
                .contains("one-stems/drums.wav", "one-stems/vocals.wav", "out/vocals/two.wav")
                .noneMatch(name -> name.endsWith(".part"));
        assertThat(folder.resolve("one-stems/vocals.wav")).hasContent(FakeProvider.PLAIN);
        assertThat(said())
                .contains("one-stems/vocals.wav", "local/htdemucs", ids.getFirst() + " on " + server.address());
    }

    @Test
    void every_option_of_a_separation_reaches_the_server() throws IOException {
        file("song.wav", "music");
        server.work();

        int code = jobs(
                ("submit song.wav --wait --two-stems vocals --format flac --bits 16 --clip rescale --overlap 0.5 --shifts 3"
                                + " --seed 7 --model local/htdemucs --allow-truncated --tag live,demo --priority background"
                                + " --max-cost 1 --deadline 10m --local-only")
                        .split(" "));

        assertThat(code).as(complained()).isZero();
        StemsRequest request = (StemsRequest) house.provider.seen().getFirst().request();
        assertThat(request.overlap()).isEqualTo(0.5);
        assertThat(request.shifts()).isEqualTo(3);
        assertThat(request.seed()).isEqualTo(7);
        assertThat(request.allowTruncated()).isTrue();
        assertThat(request.model()).contains("local/htdemucs");
        JsonNode job = only();
        assertThat(job.get("options").toString())
                .contains("\"two_stems\":\"vocals\"", "\"format\":\"flac\"", "\"bits\":\"16\"", "\"clip\":\"rescale\"");
        assertThat(job.get("priority").asString()).isEqualTo("background");
        assertThat(job.get("tags").valueStream().map(JsonNode::asString)).containsExactlyInAnyOrder("live", "demo");
        assertThat(job.has("deadline_at")).isTrue();
    }

    @Test
    void a_job_is_listed_and_shown_for_a_person_and_for_a_program() throws IOException {
        file("song.wav", "music");
        String id = submitted("song.wav", "--tag", "live");
        submitted("song.wav", "--tag", "demo");

        assertThat(jobs("list", "--tag", "live", "--status", "queued")).isZero();
        assertThat(said().lines()).hasSize(2);
        assertThat(said()).containsPattern(id + "  queued +0 % .*song.wav +live");
        out.reset();
        assertThat(jobs("show", id)).isZero();
        assertThat(said()).contains("status      queued, 0 ahead of it", "song.wav (1.0 s, 5 B)", "stems overlap=0.25");
        assertThat(only("--tag", "live").get("id").asString()).isEqualTo(id);
    }

    @Test
    void a_list_goes_on_over_the_pages_of_the_server() throws IOException {
        file("song.wav", "music");
        for (int i = 0; i < 5; i++) {
            submitted("song.wav");
        }

        jobs("list", "--limit", "3", "--json");

        assertThat(said().lines()).hasSize(3);
    }

    @Test
    void watching_ends_with_the_job_and_tells_why_it_failed() throws IOException {
        file("song.wav", "music");
        house.provider.next(Script.start()
                .fail(FlowError.of(Code.AUDIO_TRUNCATED, "Half a file.").advice("Send it all.")));
        String id = submitted("song.wav");
        server.work();

        assertThat(jobs("watch", id)).isEqualTo(Failures.FAILED);

        assertThat(complained()).contains(id + ": Half a file.", "  Send it all.");
        assertThat(jobs("get", id)).isEqualTo(Failures.FAILED);
        assertThat(left()).containsExactly("song.wav");
    }

    @Test
    void a_job_is_canceled_and_tried_again() throws IOException {
        file("song.wav", "music");
        String id = submitted("song.wav");

        assertThat(jobs("cancel", id)).isZero();
        assertThat(said()).contains(id + " is canceled.");
        assertThat(jobs("watch", id)).isEqualTo(Failures.FAILED);
        assertThat(jobs("retry", id)).isZero();
        assertThat(said()).contains(id + " is queued again.");
        server.work();
        assertThat(jobs("watch", id)).as(complained()).isZero();
        out.reset();
        assertThat(jobs("cancel", id)).isZero();
        assertThat(said()).contains("has succeeded already");
    }

    @Test
    void outputs_come_over_while_the_job_still_runs_and_get_their_names_when_all_are_whole() throws Exception {
        file("song.wav", "music");
        Gate gate = new Gate();
        byte[] piece = "a piece of sound".repeat(1 << 19).getBytes(StandardCharsets.UTF_8);
        house.provider.next(Script.start()
                .openAll()
                .writeAll(piece)
                .await(gate)
                .writeAll("the end".getBytes(StandardCharsets.UTF_8)));
        String id = submitted("song.wav", "--stems", "vocals");
        server.work();
        gate.awaitReached();

        CompletableFuture<Integer> getting = CompletableFuture.supplyAsync(() -> jobs("get", id), ASIDE);
        Await.until("the first piece has come", () -> partBytes() > piece.length / 2);
        assertThat(left()).doesNotContain("song-stems/vocals.wav");
        gate.open();

        assertThat(getting.join()).as(complained()).isZero();
        assertThat(folder.resolve("song-stems/vocals.wav"))
                .hasContent(new String(piece, StandardCharsets.UTF_8) + "the end");
    }

    @Test
    void watching_goes_on_when_the_server_is_started_anew() throws Exception {
        file("song.wav", "music");
        String id = submitted("song.wav");
        CompletableFuture<Integer> watching = CompletableFuture.supplyAsync(() -> jobs("watch", id), ASIDE);
        Await.until("somebody watches", () -> complained().contains("waiting"));

        int port = server.port();
        server.close();
        Await.until("it says that it waits", () -> complained().contains("waiting for the server"));
        server = new JobServer(house, temp.resolve("served"), port).work();

        assertThat(watching.join()).as(complained()).isZero();
        assertThat(said()).contains(id + " succeeded.");
    }

    @Test
    void two_outputs_that_would_be_one_file_are_told_apart_by_the_name_and_not_by_the_folder() throws IOException {
        file("song.wav", "music");
        String id = submitted("song.wav", "--stems", "vocals,bass");
        server.work();
        assertThat(jobs("watch", id)).as(complained()).isZero();

        assertThat(jobs("get", id, "--name", "{track}")).isEqualTo(Failures.USAGE);

        assertThat(complained())
                .contains("vocals of song.wav would be written to", "which is also bass of song.wav", "--name")
                .doesNotContain("-o");
        assertThat(left()).containsExactly("song.wav");
    }

    @Test
    void a_server_that_is_not_there_is_a_matter_of_setup_with_what_to_do() throws IOException {
        file("song.wav", "music");
        server.close();

        assertThat(jobs("list")).isEqualTo(Failures.SETUP);
        assertThat(complained())
                .contains(
                        "There is no server at " + server.address(),
                        "Start one with flowstate serve",
                        "FLOWSTATE_SERVER");
        assertThat(jobs("submit", "song.wav", "song.wav")).isEqualTo(Failures.SETUP);
        serve();
    }

    @Test
    void what_the_server_refuses_is_told_in_its_words_and_with_the_names_of_options() throws IOException {
        file("bad.wav", TestHouse.NOT_AUDIO);
        file("good.wav", "music");
        file("long.wav", "x".repeat((int) JobServer.MOST_BYTES + 1));

        assertThat(jobs("show", "job_nonsense")).isEqualTo(Failures.FAILED);
        assertThat(complained())
                .contains("There is no job job_nonsense.", "flowstate jobs list shows yours")
                .doesNotContain("GET /v1");
        assertThat(jobs("submit", "bad.wav", "long.wav", "nowhere.wav", "good.wav"))
                .isEqualTo(Failures.FAILED);
        assertThat(complained())
                .contains(
                        "bad.wav: bad.wav is not audio.",
                        "  Send music.",
                        "long.wav: ",
                        "There is no file nowhere.wav.");
        assertThat(said().lines()).hasSize(1);
        assertThat(jobs("submit", "good.wav", "--stems", "vocal")).isEqualTo(Failures.USAGE);
        assertThat(complained()).contains("There is no stem \"vocal\".");
        out.reset();
        assertThat(jobs("list", "--status", "running,queued")).isZero();
        assertThat(said().lines()).hasSize(2);
        assertThat(jobs("list", "--status", "done")).isEqualTo(Failures.USAGE);
        assertThat(complained()).contains("--status");
        assertThat(jobs("submit", "good.wav", "--bits", "12")).isEqualTo(Failures.USAGE);
    }

    @Test
    void the_server_is_named_by_the_option_the_environment_or_the_file() throws IOException {
        file("flowstate.yaml", "client: {server: \"%s\"}".formatted(server.address()));

        assertThat(run(Map.of("FLOWSTATE_SERVER", server.address()), "jobs", "list"))
                .isZero();
        assertThat(run("jobs", "list", "--config", "flowstate.yaml")).isZero();
        assertThat(run("jobs", "list", "--server", "studio")).isEqualTo(Failures.USAGE);
        assertThat(complained()).contains("option --server must be an address like");
    }

    private int jobs(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "jobs";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[all.length - 2] = "--server";
        all[all.length - 1] = server.address();
        return run(all);
    }

    /** Hands in one input and gives the id. */
    private String submitted(String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "submit";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        assertThat(jobs(all)).as(complained()).isZero();
        String id = said().strip();
        out.reset();
        return id;
    }

    /** The only job that the list has, as the API gives it. */
    private JsonNode only(String... arguments) {
        out.reset();
        String[] all = new String[arguments.length + 2];
        all[0] = "list";
        all[1] = "--json";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        assertThat(jobs(all)).isZero();
        assertThat(said().lines()).hasSize(1);
        return new JsonMapper().readTree(said());
    }

    private long partBytes() throws IOException {
        return left().stream()
                .filter(name -> name.endsWith(".part"))
                .mapToLong(name -> folder.resolve(name).toFile().length())
                .sum();
    }
}
