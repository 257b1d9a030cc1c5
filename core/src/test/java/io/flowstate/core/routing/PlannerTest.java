package io.flowstate.core.routing;

import static io.flowstate.core.catalogue.Samples.FREE;
import static io.flowstate.core.catalogue.Samples.MODEL;
import static io.flowstate.core.catalogue.Samples.NO_LIMITS;
import static io.flowstate.core.catalogue.Samples.catalogue;
import static io.flowstate.core.catalogue.Samples.deployment;
import static io.flowstate.core.catalogue.Samples.latency;
import static io.flowstate.core.catalogue.Samples.price;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Stem;
import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.catalogue.Deployment.Latency;
import io.flowstate.core.catalogue.Deployment.Limits;
import io.flowstate.core.catalogue.Samples;
import io.flowstate.core.routing.Plan.Rejection;
import io.flowstate.core.routing.Plan.Step;
import io.flowstate.core.routing.Policy.Priority;
import io.flowstate.core.spi.Status;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final RequestFacts MINUTE = minutes(1);

    @Test
    void realtime_takes_the_faster_and_background_the_cheaper() {
        Deployment fast = new Deployment("fast", MODEL, price("0.10"), latency(Duration.ofSeconds(2)), NO_LIMITS, true);
        Deployment cheap =
                new Deployment("cheap", MODEL, price("0.01"), latency(Duration.ofSeconds(20)), NO_LIMITS, true);

        assertThat(providers(plan(List.of(cheap, fast), MINUTE, Policy.DEFAULT)))
                .containsExactly("fast", "cheap");
        assertThat(providers(plan(List.of(fast, cheap), MINUTE, background()))).containsExactly("cheap", "fast");
    }

    @Test
    void the_catalogues_preference_goes_before_time_and_cost() {
        Deployment slow =
                new Deployment("worker", MODEL, price("0.10"), latency(Duration.ofSeconds(20)), NO_LIMITS, true);
        List<Deployment> both = List.of(deployment("replicate"), slow);
        Planner planner = new Planner(catalogue(both, List.of("local", "worker")));

        Plan plan = planner.plan(MINUTE, Policy.DEFAULT, ready(both));

        assertThat(providers(plan)).containsExactly("worker", "replicate");
        assertThat(plan.steps())
                .extracting(Step::why)
                .containsExactly(
                        "worker is choice 2 for realtime stems; loaded, 0 ahead in its queue",
                        "replicate is choice 3 for realtime stems; loaded, 0 ahead in its queue");
    }

    @Test
    void a_request_that_fits_nothing_hears_each_reason() {
        Deployment here = new Deployment(
                "local",
                Samples.model("free", false),
                FREE,
                new Latency(Duration.ZERO, Duration.ZERO, 0.5, 1),
                new Limits(Optional.of(Duration.ofMinutes(2))),
                false);
        Deployment paid =
                new Deployment("replicate", MODEL, price("0.25"), latency(Duration.ofSeconds(9)), NO_LIMITS, true);
        Deployment secret =
                new Deployment("cloudflare", MODEL, Samples.UNPRICED, latency(Duration.ofSeconds(9)), NO_LIMITS, true);

        assertThat(reason(here, MINUTE, commercial())).isEqualTo("licence: the weights are for research use");
        assertThat(reason(here, minutes(3), Policy.DEFAULT)).isEqualTo("audio_too_long: it takes at most 120 s");
        assertThat(reason(here, MINUTE, deadline(Duration.ofSeconds(12))))
                .isEqualTo("too_slow: it would take about 30.0 s of at most 12.0 s");
        assertThat(reason(paid, MINUTE, atMost("0.2"))).isEqualTo("too_expensive: it would cost $0.25 of at most $0.2");
        assertThat(reason(secret, MINUTE, atMost("0.2")))
                .isEqualTo("unpriced: its cost is not known and the request allows at most $0.2");
        assertThat(reason(paid, MINUTE, localOnly())).isEqualTo("data_must_stay: the data would leave this machine");
        assertThat(reason(paid, MINUTE, allowing("worker", "local", "browser")))
                .isEqualTo("provider_not_allowed: the policy allows only browser, local, worker");
        assertThat(reason(
                        paid,
                        new RequestFacts(Task.STEMS, Optional.of("free"), Optional.empty()),
                        Policy.DEFAULT,
                        here))
                .isEqualTo("other_model: the request names free");
    }

    @Test
    void a_request_for_a_stem_goes_only_where_there_is_one() {
        Deployment local = deployment("local");
        RequestFacts vocals = new RequestFacts(Task.STEMS, Optional.empty(), Optional.empty(), Set.of(Stem.VOCALS));
        RequestFacts piano =
                new RequestFacts(Task.STEMS, Optional.empty(), Optional.empty(), Set.of(Stem.VOCALS, Stem.PIANO));

        assertThat(reason(local, piano, Policy.DEFAULT)).isEqualTo("missing_stem: it gives no stem piano");
        assertThat(plan(List.of(local), vocals, Policy.DEFAULT).steps()).hasSize(1);
    }

    @Test
    void a_deployment_whose_state_says_no_is_rejected_with_its_words() {
        Deployment local = deployment("local");
        Planner planner = new Planner(catalogue(List.of(local)));

        Plan away = planner.plan(
                MINUTE, Policy.DEFAULT, new Snapshot(Map.of(local.id(), Status.unavailable("it is being mended"))));
        Plan unknown = planner.plan(MINUTE, Policy.DEFAULT, new Snapshot(Map.of()));

        assertThat(away.rejected()).containsExactly(new Rejection(local, "unavailable", "it is being mended"));
        assertThat(unknown.rejected()).containsExactly(new Rejection(local, "unavailable", "its state is not known"));
    }

    @Test
    void a_pinned_model_keeps_its_deployments_and_a_pinned_deployment_just_itself() {
        Deployment other =
                new Deployment("local", Samples.model("other", true), FREE, latency(Duration.ZERO), NO_LIMITS, false);
        List<Deployment> all = List.of(deployment("local"), deployment("worker"), other);

        assertThat(plan(all, pinned("htdemucs"), Policy.DEFAULT).steps())
                .extracting(step -> step.deployment().id())
                .containsExactly("local/htdemucs", "worker/htdemucs");
        assertThat(plan(all, pinned("worker/htdemucs"), Policy.DEFAULT).steps())
                .extracting(step -> step.deployment().id())
                .containsExactly("worker/htdemucs");
    }

    @Test
    void a_pin_that_the_catalogue_does_not_know_is_an_error_that_lists_what_there_is() {
        assertThatThrownBy(() -> plan(List.of(deployment("local")), pinned("spleeter"), Policy.DEFAULT))
                .asInstanceOf(type(FlowError.class))
                .satisfies(error -> {
                    assertThat(error.code()).isEqualTo(Code.UNKNOWN_MODEL);
                    assertThat(error.message()).isEqualTo("There is no model \"spleeter\" in the catalogue.");
                    assertThat(error.advice()).contains("Known here: htdemucs, local/htdemucs.");
                });
    }

    @Test
    void time_grows_with_the_audio_the_queue_and_a_cold_start() {
        Deployment local = new Deployment(
                "local",
                MODEL,
                FREE,
                new Latency(Duration.ofSeconds(4), Duration.ofSeconds(1), 0.5, 2),
                NO_LIMITS,
                false);

        assertThat(predicted(local, Status.ready(true)).p50()).contains(Duration.ofSeconds(31));
        assertThat(predicted(local, Status.ready(true)).p95()).contains(Duration.ofSeconds(62));
        assertThat(predicted(local, Status.ready(false)).p50()).contains(Duration.ofSeconds(35));
        assertThat(predicted(local, new Status(Optional.empty(), true, 1, 2, 9)).p50())
                .contains(Duration.ofSeconds(124));
    }

    @Test
    void an_unknown_length_leaves_time_and_cost_open_where_they_depend_on_it() {
        RequestFacts unknown = new RequestFacts(Task.STEMS, Optional.empty(), Optional.empty());
        Deployment byLength = new Deployment(
                "worker",
                MODEL,
                price("0.1"),
                new Latency(Duration.ZERO, Duration.ofSeconds(1), 0.5, 1),
                new Limits(Optional.of(Duration.ofSeconds(1))),
                true);
        List<Deployment> both = List.of(byLength, deployment("zebra"));

        Plan plan = plan(both, unknown, deadline(Duration.ofSeconds(2)));

        assertThat(providers(plan)).containsExactly("zebra", "worker");
        assertThat(plan.steps().getFirst().predicted().p50()).contains(Duration.ofSeconds(1));
        assertThat(plan.steps().getFirst().predicted().costUsd()).contains(BigDecimal.ZERO);
        assertThat(plan.steps().getLast().predicted())
                .isEqualTo(new Plan.Prediction(Optional.empty(), Optional.empty(), Optional.empty()));
        assertThat(providers(plan(both, unknown, atMost("5")))).containsExactly("zebra");
    }

    @Test
    void an_absurd_length_and_queue_still_get_a_plan() {
        Deployment local = new Deployment(
                "local", MODEL, price("0.1"), new Latency(Duration.ZERO, Duration.ZERO, 1000, 9), NO_LIMITS, false);
        RequestFacts forever =
                new RequestFacts(Task.STEMS, Optional.empty(), Optional.of(Duration.ofSeconds(Long.MAX_VALUE)));
        Status crowded = new Status(Optional.empty(), true, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

        Plan plan = new Planner(catalogue(List.of(local)))
                .plan(forever, Policy.DEFAULT, new Snapshot(Map.of(local.id(), crowded)));

        assertThat(plan.steps().getFirst().predicted().p95()).contains(Duration.ofDays(365_000));
    }

    @Test
    void a_policy_and_facts_check_themselves() {
        assertThatThrownBy(() -> atMost("-1")).hasMessage("max_cost_usd must not be negative.");
        assertThatThrownBy(() -> deadline(Duration.ZERO)).hasMessage("deadline_ms must be positive, was 0.");
        assertThatThrownBy(() -> minutes(-1)).hasMessage("audio must not have a negative length.");
        assertThatThrownBy(() -> Priority.of("asap"))
                .hasMessage("priority cannot be \"asap\".")
                .asInstanceOf(type(FlowError.class))
                .satisfies(error -> assertThat(error.advice()).contains("Valid values: realtime, background."));
    }

    private static Plan plan(List<Deployment> deployments, RequestFacts facts, Policy policy) {
        return new Planner(catalogue(deployments)).plan(facts, policy, ready(deployments));
    }

    private static String reason(Deployment deployment, RequestFacts facts, Policy policy, Deployment... others) {
        List<Deployment> all =
                Stream.concat(Stream.of(deployment), Stream.of(others)).toList();
        Rejection rejection = plan(all, facts, policy).rejected().getFirst();
        assertThat(rejection.deployment()).isEqualTo(deployment);
        return rejection.reason() + ": " + rejection.detail();
    }

    private static Plan.Prediction predicted(Deployment deployment, Status status) {
        return new Planner(catalogue(List.of(deployment)))
                .plan(MINUTE, Policy.DEFAULT, new Snapshot(Map.of(deployment.id(), status)))
                .steps()
                .getFirst()
                .predicted();
    }

    private static Snapshot ready(List<Deployment> deployments) {
        return new Snapshot(deployments.stream()
                .map(Deployment::id)
                .collect(Collectors.toMap(Function.identity(), id -> Status.ready(true))));
    }

    private static List<String> providers(Plan plan) {
        return plan.steps().stream().map(step -> step.deployment().provider()).toList();
    }

    private static RequestFacts minutes(int minutes) {
        return new RequestFacts(Task.STEMS, Optional.empty(), Optional.of(Duration.ofMinutes(minutes)));
    }

    private static RequestFacts pinned(String model) {
        return new RequestFacts(Task.STEMS, Optional.of(model), Optional.of(Duration.ofMinutes(1)));
    }

    private static Policy background() {
        return new Policy(Priority.BACKGROUND, Optional.empty(), Optional.empty(), Set.of(), false, false);
    }

    private static Policy atMost(String usd) {
        return new Policy(
                Priority.REALTIME, Optional.of(new BigDecimal(usd)), Optional.empty(), Set.of(), false, false);
    }

    private static Policy deadline(Duration limit) {
        return new Policy(Priority.REALTIME, Optional.empty(), Optional.of(limit), Set.of(), false, false);
    }

    private static Policy allowing(String... providers) {
        return new Policy(Priority.REALTIME, Optional.empty(), Optional.empty(), Set.of(providers), false, false);
    }

    private static Policy localOnly() {
        return new Policy(Priority.REALTIME, Optional.empty(), Optional.empty(), Set.of(), true, false);
    }

    private static Policy commercial() {
        return new Policy(Priority.REALTIME, Optional.empty(), Optional.empty(), Set.of(), false, true);
    }
}
