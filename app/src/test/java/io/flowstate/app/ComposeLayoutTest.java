package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.Await;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The nodes of {@code deploy/compose.yaml}, packaged and in processes of their own, on a real PostgreSQL and a real S3-compatible store. */
@Timeout(300)
final class ComposeLayoutTest {
    private static final int RATE = 44_100;
    /** Takes a second or two, so that something can happen meanwhile. */
    private static final TinyDemucs SLOW = TinyDemucs.small().slowedBy(6);

    @TempDir
    static Path ground;

    private static Topology topology;
    private static byte[] song;

    @BeforeAll
    static void up() throws Exception {
        topology = new Topology(new RealHouse(ground, SLOW));
        song = TestAudio.wav(TestAudio.tune(2, RATE, 4 * RATE, 1), RATE);
        assertThat(topology.complete("models")).isZero();
        topology.up("api-1", "api-2", "worker-1", "worker-2");
        for (Topology.Node node : topology.nodes()) {
            Await.until(node.name() + " is ready", () -> status(node, "/readyz") == 200);
        }
    }

    @AfterAll
    static void down() throws Exception {
        topology.close();
    }

    @Test
    void what_is_handed_in_at_one_node_is_followed_and_read_at_the_other() throws Exception {
        LiveServer first = topology.node("api-1").server();
        LiveServer second = topology.node("api-2").server();
        String id = first.submit("stems=vocals,bass", song);

        HttpResponse<String> events = second.get("/v1/jobs/%s/events".formatted(id));

        assertThat(events.body()).contains("event: progress", "event: output", "\"status\":\"succeeded\"");
        assertThat(events.body().lines().filter(line -> line.startsWith("id:")).toList())
                .doesNotHaveDuplicates();
        for (String stem : List.of("vocals", "bass")) {
            byte[] here = first.bytes("/v1/jobs/%s/outputs/%s".formatted(id, stem));
            assertThat(here).hasSizeGreaterThan(song.length / 2);
            assertThat(second.bytes("/v1/jobs/%s/outputs/%s".formatted(id, stem)))
                    .isEqualTo(here);
        }
    }

    @Test
    void an_api_node_loads_no_engine_and_has_a_worker_do_what_somebody_waits_for() throws Exception {
        Topology.Node api = topology.node("api-1");

        HttpResponse<byte[]> answer = api.server().stems("stems=vocals", "song.wav", song);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(new String(answer.body(), StandardCharsets.ISO_8859_1)).startsWith("RIFF");
        assertThat(loaded(api)).noneMatch(line -> line.contains("onnxruntime"));
        assertThat(loaded(topology.node("worker-1"))).anyMatch(line -> line.contains("onnxruntime"));
        assertThat(ground.resolve("containers/api-1/models")).doesNotExist();
    }

    @Test
    void a_worker_answers_only_those_who_look_after_it() throws Exception {
        Topology.Node worker = topology.node("worker-1");

        assertThat(status(worker, "/healthz")).isEqualTo(200);
        assertThat(status(worker, "/metrics")).isEqualTo(200);
        assertThat(worker.server().get("/v1/jobs").body()).contains("misdirected");
        assertThat(ready(worker).get("roles").toString()).isEqualTo("[\"worker\"]");
        assertThat(ready(worker).get("checks").propertyNames())
                .containsExactly("database", "blobs", "worker", "engine");
        assertThat(ready(topology.node("api-1")).get("checks").propertyNames()).containsExactly("database", "blobs");
    }

    @Test
    void the_image_s_health_check_tells_a_ready_node_from_others() throws Exception {
        Matcher check = Pattern.compile("HEALTHCHECK .*CMD (\\[.*])").matcher(Compose.text("Dockerfile"));
        assertThat(check.find()).isTrue();
        String port = topology.node("worker-2").server().port();

        assertThat(exit(check.group(1).replace("7070", port))).isZero();
        assertThat(exit(check.group(1).replace("7070", port).replace("readyz", "v1/jobs")))
                .isNotZero();
    }

