package io.flowstate.core.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** How a call ends before its time: by its caller or by its deadline. */
class StopTest {
    private final FlowError left = FlowError.of(Code.CANCELED, "The client has left.");

    @Test
    void a_call_that_is_canceled_before_it_starts_reads_and_runs_nothing() {
        ScriptedProvider local = ScriptedProvider.succeeding("local");
        Stage stage = new Stage(local);
        stage.probe = (input, stop) -> {
            throw new AssertionError("nothing is to be read");
        };
        stage.cancellation.cancel(left);

        assertThat(stage.refusal()).hasMessage("The client has left.");

        assertThat(local.runs).isEmpty();
    }

    @Test
    void a_cancellation_reaches_the_run_and_nothing_is_tried_afterwards() {
        Stage stage = new Stage(
                new ScriptedProvider("local", run -> {
                    run.cancellation().cancel(left);
                    run.cancellation().throwIfCanceled();
                    return ScriptedProvider.DONE;
                }),
                ScriptedProvider.succeeding("worker"));

        FlowError refusal = stage.refusal();

        assertThat(refusal.code()).isEqualTo(Code.CANCELED);
        assertThat(stage.attempting).containsExactly("1 local");
    }

    @Test
    void what_breaks_because_of_a_cancellation_is_reported_as_the_cancellation() {
        Stage killed = new Stage(new ScriptedProvider("local", run -> {
            run.cancellation().cancel(left);
            throw new IllegalStateException("the session was terminated");
        }));
        Stage unread = new Stage(ScriptedProvider.succeeding("local"));
        unread.probe = (input, stop) -> {
            stop.cancel(left);
            throw FlowError.of(Code.AUDIO_UNREADABLE, "ffprobe ended with status 137.");
        };

        assertThat(killed.refusal()).hasMessage("The client has left.");
        assertThat(unread.refusal()).hasMessage("The client has left.");
    }

    @Test
    void a_cancellation_between_two_attempts_starts_no_second_one() {
        ScriptedProvider worker = ScriptedProvider.succeeding("worker");
        Stage stage = new Stage(ScriptedProvider.failing("local", FlowError.of(Code.QUEUE_FULL, "Full.")), worker);
        stage.outputs.onDiscard = () -> stage.cancellation.cancel(left);

        assertThat(stage.refusal()).hasMessage("The client has left.");

        assertThat(worker.runs).isEmpty();
    }

    @Test
    void the_deadline_stops_the_run_and_is_the_reason() {
        AtomicReference<Stage> self = new AtomicReference<>();
        ScriptedProvider worker = ScriptedProvider.succeeding("worker");
        Stage stage = new Stage(
                new ScriptedProvider("local", run -> {
                    self.get().timer.strike();
                    run.cancellation().throwIfCanceled();
                    return ScriptedProvider.DONE;
                }),
                worker);
        self.set(stage);
        stage.deadline(Duration.ofMillis(2500));

        FlowError refusal = stage.refusal();

        assertThat(refusal.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(refusal).hasMessage("The deadline of 2.5 s has passed.");
        assertThat(stage.timer.alarms).extracting(alarm -> alarm.delay).containsExactly(Duration.ofMillis(2500));
        assertThat(worker.runs).as("a deadline leaves no time for a second try").isEmpty();
    }

    @Test
    void a_deadline_that_was_met_is_taken_off_the_timer() {
        Stage done = new Stage(ScriptedProvider.succeeding("local"));
        Stage failed = new Stage(ScriptedProvider.failing("local", new IllegalStateException()));
        done.deadline(Duration.ofSeconds(5));
        failed.deadline(Duration.ofSeconds(5));

        done.answer();
        failed.refusal();

        assertThat(done.timer.alarms).hasSize(1).allMatch(ManualTimer.Alarm::isCancelled);
        assertThat(failed.timer.alarms).hasSize(1).allMatch(ManualTimer.Alarm::isCancelled);
    }

    @Test
    void a_cancellation_from_another_thread_wakes_a_run_that_waits() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch stop = new CountDownLatch(1);
        Stage stage = new Stage(new ScriptedProvider("local", run -> {
            try (var _ = run.cancellation().onCancel(stop::countDown)) {
                running.countDown();
                stop.await();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
            run.cancellation().throwIfCanceled();
            return ScriptedProvider.DONE;
        }));
        AtomicReference<FlowError> refusal = new AtomicReference<>();
        Thread caller = Thread.ofVirtual().start(() -> refusal.set(stage.refusal()));

        running.await();
        stage.cancellation.cancel(left);
        caller.join();

        assertThat(refusal.get()).hasMessage("The client has left.");
    }
}
