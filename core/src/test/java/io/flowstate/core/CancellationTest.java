package io.flowstate.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CancellationTest {
    private final Cancellation cancellation = new Cancellation();

    @Test
    void it_starts_without_a_reason() {
        cancellation.throwIfCanceled();

        assertThat(cancellation.isCanceled()).isFalse();
        assertThatThrownBy(cancellation::reason).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void the_first_reason_stays() {
        cancellation.cancel(left());
        cancellation.cancel(FlowError.of(Code.DEADLINE_EXCEEDED, "Too late."));

        assertThat(cancellation.isCanceled()).isTrue();
        assertThatThrownBy(cancellation::throwIfCanceled).hasMessage("The client has left.");
        assertThat(cancellation.reason().code()).isEqualTo(Code.CANCELED);
        assertThat(cancellation.reason().field()).contains("who");
    }

    @Test
    void every_action_runs_once_in_the_order_of_registration() {
        List<String> ran = new ArrayList<>();
        cancellation.onCancel(() -> ran.add("first"));
        cancellation.onCancel(() -> ran.add("second"));

        cancellation.cancel(left());
        cancellation.cancel(left());

        assertThat(ran).containsExactly("first", "second");
    }

    @Test
    void the_same_body_registered_twice_is_two_actions() {
        AtomicInteger runs = new AtomicInteger();
        Runnable body = runs::incrementAndGet;
        cancellation.onCancel(body);
        cancellation.onCancel(body).close();

        cancellation.cancel(left());

        assertThat(runs).hasValue(1);
    }

    @Test
    void an_action_that_comes_too_late_runs_at_once() {
        AtomicInteger runs = new AtomicInteger();
        cancellation.cancel(left());

        try (Cancellation.Registration _ = cancellation.onCancel(runs::incrementAndGet)) {
            assertThat(runs).hasValue(1);
        }

        assertThat(runs).hasValue(1);
    }

    @Test
    void a_closed_registration_does_not_run() {
        AtomicInteger runs = new AtomicInteger();
        cancellation.onCancel(runs::incrementAndGet).close();

        cancellation.cancel(left());

        assertThat(runs).hasValue(0);
    }

    @Test
    void an_action_that_fails_does_not_keep_the_others_from_running() {
        AtomicInteger runs = new AtomicInteger();
        cancellation.onCancel(() -> {
            throw new IllegalStateException("broken");
        });
        cancellation.onCancel(runs::incrementAndGet);

        assertThatThrownBy(() -> cancellation.cancel(left())).hasMessage("broken");

        assertThat(runs).hasValue(1);
    }

    /** Try-with-resources adds what close() throws to what the body threw, and refuses to add an error to itself. */
    @Test
    void the_reason_may_be_thrown_by_a_body_and_by_the_closing_of_its_resource() {
        cancellation.cancel(left());

        assertThatThrownBy(() -> {
                    try (Cancellation.Registration _ = cancellation::throwIfCanceled) {
                        cancellation.throwIfCanceled();
                    }
                })
                .hasMessage("The client has left.");
    }

    @Test
    void closing_waits_for_an_action_that_another_thread_is_running() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        AtomicBoolean endedBeforeClose = new AtomicBoolean();
        Cancellation.Registration registration = cancellation.onCancel(() -> {
            running.countDown();
            await(closing);
            ended.set(true);
        });
        Thread canceler = Thread.ofPlatform().start(() -> cancellation.cancel(left()));
        running.await();
        Thread closer = Thread.ofPlatform().start(() -> {
            registration.close();
            endedBeforeClose.set(ended.get());
        });
        while (closer.getState() == Thread.State.NEW || closer.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        closing.countDown();
        closer.join();
        canceler.join();

        assertThat(endedBeforeClose).isTrue();
    }

    @Test
    void racing_threads_run_each_action_exactly_once_or_never_when_it_was_closed() {
        Seeds.upTo(2_000, CancellationTest::race);
    }

    /** One thread cancels while others register and, some of them, close; all start at the same barrier. */
    private static void race(SplittableRandom random) throws Exception {
        Cancellation cancellation = new Cancellation();
        int registrars = 3;
        AtomicInteger[] runs = new AtomicInteger[registrars];
        boolean[] alive = new boolean[registrars];
        CyclicBarrier start = new CyclicBarrier(registrars + 1);
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < registrars; i++) {
            int me = i;
            boolean closes = random.nextBoolean();
            int spins = random.nextInt(200);
            runs[me] = new AtomicInteger();
            alive[me] = true;
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                    spin(spins);
                    Cancellation.Registration registration = cancellation.onCancel(runs[me]::incrementAndGet);
                    if (closes) {
                        spin(spins);
                        registration.close();
                        int atClose = runs[me].get();
                        spin(100);
                        assertThat(runs[me]).as("nothing runs after close").hasValue(atClose);
                        alive[me] = false;
                    }
                } catch (Exception | AssertionError failure) {
                    failures.add(failure);
                }
            }));
        }
        int spins = random.nextInt(400);
        start.await();
        spin(spins);
        cancellation.cancel(left());
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(failures).isEmpty();
        for (int i = 0; i < registrars; i++) {
            assertThat(runs[i].get()).isBetween(alive[i] ? 1 : 0, 1);
        }
    }

    private static FlowError left() {
        return FlowError.of(Code.CANCELED, "The client has left.").field("who");
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