    @Test
    void a_worker_that_is_killed_in_mid_job_is_replaced_by_the_other() throws Exception {
        LiveServer api = topology.node("api-2").server();
        String id = api.submit("stems=vocals", song);
        Topology.Node victim = atWork();

        victim.program().signal("KILL");
        victim.program().awaitExit();

        JsonNode done = end(api, id);
        assertThat(done.get("status").stringValue()).isEqualTo("succeeded");
        assertThat(done.get("attempt").intValue()).isEqualTo(2);
        topology.up(victim.name());
    }

    @Test
    void a_worker_that_is_stopped_hands_its_job_back() throws Exception {
        LiveServer api = topology.node("api-1").server();
        byte[] longer = TestAudio.wav(TestAudio.tune(2, RATE, 8 * RATE, 1), RATE);
        String id = api.submit("stems=vocals", longer);
        Topology.Node stopped = atWork();

        stopped.program().signal("TERM");

        Await.until("it says that it stops", () -> status(stopped, "/readyz") == 503);
        assertThat(stopped.program().awaitExit()).isEqualTo(143);
        assertThat(stopped.program().complained()).contains(id + " goes back into the queue");
        JsonNode done = end(api, id);
        assertThat(done.get("status").stringValue()).isEqualTo("succeeded");
        assertThat(done.get("attempt").intValue()).isEqualTo(2);
        topology.up(stopped.name());
    }

    @Test
    void no_node_is_ready_without_its_database_and_all_are_when_it_is_back() throws Exception {
        topology.stopDatabase();
        for (String name : List.of("api-1", "worker-1")) {
            AtomicReference<JsonNode> standing = new AtomicReference<>();
            Await.until(name + " is not ready", () -> {
                standing.set(ready(topology.node(name)));
                return standing.get().get("status").stringValue().equals("unavailable");
            });
            JsonNode checks = standing.get().get("checks");
            assertThat(checks.get("database").get("ok").booleanValue()).isFalse();
            assertThat(checks.get("blobs").get("ok").booleanValue()).isTrue();
            assertThat(status(topology.node(name), "/healthz")).isEqualTo(200);
        }

        topology.startDatabase();

        for (Topology.Node node : topology.nodes()) {
            Await.until(node.name() + " is ready again", () -> status(node, "/readyz") == 200);
        }
        LiveServer api = topology.node("api-1").server();
        assertThat(end(api, api.submit("stems=vocals", song)).get("status").stringValue())
                .isEqualTo("succeeded");
    }

    /** The worker that runs something now. */
    private static Topology.Node atWork() throws Exception {
        List<Topology.Node> workers = List.of(topology.node("worker-1"), topology.node("worker-2"));
        AtomicReference<Topology.Node> busy = new AtomicReference<>();
        Await.until("one of them works", () -> {
            for (Topology.Node worker : workers) {
                if (worker.server().running() > 0) {
                    busy.set(worker);
                }
            }
            return busy.get() != null;
        });
        return busy.get();
    }

    private static int status(Topology.Node node, String path) throws Exception {
        return node.server().get(path).statusCode();
    }

    private static JsonNode ready(Topology.Node node) throws Exception {
        return JsonMapper.shared().readTree(node.server().get("/readyz").body());
    }

    private static JsonNode end(LiveServer api, String id) throws Exception {
        return JsonMapper.shared()
                .readTree(api.get("/v1/jobs/%s?wait=60s".formatted(id)).body());
    }

    private static List<String> loaded(Topology.Node node) throws Exception {
        return Files.readAllLines(
                Path.of("/proc/%d/maps".formatted(node.program().pid())));
    }

    private static int exit(String command) throws Exception {
        List<String> words = List.of(JsonMapper.shared().readValue(command, String[].class));
        return new ProcessBuilder(words).start().waitFor();
    }
}
