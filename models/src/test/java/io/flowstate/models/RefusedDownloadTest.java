package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.Progress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Servers that do not give what the catalogue names. */
class RefusedDownloadTest extends HubCase {
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
    void a_redirect_to_something_else_than_http_is_refused() {
        for (String target : List.of("file:///etc/passwd", "ftp://x/y", "http:// bad", "http://")) {
            hub.answer(MAIN, exchange -> HubServer.status(exchange, 302, Map.of("Location", target)));
            assertThat(failure(model).code()).as(target).isEqualTo(Code.MODEL_UNAVAILABLE);
        }
    }
}
