package io.flowstate.core.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Samples;
import io.flowstate.core.routing.Plan;
import io.flowstate.core.routing.Plan.Rejection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RefusalsTest {
    @ParameterizedTest
    @CsvSource({
        "missing_stem, `model`",
        "provider_not_allowed, `providers`",
        "data_must_stay, `data`",
        "licence, `commercial_use`",
        "audio_too_long, parts",
        "unpriced, `max_cost_usd`",
        "too_expensive, `max_cost_usd`",
        "too_slow, `deadline_ms`"
    })
    void what_rules_a_deployment_out_comes_with_the_field_to_change(String reason, String field) {
        FlowError refusal = nothingPlanned(reason);

        assertThat(refusal.code()).isEqualTo(Code.NO_DEPLOYMENT);
        assertThat(refusal.advice().orElseThrow()).contains(field);
    }

    @Test
    void each_remedy_is_told_once_and_a_model_that_was_not_asked_for_needs_none() {
        assertThat(nothingPlanned("other_model", "too_expensive", "unpriced", "too_slow")
                        .advice())
                .contains("Allow more with `max_cost_usd`, or leave it out."
                        + " Allow more time with `deadline_ms`, or leave it out.");
    }

    @Test
    void what_is_not_available_is_for_the_doctor() {
        FlowError refusal = nothingPlanned("licence", "unavailable");

        assertThat(refusal.code()).isEqualTo(Code.UNAVAILABLE);
        assertThat(refusal.advice().orElseThrow()).contains("flowstate doctor");
    }

    @Test
    void a_short_deadline_is_not_rounded_to_nothing() {
        FlowError refusal = Refusals.tooLate(Duration.ofMillis(10));

        assertThat(refusal).hasMessage("The deadline of 10 ms has passed.");
        assertThat(refusal.advice().orElseThrow()).contains("`deadline_ms`");
    }

    private static FlowError nothingPlanned(String... reasons) {
        List<Rejection> rejected = Stream.of(reasons)
                .map(reason -> new Rejection(Samples.deployment("local"), reason, "why"))
                .toList();
        return Refusals.nothingPlanned(new Plan(List.of(), rejected));
    }
}
