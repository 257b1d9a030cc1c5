package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.Progress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubDownloadTest {
    private static final int SIZE = 3_000_000;
    private static final String MAIN = HubServer.resolve("main", "graph.onnx");
    private static final String CUT_OFF = "\"v1\"";

    @TempDir
    Path root;

    private final HubServer hub = new HubServer();
    private final HubServer cdn = new HubServer();
    private final Weights weights = Weights.of("graph.onnx", SIZE);
    private final byte[] content = weights.content("graph.onnx");
    private final Model model = weights.model("tiny", weights.source(Kind.HUB, "org/repo"));
    private DiskModelStore store;

    @BeforeEach
    void aStoreWithAToken() {
        store = TestStores.withHub(root, hub.address(), "secret-token");
    }

    @AfterEach
    void stopServers() {
        hub.close();
        cdn.close();
    }

    @Test
    void files_lie_in_the_layout_of_the_hub_under_their_commit() {
        Weights two = weights.and("onnx/voices.bin", 50_000);
        Model both = two.model("both", two.source(Kind.HUB, "org/repo@main"));
        hub.repository(two);

        ensure(both);

        Path repository = root.resolve("models/org/repo");
        assertThat(repository.resolve(HubServer.COMMIT + "/graph.onnx")).hasBinaryContent(content);
        assertThat(repository.resolve(HubServer.COMMIT + "/onnx/voices.bin"))
                .hasBinaryContent(two.content("onnx/voices.bin"));
        assertThat(repository.resolve("refs/main")).hasContent(HubServer.COMMIT);
        assertThat(hub.asked())
                .as("the second file is asked of the first one's commit")
                .extracting(HubServer.Asked::path)
                .containsExactly(MAIN, HubServer.resolve(HubServer.COMMIT, "onnx/voices.bin"));
    }

    @Test
    void two_models_may_share_a_file_and_removing_one_leaves_the_other() {
        Weights two = weights.and("voices.bin", 50_000);
        Model both = two.model("both", two.source(Kind.HUB, "org/repo"));
        hub.repository(two);
        ensure(model);
        ensure(both);

        store.remove(both, new Cancellation());

        assertThat(store.find(model)).isPresent();
        assertThat(TestStores.filesIn(root)).noneMatch(file -> file.endsWith("voices.bin"));
    }

    @Test
    void removing_the_last_model_of_a_repository_removes_its_refs() {
        hub.repository(weights);
        ensure(model);

        store.remove(model, new Cancellation());

        assertThat(TestStores.filesIn(root)).isEmpty();
    }

    @Test
    void a_connection_that_falls_silent_counts_as_dropped() {
        AtomicInteger requests = new AtomicInteger();
        hub.answer(MAIN, exchange -> {
            if (requests.incrementAndGet() == 1) {
                exchange.getResponseHeaders().set("ETag", CUT_OFF);
                exchange.sendResponseHeaders(200, SIZE);
                exchange.getResponseBody().write(content, 0, 1_000_000);
                exchange.getResponseBody().flush();
            } else {
                HubServer.serve(exchange, content, CUT_OFF, SIZE);
            }
        });
        store = TestStores.of(new ModelStoreConfig(
                root,
                false,
                hub.address(),
                Optional.empty(),
                ModelStoreConfig.Clients.onPath(),
                0,
                Duration.ofMillis(300),
                TestStores.STALL));

        ensure(model);

        assertThat(hub.asked().getLast().range()).contains("bytes=1000000-");
    }

    @Test
    void a_pinned_commit_that_the_hub_answers_with_another_is_refused() {
        String pinned = "f".repeat(40);
        hub.answer(HubServer.resolve(pinned, "graph.onnx"), exchange -> {
            exchange.getResponseHeaders().set("X-Repo-Commit", HubServer.COMMIT);
            HubServer.serve(exchange, content, CUT_OFF, SIZE);
        });

        FlowError error = failure(weights.model("tiny", weights.source(Kind.HUB, "org/repo@" + pinned)));

        assertThat(error.code()).isEqualTo(Code.MODEL_CORRUPT);
    }

    @Test
    void the_token_goes_to_the_hub_and_not_where_the_hub_points() {
        hub.answer(
                MAIN,
                exchange -> HubServer.status(
                        exchange, 302, Map.of("Location", cdn.address() + "/blob", "X-Repo-Commit", HubServer.COMMIT)));
        cdn.answer("/blob", exchange -> HubServer.serve(exchange, content, CUT_OFF, SIZE));

        ensure(model);

        assertThat(hub.asked())
                .extracting(HubServer.Asked::authorization)
                .containsExactly(Optional.of("Bearer secret-token"));
        assertThat(cdn.asked()).extracting(HubServer.Asked::authorization).containsExactly(Optional.empty());
        assertThat(root.resolve("models/org/repo").resolve(HubServer.COMMIT).resolve("graph.onnx"))
                .exists();
    }

    @Test
    void a_chain_back_to_the_hub_carries_the_token_again_and_an_endless_one_ends() {
        hub.answer(MAIN, exchange -> HubServer.status(exchange, 307, Map.of("Location", "/moved/graph.onnx")));
        hub.answer("/moved/graph.onnx", exchange -> HubServer.serve(exchange, content, CUT_OFF, SIZE));
        ensure(model);
        assertThat(hub.asked()).allMatch(asked -> asked.authorization().isPresent());

        store.remove(model, new Cancellation());
        hub.answer(MAIN, exchange -> HubServer.status(exchange, 302, Map.of("Location", MAIN)));
        assertThat(failure(model).message()).contains("redirects more than");
    }

    @Test
    void a_redirect_to_something_else_than_http_is_refused() {
        for (String target : List.of("file:///etc/passwd", "ftp://x/y", "http:// bad", "http://")) {
            hub.answer(MAIN, exchange -> HubServer.status(exchange, 302, Map.of("Location", target)));
            assertThat(failure(model).code()).as(target).isEqualTo(Code.MODEL_UNAVAILABLE);
        }
    }

    @Test
    void a_connection_that_is_cut_is_continued_where_it_ended() {
        AtomicInteger requests = new AtomicInteger();
        hub.answer(
                MAIN,
                exchange ->
                        HubServer.serve(exchange, content, CUT_OFF, requests.incrementAndGet() < 4 ? 900_000 : SIZE));
        List<Progress> told = new ArrayList<>();

        store.ensure(model, told::add, new Cancellation());

        assertThat(hub.asked())
                .extracting(asked -> asked.range().orElse("whole"))
                .containsExactly("whole", "bytes=900000-", "bytes=1800000-", "bytes=2700000-");
        assertThat(hub.asked().get(1).ifRange()).contains(CUT_OFF);
        assertThat(told).isSortedAccordingTo((a, b) -> Double.compare(a.done(), b.done()));
    }

    @Test
    void a_file_that_changes_in_mid_way_is_started_afresh() {
        byte[] old = Weights.random(99, SIZE);
        AtomicInteger requests = new AtomicInteger();
        hub.answer(MAIN, exchange -> {
            if (requests.incrementAndGet() == 1) {
                HubServer.serve(exchange, old, "\"old\"", 1_000_000);
            } else {
                HubServer.serve(exchange, content, "\"new\"", SIZE);
            }
        });

        ensure(model);

        assertThat(hub.asked()).hasSize(2);
        assertThat(store.find(model).orElseThrow().file("graph.onnx")).hasBinaryContent(content);
    }

    @Test
    void parts_that_do_not_fit_although_the_server_says_so_are_fetched_once_more() {
        byte[] old = Weights.random(99, SIZE);
        AtomicInteger requests = new AtomicInteger();
        hub.answer(
                MAIN,
                exchange -> HubServer.serve(
                        exchange,
                        requests.incrementAndGet() == 1 ? old : content,
                        CUT_OFF,
                        requests.get() == 1 ? 10 : SIZE));

        ensure(model);

        assertThat(hub.asked())
                .extracting(asked -> asked.range().orElse("whole"))
                .containsExactly("whole", "bytes=10-", "whole");
    }

    @Test
    void a_server_without_ranges_or_versions_sends_everything_again() {
        AtomicInteger requests = new AtomicInteger();
        hub.answer(MAIN, exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, requests.incrementAndGet() == 1 ? 100_000 : SIZE);
            exchange.close();
        });

        ensure(model);

        assertThat(hub.asked()).extracting(HubServer.Asked::range).containsOnly(Optional.empty());
    }

    @Test
    void what_a_failed_pull_has_fetched_is_the_beginning_of_the_next() {
        AtomicInteger requests = new AtomicInteger();
        hub.answer(
                MAIN,
                exchange -> HubServer.serve(exchange, content, CUT_OFF, requests.incrementAndGet() == 1 ? 700_000 : 0));
        assertThat(failure(model).message()).contains("5 tries");
        int asked = hub.asked().size();

        hub.repository(weights);
        ensure(model);

        assertThat(hub.asked().get(asked).range()).contains("bytes=700000-");
        assertThat(TestStores.filesIn(root)).noneMatch(file -> file.startsWith("work"));
    }

    @Test
    void a_server_that_always_fails_is_given_up_even_if_it_sends_a_megabyte_each_time() {
        hub.answer(MAIN, exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, 1_500_000);
            exchange.close();
        });

        FlowError error = failure(model);

        assertThat(error.code()).isEqualTo(Code.MODEL_UNAVAILABLE);
        assertThat(hub.asked()).hasSizeLessThan(8);
    }

    @Test
    void retry_after_is_waited_for_and_a_long_one_is_handed_on() {
        List<Duration> waits = new ArrayList<>();
        DiskModelStore patient = new DiskModelStore(
                TestStores.config(root, hub.address(), ModelStoreConfig.Clients.onPath()),
                TestStores.CLOCK,
                (length, cancellation) -> waits.add(length));
        AtomicInteger requests = new AtomicInteger();
        hub.answer(MAIN, exchange -> {
            switch (requests.incrementAndGet()) {
                case 1 -> HubServer.status(exchange, 429, Map.of("Retry-After", "7"));
                case 2 -> HubServer.status(exchange, 503, Map.of("Retry-After", "Sun, 22 Nov 2026 10:15:50 GMT"));
                case 3 -> HubServer.status(exchange, 503, Map.of("Retry-After", "soon"));
                default -> HubServer.status(exchange, 429, Map.of("Retry-After", "3600"));
            }
        });

        FlowError error = catchThrowableOfType(
                FlowError.class, () -> patient.ensure(model, Progress.Listener.NONE, new Cancellation()));

        assertThat(waits)
                .startsWith(Duration.ofSeconds(7), Duration.ofSeconds(20))
                .hasSize(3);
        assertThat(error.retryAfter()).contains(Duration.ofHours(1));
    }

    @Test
    void a_missing_file_and_a_closed_door_are_told_apart() {
        FlowError missing = failure(model);
        assertThat(missing.code()).isEqualTo(Code.MODEL_UNAVAILABLE);
        assertThat(missing.message()).contains("does not have", "404", "Entry not found");
        assertThat(hub.asked()).as("no use in asking again").hasSize(1);

        hub.answer(MAIN, exchange -> HubServer.status(exchange, 401, Map.of()));
        assertThat(failure(model).advice().orElseThrow()).contains("The token in HF_TOKEN");
        store = TestStores.of(TestStores.config(root, hub.address(), ModelStoreConfig.Clients.onPath()));
        assertThat(failure(model).advice().orElseThrow()).contains("Set HF_TOKEN");
    }

    @Test
    void another_file_than_the_catalogues_is_refused_before_its_body() {
        hub.answer(MAIN, exchange -> HubServer.serve(exchange, new byte[SIZE + 1], CUT_OFF, 0));
        assertThat(failure(model).code()).isEqualTo(Code.MODEL_CORRUPT);

        hub.answer(MAIN, exchange -> {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + "a".repeat(64) + "\"");
            HubServer.serve(exchange, content, CUT_OFF, SIZE);
        });
        assertThat(failure(model).message()).contains("on the hub").contains("a".repeat(64));
    }

    @Test
    void an_endless_body_is_cut_at_the_announced_size() {
        hub.answer(MAIN, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[100_000];
            for (int sent = 0; sent < 100 * SIZE; sent += block.length) {
                exchange.getResponseBody().write(block);
            }
            exchange.close();
        });

        assertThat(failure(model).message()).contains("longer than");
        assertThat(TestStores.filesIn(root)).isEmpty();
    }

    @Test
    void wrong_bytes_are_in_quarantine_and_the_next_pull_starts_afresh() {
        byte[] wrong = Weights.random(5, SIZE);
        hub.answer(MAIN, exchange -> HubServer.serve(exchange, wrong, CUT_OFF, SIZE));
        assertThat(failure(model).code()).isEqualTo(Code.MODEL_CORRUPT);
        assertThat(TestStores.filesIn(root)).containsExactly("quarantine/tiny/graph.onnx");

        hub.repository(weights);
        ensure(model);

        assertThat(hub.asked().getLast().range()).isEmpty();
    }

    @Test
    void nobody_at_the_address_is_told_after_two_tries() {
        URI nobody = cdn.address();
        cdn.close();
        store = TestStores.withHub(root, nobody, "secret-token");

        FlowError error = failure(model);

        assertThat(error.message()).contains("cannot be reached", "2 tries").doesNotContain("secret-token");
        assertThat(error.advice().orElseThrow()).contains("network");
    }

    @Test
    void a_plain_address_brings_one_file_and_one_with_a_slash_a_folder() {
        hub.answer("/files/any-name", exchange -> HubServer.serve(exchange, content, CUT_OFF, SIZE));
        ensure(weights.model("one", weights.source(Kind.HTTPS, hub.address() + "/files/any-name")));
        Weights two = weights.and("a b/voices.bin", 1_000);
        hub.answer("/all/graph.onnx", exchange -> HubServer.serve(exchange, content, CUT_OFF, SIZE));
        hub.answer(
                "/all/a%20b/voices.bin",
                exchange -> HubServer.serve(exchange, two.content("a b/voices.bin"), CUT_OFF, SIZE));

        ensure(two.model("two", two.source(Kind.HTTPS, hub.address() + "/all/")));

        assertThat(hub.asked()).allMatch(asked -> asked.authorization().isEmpty());
    }

    @Test
    void a_cancellation_breaks_a_connection_that_is_silent_and_leaves_only_what_has_come() {
        Cancellation cancellation = new Cancellation();
        hub.answer(MAIN, exchange -> {
            exchange.sendResponseHeaders(200, SIZE);
            exchange.getResponseBody().write(content, 0, 1_000_000);
            exchange.getResponseBody().flush();
            cancellation.cancel(FlowError.of(Code.CANCELED, "enough"));
        });

        FlowError error =
                catchThrowableOfType(FlowError.class, () -> store.ensure(model, Progress.Listener.NONE, cancellation));

        assertThat(error.message()).isEqualTo("enough");
        assertThat(TestStores.filesIn(root)).allMatch(file -> file.startsWith("work/tiny/partial/"));
    }

    private void ensure(Model wanted) {
        store.ensure(wanted, Progress.Listener.NONE, new Cancellation());
    }

    private FlowError failure(Model wanted) {
        return catchThrowableOfType(FlowError.class, () -> ensure(wanted));
    }
}
