package io.flowstate.core.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the gateway does when a deployment fails. */
class FallbackTest {
    @Test
    void the_first_deployment_that_succeeds_answers() {
        ScriptedProvider second = ScriptedProvider.succeeding("worker");
        Stage stage = new Stage(ScriptedProvider.succeeding("local"), second);

        Answer answer = stage.answer();

        assertThat(answer.result()).isEqualTo(ScriptedProvider.DONE);
        assertThat(answer.deployment().id()).isEqualTo("local/htdemucs");
        assertThat(answer.attempts()).hasSize(1);
        assertThat(answer.plan().steps()).hasSize(2);
        assertThat(second.runs).isEmpty();
        assertThat(stage.outputs.discards).isZero();
    }

    @ParameterizedTest
    @MethodSource
    void a_failure_that_another_place_may_not_have_leads_to_the_next_deployment(Code code) {
        FlowError failure = FlowError.of(code, "It did not work.");
        ScriptedProvider worker = ScriptedProvider.succeeding("worker");
        Stage stage = new Stage(ScriptedProvider.failing("local", failure), worker);

        Answer answer = stage.answer();

        assertThat(answer.deployment().id()).isEqualTo("worker/htdemucs");
        assertThat(answer.attempts())
                .extracting(Attempt::failure)
                .containsExactly(Optional.of(failure), Optional.empty());
        assertThat(answer.attempts())
                .extracting(Attempt::toString)
                .first()
                .isEqualTo("local/htdemucs after 0.0 s: It did not work.");
        assertThat(stage.attempting).containsExactly("1 local", "2 worker");
        assertThat(worker.runs.getFirst().attempt()).isEqualTo(2);
        assertThat(worker.runs.getFirst().audio()).contains(Stage.MINUTE);
        assertThat(stage.outputs.discards).isEqualTo(1);
    }

    static Set<Code> a_failure_that_another_place_may_not_have_leads_to_the_next_deployment() {
        return EnumSet.complementOf(a_callers_mistake_is_not_tried_elsewhere());
    }

    @ParameterizedTest
    @MethodSource
    void a_callers_mistake_is_not_tried_elsewhere(Code code) {
        FlowError mistake = FlowError.of(code, "It cannot work.");
        ScriptedProvider worker = ScriptedProvider.succeeding("worker");
        Stage stage = new Stage(ScriptedProvider.failing("local", mistake), worker);

        assertThat(stage.refusal()).isSameAs(mistake);

        assertThat(worker.runs).isEmpty();
    }

    static EnumSet<Code> a_callers_mistake_is_not_tried_elsewhere() {
        EnumSet<Code> codes = EnumSet.allOf(Code.class);
        codes.removeIf(code -> code.kind() != Code.Kind.CALLER);
        return codes;
    }

    @Test
    void there_is_no_second_try_when_output_has_already_left() {
        FlowError failure = FlowError.of(Code.OUT_OF_MEMORY, "It did not fit.");
        ScriptedProvider worker = ScriptedProvider.succeeding("worker");
        Stage stage = new Stage(ScriptedProvider.failing("local", failure), worker);
        stage.outputs.hasLeft = true;

        assertThat(stage.refusal()).isSameAs(failure);

        assertThat(worker.runs).isEmpty();
    }

    @Test
    void a_single_attempts_failure_is_told_as_it_is() {
        FlowError failure = FlowError.of(Code.QUEUE_FULL, "4 wait already.").retryAfter(Duration.ofSeconds(9));
        Stage stage = new Stage(ScriptedProvider.failing("local", failure));

        assertThat(stage.refusal()).isSameAs(failure);

        assertThat(stage.outputs.discards).as("nothing comes after it").isZero();
    }

    @Test
    void when_all_fail_in_different_ways_the_error_lists_every_attempt_in_order() {
        Stage stage = new Stage(
                ScriptedProvider.failing("local", FlowError.of(Code.OUT_OF_MEMORY, "It did not fit.")),
                ScriptedProvider.failing(
                        "worker",
                        FlowError.of(Code.QUEUE_FULL, "4 wait already.").retryAfter(Duration.ofSeconds(9))));

        FlowError refusal = stage.refusal();

        assertThat(refusal.code()).isEqualTo(Code.NO_DEPLOYMENT_LEFT);
        assertThat(stage.failed)
                .as("the caller hears of each")
                .extracting(attempt -> attempt.failure().orElseThrow().code())
                .containsExactly(Code.OUT_OF_MEMORY, Code.QUEUE_FULL);
        assertThat(refusal.message())
                .isEqualTo("All 2 deployments of the plan failed. local/htdemucs after 0.0 s: It did not fit."
                        + " worker/htdemucs after 0.0 s: 4 wait already.");
        assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(9));
        assertThat(refusal.advice()).contains("Try again later.");
    }

    @Test
    void when_all_are_full_the_caller_hears_that_and_the_shortest_wait() {
        Stage stage = new Stage(
                ScriptedProvider.failing("local", full(Duration.ofSeconds(40))),
                ScriptedProvider.failing("worker", full(Duration.ofSeconds(7))));

        FlowError refusal = stage.refusal();

        assertThat(refusal.code()).isEqualTo(Code.QUEUE_FULL);
        assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(7));
        assertThat(refusal.message()).contains("local/htdemucs", "worker/htdemucs");
    }

    @Test
    void an_unexpected_fault_is_reported_without_its_words_and_tried_elsewhere() {
        RuntimeException fault = new IllegalStateException("the password is swordfish");

        FlowError alone = new Stage(ScriptedProvider.failing("local", fault)).refusal();
        Answer rescued = new Stage(
                        ScriptedProvider.failing("local", new StackOverflowError()),
                        ScriptedProvider.succeeding("worker"))
                .answer();

        assertThat(alone.code()).isEqualTo(Code.INTERNAL_ERROR);
        assertThat(alone.message() + alone.advice()).doesNotContain("swordfish");
        assertThat(alone.advice()).contains("Look for request call-1 in the log and report it.");
        assertThat(alone).hasCause(fault);
        assertThat(rescued.deployment().id()).isEqualTo("worker/htdemucs");
    }

    private static FlowError full(Duration wait) {
        return FlowError.of(Code.QUEUE_FULL, "The queue is full.").retryAfter(wait);
    }
}
