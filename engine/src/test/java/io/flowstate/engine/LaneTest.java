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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
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
        Future<?> _ = occupy();
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
    void runs_one_at_a_time_in_the_order_of_asking() throws Exception {
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        Future<?> holder = occupy();
        try (Lane.Place a = lane.enter();
                Lane.Place b = lane.enter()) {
            Future<Integer> first = runIn(a, () -> note(order, 1));
            awaitPending(1);
            Future<Integer> second = runIn(b, () -> note(order, 2));
            awaitPending(2);
            release.countDown();

            assertThat(first.get()).isEqualTo(1);
            assertThat(second.get()).isEqualTo(2);
            holder.get();
        }
        assertThat(order).containsExactly(1, 2);
    }

    @Test
    void a_cancellation_ends_the_wait_at_once_and_the_work_is_never_begun() throws Exception {
        Future<?> _ = occupy();
        Cancellation cancellation = new Cancellation();
        try (Lane.Place place = lane.enter()) {
            Future<String> waiting = callers.submit(() -> place.run(cancellation, Progress.Listener.NONE, () -> {
                throw new AssertionError("begun although canceled");
            }));
            awaitPending(1);

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
        Future<?> _ = occupy();
        CompletableFuture<Progress> heard = new CompletableFuture<>();
        try (Lane.Place place = lane.enter()) {
            Future<Integer> waiting = callers.submit(() -> place.run(new Cancellation(), heard::complete, () -> 7));

            assertThat(heard.get()).isEqualTo(new Progress(Progress.Phase.QUEUED, 1, 0));
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
    private Future<?> occupy() throws InterruptedException {
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

    private Future<Integer> runIn(Lane.Place place, Supplier<Integer> work) {
        return callers.submit(() -> place.run(new Cancellation(), Progress.Listener.NONE, work));
    }

    private static int note(List<Integer> order, int who) {
        order.add(who);
        return who;
    }

    private void awaitPending(int count) {
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
