package io.flowstate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneTest {
    private final Lane lane = new Lane("test", 2, InstantSource.system());
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void end() {
        release.countDown();
        callers.close();
        lane.close();
    }

    @Test
    void refuses_one_more_than_its_places_and_says_when_to_come_again() throws Exception {
        Future<?> _ = occupy(lane);
        Lane.Place first = lane.enter();
        Lane.Place second = lane.enter();

        FlowError refused = catchThrowableOfType(FlowError.class, lane::enter);

        assertThat(refused.code()).isEqualTo(Code.QUEUE_FULL);
        assertThat(refused.retryAfter()).isPresent();
        assertThat(lane.waiting()).isEqualTo(2);
        first.close();
        assertThat(lane.waiting()).isEqualTo(1);
        lane.enter().close();
        second.close();
    }

    @Test
    void runs_one_at_a_time_in_the_order_of_entering_whoever_is_ready_first() throws Exception {
        int callersAtOnce = 16;
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        try (Lane wide = new Lane("wide", callersAtOnce, InstantSource.system())) {
            Future<?> _ = occupy(wide);
            List<Lane.Place> places = IntStream.range(0, callersAtOnce)
                    .mapToObj(_ -> wide.enter())
                    .toList();
            List<Integer> ready =
                    new ArrayList<>(IntStream.range(0, callersAtOnce).boxed().toList());
            Collections.shuffle(ready, new Random(20261122));
            List<Future<?>> runs = new ArrayList<>();
            for (int who : ready) {
                runs.add(runIn(places.get(who), () -> order.add(who)));
                awaitPending(wide, runs.size());
            }
            release.countDown();
            for (Future<?> run : runs) {
                run.get();
            }
        }

        assertThat(order).hasSize(callersAtOnce).isSorted();
    }

    @Test
    void a_cancellation_ends_the_wait_at_once_and_the_work_is_never_begun() throws Exception {
        Future<?> _ = occupy(lane);
        Cancellation cancellation = new Cancellation();
        try (Lane.Place place = lane.enter()) {
            Future<String> waiting = callers.submit(() -> place.run(cancellation, Progress.Listener.NONE, () -> {
                throw new AssertionError("begun although canceled");
            }));
            awaitPending(lane, 1);

            cancellation.cancel(FlowError.of(Code.CANCELED, "enough"));

            assertThatThrownBy(waiting::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .hasMessage("enough");
            assertThat(lane.pending()).as("what was canceled holds nothing").isZero();
        }
    }

    @Test
    void tells_a_waiting_caller_how_many_are_ahead() throws Exception {
        Future<?> _ = occupy(lane);
        CompletableFuture<Progress> heard = new CompletableFuture<>();
        Progress.Listener forTwo = progress -> {
            if (progress.done() == 2) {
                heard.complete(progress);
            }
        };
        try (Lane.Place early = lane.enter();
                Lane.Place late = lane.enter()) {
            Future<Integer> waiting = callers.submit(() -> late.run(new Cancellation(), forTwo, () -> 7));
            awaitPending(lane, 1);
            Future<?> _ = runIn(early, () -> true);

            assertThat(heard.get())
                    .as("the one that runs, and the one that entered before")
                    .isEqualTo(new Progress(Progress.Phase.QUEUED, 2, 0));
            release.countDown();
            assertThat(waiting.get()).isEqualTo(7);
        }
    }

    @Test
    void hands_the_failure_of_the_work_to_its_caller_and_goes_on() {
        try (Lane.Place place = lane.enter()) {
            assertThatThrownBy(() -> place.run(new Cancellation(), Progress.Listener.NONE, () -> {
                        throw new IllegalStateException("broken");
                    }))
                    .hasMessage("broken");
        }
        try (Lane.Place place = lane.enter()) {
            int answer = place.run(new Cancellation(), Progress.Listener.NONE, () -> 1);
            assertThat(answer).isEqualTo(1);
        }
    }

    /** Starts a run that lasts until the test releases it; returns when it runs. */
    private Future<?> occupy(Lane lane) throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        Future<?> holder = callers.submit(() -> {
            try (Lane.Place place = lane.enter()) {
                return place.run(new Cancellation(), Progress.Listener.NONE, () -> {
                    running.countDown();
                    awaitRelease();
                    return 0;
                });
            }
        });
        running.await();
        return holder;
    }

    private Future<Boolean> runIn(Lane.Place place, Supplier<Boolean> work) {
        return callers.submit(() -> place.run(new Cancellation(), Progress.Listener.NONE, work));
    }

    private static void awaitPending(Lane lane, int count) {
        while (lane.pending() < count) {
            Thread.onSpinWait();
        }
    }

    private void awaitRelease() {
        try {
            release.await();
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }
}
