package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Progress.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentPullTest {
    private static final int SIZE = 2_000_000;
    private static final String MAIN = HubServer.resolve("main", "graph.onnx");

    @TempDir
    Path root;

    @TempDir
    Path logs;

    private final HubServer hub = new HubServer();
    private final Weights weights = Weights.of("graph.onnx", SIZE);
    private final Model model = weights.model("tiny", weights.source(Kind.HUB, "org/repo"));
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void stop() {
        started.forEach(Process::destroyForcibly);
        hub.close();
    }

    @Test
    void many_threads_that_want_one_model_fetch_it_once() throws Exception {
        hub.repository(weights);
        DiskModelStore store = TestStores.withHub(root, hub.address(), "t");
        Queue<Phase> phases = new ConcurrentLinkedQueue<>();

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Installed>> pulls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                pulls.add(threads.submit(
                        () -> store.ensure(model, progress -> phases.add(progress.phase()), new Cancellation())));
            }
            for (Future<Installed> pull : pulls) {
                assertThat(pull.get().file("graph.onnx")).hasBinaryContent(weights.content("graph.onnx"));
            }
        }

        assertThat(hub.asked()).hasSize(1);
    }

    @Test
    void a_reader_never_sees_half_a_model() throws Exception {
        Weights two = weights.and("voices.bin", 500_000);
        Model both = two.model("tiny", two.source(Kind.HUB, "org/repo"));
        hub.repository(two);
        DiskModelStore store = TestStores.withHub(root, hub.address(), "t");
        AtomicInteger seen = new AtomicInteger();
        CountDownLatch end = new CountDownLatch(1);

        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<?> reader = threads.submit(() -> {
                while (end.getCount() > 0) {
                    store.find(both).ifPresent(here -> {
                        seen.incrementAndGet();
                        assertThat(here.file("graph.onnx")).hasSize(SIZE);
                        assertThat(here.file("voices.bin")).hasSize(500_000);
                    });
                }
            });
            store.ensure(both, Progress.Listener.NONE, new Cancellation());
            Await.until("the reader has seen the model", () -> seen.get() > 0 || reader.isDone());
            end.countDown();
            reader.get();
        }
    }

    @Test
    void two_processes_that_want_one_model_fetch_it_once_and_the_second_says_that_it_waits() throws Exception {
        CountDownLatch secondWaits = new CountDownLatch(1);
        hub.answer(MAIN, exchange -> {
            await(secondWaits);
            HubServer.serve(exchange, weights.content("graph.onnx"), "\"v1\"", SIZE);
        });
        pullInAnotherJvm("first");
        Await.until("the first process is at work", () -> !hub.asked().isEmpty());
        Process second = pullInAnotherJvm("second");
        Await.until("the second process waits", () -> log("second").contains("waiting"));
        Queue<Phase> phases = new ConcurrentLinkedQueue<>();
        DiskModelStore store = TestStores.withHub(root, hub.address(), "t");

        Installed here = store.ensure(
                model,
                progress -> {
                    phases.add(progress.phase());
                    secondWaits.countDown();
                },
                new Cancellation());

        assertThat(phases).containsExactly(Phase.QUEUED);
        assertThat(here.file("graph.onnx")).hasBinaryContent(weights.content("graph.onnx"));
        assertThat(second.waitFor()).isZero();
        assertThat(log("second")).contains("done");
        assertThat(hub.asked()).hasSize(1);
    }

    @Test
    void a_pull_that_was_killed_is_swept_and_its_download_continued() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        hub.answer(MAIN, exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"v1\"");
            exchange.sendResponseHeaders(200, SIZE);
            exchange.getResponseBody().write(weights.content("graph.onnx"), 0, 1_000_000);
            exchange.getResponseBody().flush();
            await(never);
        });
        Process doomed = pullInAnotherJvm("doomed");
        Path partial = root.resolve("work/tiny/partial").resolve(Weights.sha256(weights.content("graph.onnx")));
        Await.until("a part has come", () -> partial.toFile().length() == 1_000_000);
        doomed.destroyForcibly().waitFor();
        assertThat(TestStores.filesIn(root)).hasSize(2);
        assertThat(root.resolve("work/tiny")).isDirectoryContaining("glob:**/pull-*");
        hub.repository(weights);

        Process heir = pullInAnotherJvm("heir");

        assertThat(heir.waitFor()).as(log("heir")).isZero();
        assertThat(hub.asked().getLast().range()).contains("bytes=1000000-");
        assertThat(TestStores.withHub(root, hub.address(), "t")
                        .find(model)
                        .orElseThrow()
                        .file("graph.onnx"))
                .hasBinaryContent(weights.content("graph.onnx"));
        assertThat(root.resolve("work/tiny")).doesNotExist();
        never.countDown();
    }

    @Test
    void the_work_of_a_dead_pull_of_another_model_is_swept_but_not_that_of_a_live_one() throws IOException {
        hub.repository(weights);
        Path dead = Files.createDirectories(root.resolve("work/dead/pull-1"));
        Path live = Files.createDirectories(root.resolve("work/live/pull-1"));
        Files.writeString(dead.resolve("big"), "left behind");
        DiskModelStore store = TestStores.withHub(root, hub.address(), "t");
        Locks others = new Locks(root.resolve("locks"));

        try (Locks.Held _ = others.tryHold("live").orElseThrow()) {
            store.ensure(model, Progress.Listener.NONE, new Cancellation());
        }

        assertThat(dead).doesNotExist();
        assertThat(live).exists();
    }

    @Test
    void what_a_dead_pull_left_is_swept_even_if_the_next_one_fails() throws IOException {
        Path dead = Files.createDirectories(root.resolve("work/tiny/pull-1"));
        DiskModelStore store = TestStores.withHub(root, hub.address(), "t");
        hub.answer(MAIN, exchange -> HubServer.serve(exchange, weights.content("graph.onnx"), "\"v1\"", 10));

        FlowError error = catchThrowableOfType(
                FlowError.class, () -> store.ensure(model, Progress.Listener.NONE, new Cancellation()));

        assertThat(error.code()).isEqualTo(Code.MODEL_UNAVAILABLE);
        assertThat(dead).doesNotExist();
        assertThat(root.resolve("work/tiny/partial")).isNotEmptyDirectory();
    }

    @Test
    void one_who_waits_for_another_can_be_stopped() {
        DiskModelStore store = TestStores.withHub(root, hub.address(), "t");
        Cancellation cancellation = new Cancellation();
        Locks others = new Locks(root.resolve("locks"));

        try (Locks.Held _ = others.tryHold("tiny").orElseThrow()) {
            FlowError error = catchThrowableOfType(
                    FlowError.class,
                    () -> store.ensure(
                            model,
                            progress -> cancellation.cancel(FlowError.of(Code.CANCELED, "enough")),
                            cancellation));
            assertThat(error.message()).isEqualTo("enough");
        }
        assertThat(hub.asked()).isEmpty();
    }

    @Test
    void when_the_one_who_pulls_leaves_the_next_takes_over_where_it_ended() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        hub.answer(MAIN, exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"v1\"");
            exchange.sendResponseHeaders(200, SIZE);
            exchange.getResponseBody().write(weights.content("graph.onnx"), 0, 1_000_000);
            exchange.getResponseBody().flush();
            await(never);
        });
        DiskModelStore store = TestStores.withHub(root, hub.address(), "t");
        Cancellation leaving = new Cancellation();
        CountDownLatch half = new CountDownLatch(1);
        CountDownLatch waits = new CountDownLatch(1);
        Progress.Listener untilHalf = progress -> {
            if (progress.done() >= 1_000_000) {
                half.countDown();
            }
        };
        Progress.Listener waiting = progress -> {
            if (progress.phase() == Phase.QUEUED) {
                waits.countDown();
            }
        };

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Installed> first = threads.submit(() -> store.ensure(model, untilHalf, leaving));
            half.await();
            Future<Installed> second = threads.submit(() -> store.ensure(model, waiting, new Cancellation()));
            waits.await();
            hub.repository(weights);
            leaving.cancel(FlowError.of(Code.CANCELED, "the first has left"));

            assertThat(second.get().file("graph.onnx")).hasBinaryContent(weights.content("graph.onnx"));
            assertThatThrownBy(first::get).hasRootCauseMessage("the first has left");
        }
        assertThat(hub.asked().getLast().range()).contains("bytes=1000000-");
        never.countDown();
    }

    private Process pullInAnotherJvm(String name) throws IOException {
        Process process = PullingProcess.start(root, hub.address(), "graph.onnx", SIZE, logs.resolve(name));
        started.add(process);
        return process;
    }

    private String log(String name) {
        try {
            return Files.readString(logs.resolve(name));
        } catch (IOException notYet) {
            return "";
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            throw new IOException(stopped);
        }
    }
}
