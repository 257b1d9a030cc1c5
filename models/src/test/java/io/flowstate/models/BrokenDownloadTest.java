package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Connections that break on the way. */
class BrokenDownloadTest extends HubCase {
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
}
