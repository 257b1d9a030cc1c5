package io.flowstate.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Seeds;
import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.catalogue.Samples;
import io.flowstate.core.routing.Plan.Rejection;
import io.flowstate.core.routing.Plan.Step;
import io.flowstate.core.routing.Policy.Priority;
import io.flowstate.core.spi.Status;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds for every plan, whatever the catalogue, the policy and the state of things. */
class PlannerPropertyTest {
    private static final int WORLDS = 1_000;

    @Test
    void every_deployment_of_the_task_is_a_step_or_a_rejection_exactly_once() {
        Seeds.upTo(WORLDS, random -> {
            World world = World.random(random);

            Plan plan = world.plan();

            Stream<Deployment> planned = plan.steps().stream().map(Step::deployment);
            Stream<Deployment> rejected = plan.rejected().stream().map(Rejection::deployment);
            assertThat(Stream.concat(planned, rejected)).containsExactlyInAnyOrderElementsOf(world.deployments());
        });
    }

    @Test
    void a_deployment_is_a_step_exactly_if_every_rule_allows_it() {
        Seeds.upTo(WORLDS, random -> {
            World world = World.random(random);

            assertThat(world.plan().steps())
                    .extracting(Step::deployment)
                    .containsExactlyInAnyOrderElementsOf(world.deployments().stream()
                            .filter(each -> mayRun(each, world))
                            .toList());
        });
    }

    @Test
    void an_excluded_provider_never_appears() {
        Seeds.upTo(WORLDS, random -> {
            World world = World.random(random);
            Policy policy = world.policy();
            Policy onlyThese = with(policy, policy.maxCostUsd(), Set.of("worker", "replicate"), policy.localOnly());

            assertThat(world.plan(onlyThese).steps())
                    .allMatch(step -> Set.of("worker", "replicate")
                            .contains(step.deployment().provider()));
        });
    }

    @Test
    void raising_the_highest_cost_removes_no_step_and_changes_no_order() {
        Seeds.upTo(WORLDS, random -> {
            World world = World.random(random);
            Policy policy = world.policy();
            BigDecimal low = new BigDecimal("0.0" + random.nextInt(10));
            Optional<BigDecimal> high = random.nextInt(4) == 0
                    ? Optional.empty()
                    : Optional.of(low.add(new BigDecimal("0.0" + random.nextInt(10))));

            Plan before = world.plan(with(policy, Optional.of(low), policy.providers(), policy.localOnly()));
            Plan after = world.plan(with(policy, high, policy.providers(), policy.localOnly()));

            List<Step> kept =
                    after.steps().stream().filter(before.steps()::contains).toList();
            assertThat(kept).isEqualTo(before.steps());
        });
    }

    @Test
    void with_local_only_no_data_leaves_the_machine() {
        Seeds.upTo(WORLDS, random -> {
            World world = World.random(random);
            Policy policy = world.policy();

            Plan plan = world.plan(with(policy, policy.maxCostUsd(), policy.providers(), true));

            assertThat(plan.steps()).noneMatch(step -> step.deployment().leavesMachine());
        });
    }

    @Test
    void the_order_of_the_catalogue_does_not_matter() {
        Seeds.upTo(WORLDS, random -> {
            World world = World.random(random);
            Catalogue shuffled = Samples.catalogue(World.shuffled(world.deployments(), random), world.preference());

            assertThat(new Planner(shuffled).plan(world.facts(), world.policy(), world.snapshot()))
                    .isEqualTo(world.plan());
        });
    }

    @Test
    void steps_go_by_preference_then_by_time_or_cost_then_by_name() {
        Seeds.upTo(WORLDS, random -> {
            World world = World.random(random);

            List<Step> steps = world.plan().steps();

            for (int i = 1; i < steps.size(); i++) {
                assertThat(sortKey(steps.get(i - 1), world)).isLessThan(sortKey(steps.get(i), world));
            }
        });
    }

