package io.flowstate.core.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Task;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.routing.RequestFacts;
import io.flowstate.core.spi.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who is turned away before it has sent its audio, and with what words. */
class AdmissionTest {
    private static final RequestFacts STEMS = new RequestFacts(Task.STEMS, Optional.empty(), Optional.empty());

    @Test
    void when_all_are_full_the_shortest_wait_that_is_known_is_told() {
        FlowError refusal = refusal(
                standing("local", full(Optional.of(Duration.ofSeconds(40)))),
                standing("worker", full(Optional.empty())),
                standing("other", full(Optional.of(Duration.ofSeconds(7)))));

        assertThat(refusal.code()).isEqualTo(Code.QUEUE_FULL);
        assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(7));
        assertThat(refusal.message()).contains("local/htdemucs", "worker/htdemucs", "other/htdemucs");
    }

    @Test
    void one_with_room_is_enough() {
        new Stage(standing("local", full(Optional.empty())), ScriptedProvider.succeeding("worker"))
                .gateway()
                .admit(STEMS, Policy.DEFAULT);
    }

    @Test
    void what_nobody_can_run_until_it_is_mended_is_refused_for_good_and_not_as_the_callers_fault() {
        FlowError refusal = refusal(standing("local", Status.unavailable("it needs more memory")));

        assertThat(refusal.code()).isEqualTo(Code.UNAVAILABLE);
        assertThat(refusal.code().httpStatus()).isEqualTo(503);
        assertThat(refusal.code().kind()).isEqualTo(Code.Kind.SETUP);
        assertThat(refusal.code().retryHelps()).isFalse();
        assertThat(refusal.message()).contains("local/htdemucs (it needs more memory)");
    }

    @Test
    void what_the_policy_rules_out_is_the_callers_turn_although_it_is_away_too() {
        Policy elsewhere = new Policy(
                Policy.Priority.REALTIME, Optional.empty(), Optional.empty(), Set.of("worker"), false, false);
        Stage stage = new Stage(standing("local", Status.unavailable("it is being mended")));

        FlowError refusal =
                catchThrowableOfType(FlowError.class, () -> stage.gateway().admit(STEMS, elsewhere));

        assertThat(refusal.code()).isEqualTo(Code.NO_DEPLOYMENT);
    }

    private static FlowError refusal(ScriptedProvider... providers) {
        FlowError error = catchThrowableOfType(
                FlowError.class, () -> new Stage(providers).gateway().admit(STEMS, Policy.DEFAULT));
        assertThat(error).isNotNull();
        return error;
    }

    private static ScriptedProvider standing(String name, Status status) {
        return new ScriptedProvider(name, run -> ScriptedProvider.DONE, () -> status);
    }

    private static Status full(Optional<Duration> retryAfter) {
        return new Status(Optional.empty(), true, 1, 8, 8, retryAfter);
    }
}
