package io.flowstate.core.routing;

import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.catalogue.Deployment.Latency;
import io.flowstate.core.catalogue.Deployment.Limits;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Samples;
import io.flowstate.core.routing.Policy.Priority;
import io.flowstate.core.spi.Status;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Everything that a plan depends on, at random. Small numbers on purpose: equal prices and times, and bounds met exactly, come up often. */
record World(
        List<Deployment> deployments, List<String> preference, RequestFacts facts, Policy policy, Snapshot snapshot) {
    private static final List<String> PROVIDERS = List.of("local", "worker", "replicate", "cloudflare", "huggingface");

    static World random(SplittableRandom random) {
        List<Model> models = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            models.add(Samples.model("model" + i, random.nextBoolean()));
        }
        List<Deployment> deployments = new ArrayList<>();
        for (String provider : PROVIDERS) {
            for (Model model : models) {
                if (random.nextInt(3) > 0) {
                    deployments.add(deployment(provider, model, random));
                }
            }
        }
        Map<String, Status> states = new HashMap<>();
        for (Deployment deployment : deployments) {
            if (random.nextInt(8) > 0) {
                states.put(deployment.id(), status(random));
            }
        }
        return new World(
                shuffled(deployments, random),
                List.copyOf(someOf(PROVIDERS, random)),
                facts(deployments, random),
                policy(random),
                new Snapshot(states));
    }

    Plan plan() {
        return plan(policy);
    }

    Plan plan(Policy other) {
        return new Planner(catalogue()).plan(facts, other, snapshot);
    }

    Catalogue catalogue() {
        return Samples.catalogue(deployments, preference);
    }

    static <T> List<T> shuffled(List<T> list, SplittableRandom random) {
        List<T> mixed = new ArrayList<>(list);
        for (int i = mixed.size() - 1; i > 0; i--) {
            mixed.set(i, mixed.set(random.nextInt(i + 1), mixed.get(i)));
        }
        return mixed;
    }

    private static Deployment deployment(String provider, Model model, SplittableRandom random) {
        Latency latency =
                new Latency(seconds(random), seconds(random), random.nextInt(4) / 2.0, 1 + random.nextInt(3) / 2.0);
        return new Deployment(
                provider,
                model,
                random.nextInt(4) == 0 ? Samples.UNPRICED : Samples.price("0.0" + random.nextInt(5)),
                latency,
                new Limits(maybe(random, () -> Duration.ofSeconds(60L * random.nextInt(1, 4)))),
                random.nextBoolean());
    }

    private static Status status(SplittableRandom random) {
        return random.nextInt(8) == 0
                ? Status.unavailable("it is being mended")
                : new Status(Optional.empty(), random.nextBoolean(), random.nextInt(3), random.nextInt(3), 4);
    }

    private static RequestFacts facts(List<Deployment> deployments, SplittableRandom random) {
        Optional<String> pinned = deployments.isEmpty() || random.nextInt(3) > 0
                ? Optional.empty()
                : Optional.of(deployments.get(random.nextInt(deployments.size())))
                        .map(any ->
                                random.nextBoolean() ? any.id() : any.model().id());
        return new RequestFacts(Task.STEMS, pinned, maybe(random, () -> Duration.ofSeconds(60L * random.nextInt(5))));
    }

    private static Policy policy(SplittableRandom random) {
        return new Policy(
                random.nextBoolean() ? Priority.REALTIME : Priority.BACKGROUND,
                maybe(random, () -> new BigDecimal("0.0" + random.nextInt(10))),
                maybe(random, () -> Duration.ofSeconds(random.nextInt(1, 200))),
                random.nextBoolean() ? Set.of() : someOf(PROVIDERS, random),
                random.nextInt(4) == 0,
                random.nextInt(4) == 0);
    }

    private static Set<String> someOf(List<String> all, SplittableRandom random) {
        Set<String> some = new HashSet<>(all);
        some.removeIf(each -> random.nextBoolean());
        return some;
    }

    private static Duration seconds(SplittableRandom random) {
        return Duration.ofSeconds(random.nextInt(4));
    }

    private static <T> Optional<T> maybe(SplittableRandom random, Supplier<T> value) {
        return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
    }
}
