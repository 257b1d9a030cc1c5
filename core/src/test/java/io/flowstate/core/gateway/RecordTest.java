package io.flowstate.core.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Samples;
import io.flowstate.core.spi.Status;
import io.flowstate.core.spi.Telemetry.Finished;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every request is counted once, however it ends, and says what it knew. */
class RecordTest {
    private static final Optional<Duration> MINUTE = Optional.of(Duration.ofMinutes(1));

    @Test
    void a_success_is_counted_once_with_its_deployment_and_attempts() {
        Stage stage = new Stage(
                ScriptedProvider.failing("local", FlowError.of(Code.QUEUE_FULL, "Full.")),
                ScriptedProvider.succeeding("worker"));

        stage.answer();

        assertThat(stage.heard)
                .containsExactly(new Finished(
                        Task.STEMS, Optional.of("worker/htdemucs"), Optional.empty(), 2, Duration.ZERO, MINUTE));
    }

    @Test
    void a_failure_is_counted_once_with_its_code() {
        Stage stage = new Stage(ScriptedProvider.failing("local", new IllegalStateException()));

        stage.refusal();

        assertThat(stage.heard)
                .containsExactly(new Finished(
                        Task.STEMS,
                        Optional.of("local/htdemucs"),
                        Optional.of(Code.INTERNAL_ERROR),
                        1,
                        Duration.ZERO,
                        MINUTE));
    }

    @Test
    void a_request_that_never_got_to_a_deployment_is_counted_too() {
        Stage unreadable = new Stage(ScriptedProvider.succeeding("local"));
        unreadable.probe = (input, stop) -> {
            throw new IllegalStateException("a bug in the probe");
        };
        Stage canceled = new Stage(ScriptedProvider.succeeding("local"));
        canceled.cancellation.cancel(FlowError.of(Code.CANCELED, "Gone."));
        Stage unplanned = new Stage();

        unreadable.refusal();
        canceled.refusal();
        unplanned.refusal();

        assertThat(unreadable.heard).containsExactly(untried(Code.INTERNAL_ERROR, Optional.empty()));
        assertThat(canceled.heard).containsExactly(untried(Code.CANCELED, Optional.empty()));
        assertThat(unplanned.heard).containsExactly(untried(Code.NO_DEPLOYMENT, MINUTE));
    }

    @Test
    void telemetry_that_breaks_harms_no_answer_and_hides_no_failure() {
        FlowError failure = FlowError.of(Code.AUDIO_EMPTY, "It is empty.");
        Stage good = new Stage(ScriptedProvider.succeeding("local"));
        Stage bad = new Stage(ScriptedProvider.failing("local", failure));
        int[] calls = new int[1];
        good.telemetry = finished -> {
            calls[0]++;
            throw new IllegalStateException("the meter is broken");
        };
        bad.telemetry = good.telemetry;

        assertThat(good.answer().result()).isEqualTo(ScriptedProvider.DONE);
        assertThat(bad.refusal()).isSameAs(failure);

        assertThat(calls[0]).isEqualTo(2);
    }

    @Test
    void outputs_that_break_end_the_request_as_a_fault_of_ours_and_it_is_counted_once() {
        Stage stage = new Stage(
                ScriptedProvider.failing("local", FlowError.of(Code.QUEUE_FULL, "Full.")),
                ScriptedProvider.succeeding("worker"));
        stage.outputs.onDiscard = () -> {
            throw new IllegalStateException("the disk is on fire");
        };

        FlowError refusal = stage.refusal();

        assertThat(refusal.code()).isEqualTo(Code.INTERNAL_ERROR);
        assertThat(refusal.message()).doesNotContain("fire");
        assertThat(stage.heard).extracting(Finished::failure).containsExactly(Optional.of(Code.INTERNAL_ERROR));
    }

    @Test
    void a_request_that_nothing_can_run_hears_the_reason_of_each_deployment() {
        Stage stage = new Stage(
                new ScriptedProvider(
                        "local", run -> ScriptedProvider.DONE, () -> Status.unavailable("it is being mended")),
                new ScriptedProvider("worker", run -> ScriptedProvider.DONE, () -> {
                    throw new IllegalStateException("status broke");
                }));

        FlowError refusal = stage.refusal();

        assertThat(refusal.code()).as("it is not the caller's fault").isEqualTo(Code.UNAVAILABLE);
        assertThat(refusal)
                .hasMessage("Nothing that could run this request is available: local/htdemucs (it is being mended);"
                        + " worker/htdemucs (its provider cannot tell how it stands; the log has the details).");
        assertThat(new Stage().refusal())
                .hasMessage("Nothing can run this request: the catalogue has no deployment for the task.");
    }

    @Test
    void a_request_that_was_refused_before_it_was_a_call_is_counted_too() {
        Stage stage = new Stage(ScriptedProvider.succeeding("local"));

        stage.gateway().refused("call-1", Task.STEMS, FlowError.of(Code.QUEUE_FULL, "Full."), Duration.ofSeconds(2));

        assertThat(stage.heard)
                .containsExactly(new Finished(
                        Task.STEMS,
                        Optional.empty(),
                        Optional.of(Code.QUEUE_FULL),
                        0,
                        Duration.ofSeconds(2),
                        Optional.empty()));
    }

    @Test
    void an_unknown_model_is_refused_before_the_file_is_read() {
        Stage stage = new Stage(ScriptedProvider.succeeding("local"));
        stage.model = Optional.of("spleeter");
        stage.probe = (input, stop) -> {
            throw new AssertionError("nothing is to be read");
        };

        assertThat(stage.refusal().code()).isEqualTo(Code.UNKNOWN_MODEL);
    }

    @Test
    void audio_of_unknown_length_is_run_all_the_same() {
        AudioFacts endless = new AudioFacts("mp3", "mp3", 44_100, 2, Optional.empty());
        Stage stage = new Stage(ScriptedProvider.succeeding("local"));
        stage.probe = (input, stop) -> endless;

        stage.answer();

        assertThat(stage.heard.getFirst().audio()).isEmpty();
    }

    @Test
    void a_deployment_whose_provider_is_not_here_says_so() {
        Gateway elsewhere = new Stage(ScriptedProvider.succeeding("worker")).gateway();
        assertThat(elsewhere.status(Samples.deployment("local")).unavailable())
                .contains("no provider \"local\" is configured here");
    }

    private static Finished untried(Code code, Optional<Duration> audio) {
        return new Finished(Task.STEMS, Optional.empty(), Optional.of(code), 0, Duration.ZERO, audio);
    }
}