    @Test
    void a_longer_queue_raises_the_predicted_time_and_admits_nothing_new() {
        Seeds.upTo(WORLDS, random -> {
            World world = World.random(random);
            Plan before = world.plan();
            World busier = busier(world, random);

            Plan after = busier.plan();

            assertThat(before.steps())
                    .extracting(step -> step.deployment().id())
                    .containsAll(after.steps().stream()
                            .map(step -> step.deployment().id())
                            .toList());
            for (Step step : after.steps()) {
                Duration then =
                        stepOf(before, step.deployment()).predicted().p50().orElse(Duration.ZERO);
                assertThat(step.predicted().p50().orElse(Duration.ZERO)).isGreaterThanOrEqualTo(then);
            }
        });
    }

    /** The rules once more, each on its own and with exact arithmetic of its own. */
    private static boolean mayRun(Deployment deployment, World world) {
        Policy policy = world.policy();
        Optional<Duration> audio = world.facts().audio();
        Status status = world.snapshot().byDeployment().get(deployment.id());
        if (status == null || status.unavailable().isPresent()) {
            return false;
        }
        Optional<BigDecimal> cost = deployment.costUsd(audio);
        Optional<Double> seconds = secondsOf(deployment, status, audio);
        return world.facts()
                        .model()
                        .map(pin ->
                                Set.of(deployment.id(), deployment.model().id()).contains(pin))
                        .orElse(true)
                && (policy.providers().isEmpty() || policy.providers().contains(deployment.provider()))
                && !(policy.localOnly() && deployment.leavesMachine())
                && !(policy.commercialUse() && !deployment.model().licence().commercialUse())
                && deployment
                        .limits()
                        .maxAudio()
                        .map(max -> audio.orElse(Duration.ZERO).compareTo(max) <= 0)
                        .orElse(true)
                && policy.maxCostUsd()
                        .map(max -> cost.isPresent() && cost.get().compareTo(max) <= 0)
                        .orElse(true)
                && policy.deadline()
                        .map(limit -> seconds.orElse(0.0) <= limit.toSeconds())
                        .orElse(true);
    }

    private static Optional<Double> secondsOf(Deployment deployment, Status status, Optional<Duration> audio) {
        double perSecond = deployment.latency().perAudioSecond();
        if (audio.isEmpty() && perSecond > 0) {
            return Optional.empty();
        }
        double own = deployment.latency().start().toSeconds()
                + perSecond * audio.orElse(Duration.ZERO).toSeconds();
        double cold = status.warm() ? 0 : deployment.latency().cold().toSeconds();
        return Optional.of(own * (1 + status.running() + status.queued()) + cold);
    }

    /** Fixed-width text whose order is the order that is promised. */
    private static String sortKey(Step step, World world) {
        String provider = step.deployment().provider();
        int place = world.preference().indexOf(provider);
        String rank = "%02d".formatted(place < 0 ? 99 : place);
        String time =
                "%020d".formatted(step.predicted().p50().map(Duration::toMillis).orElse(Long.MAX_VALUE));
        String cost = "%025.8f".formatted(step.predicted().costUsd().orElse(BigDecimal.valueOf(1e12)));
        String need = world.policy().priority() == Priority.REALTIME ? time + cost : cost + time;
        return rank + need + step.deployment().id();
    }

    private static World busier(World world, SplittableRandom random) {
        Map<String, Status> states = new HashMap<>();
        world.snapshot().byDeployment().forEach((id, now) -> {
            int more = random.nextInt(3);
            states.put(
                    id,
                    new Status(now.unavailable(), now.warm(), now.running(), now.queued() + more, now.queueCapacity()));
        });
        return new World(world.deployments(), world.preference(), world.facts(), world.policy(), new Snapshot(states));
    }

    private static Step stepOf(Plan plan, Deployment deployment) {
        return plan.steps().stream()
                .filter(step -> step.deployment().equals(deployment))
                .findFirst()
                .orElseThrow();
    }

    private static Policy with(
            Policy policy, Optional<BigDecimal> maxCostUsd, Set<String> providers, boolean localOnly) {
        return new Policy(
                policy.priority(), maxCostUsd, policy.deadline(), providers, localOnly, policy.commercialUse());
    }
}
