package io.flowstate.server;

import io.flowstate.jobs.Tally;
import io.flowstate.jobs.Vitals;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What Prometheus is told about jobs: how the whole house stands, which is the same from every node, and what this node has done. Thread-safe. */
final class JobMetrics {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final MeterRegistry registry;
    private final Glance<Vitals> glance;
    private volatile Optional<Vitals> now = Optional.empty();

    /** @param vitals may block, and may throw */
    JobMetrics(MeterRegistry registry, Supplier<Vitals> vitals, long maxBytes) {
        this.registry = registry;
        this.glance = new Glance<>("jobs", vitals);
        gauge("flowstate.jobs.queued", "Jobs that wait, in the whole house", Vitals::queued);
        gauge("flowstate.jobs.running", "Jobs that a node has, in the whole house", Vitals::running);
        gauge(
                "flowstate.jobs.oldest.seconds",
                "How long ago the first of the jobs that wait was handed in",
                each -> each.oldest().toMillis() / 1000.0);
        gauge("flowstate.webhooks.pending", "Messages about jobs that are yet to be delivered", Vitals::webhooks);
        gauge("flowstate.webhooks.dead", "Messages about jobs that were given up", Vitals::dead);
        gauge("flowstate.store.bytes", "What inputs, outputs and uploads take", Vitals::bytes);
        Gauge.builder("flowstate.store.max.bytes", () -> maxBytes)
                .description("What they may take (jobs.max_bytes)")
                .register(registry);
    }

    /** Publishes what is counted here. */
    void count(List<Tally> tallies) {
        for (Tally.Event end : List.of(Tally.Event.SUCCEEDED, Tally.Event.FAILED, Tally.Event.CANCELED)) {
            counter(tallies, end, "flowstate.jobs.ended", "Jobs that ended on this node")
                    .tag("status", end.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        counter(tallies, Tally.Event.PUT_BACK, "flowstate.jobs.put.back", "Jobs that this node put back into the queue")
                .register(registry);
        counter(tallies, Tally.Event.LOST, "flowstate.jobs.lost", "Jobs of dead nodes that this node has found")
                .register(registry);
        counter(tallies, Tally.Event.SWEPT, "flowstate.sweeps", "How often this node removed what had expired")
                .tag("outcome", "ok")
                .register(registry);
        counter(tallies, Tally.Event.SWEEP_FAILED, "flowstate.sweeps", "How often this node removed what had expired")
                .tag("outcome", "failed")
                .register(registry);
    }

    /** Looks at the house; what cannot be seen is not a number. Blocks for a few seconds at most. */
    void refresh() {
        try {
            now = Optional.of(glance.begin().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException away) {
            now = Optional.empty();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void gauge(String name, String what, ToDoubleFunction<Vitals> value) {
        Gauge.builder(name, this, each -> each.now.map(value::applyAsDouble).orElse(Double.NaN))
                .description(what)
                .register(registry);
    }

    private static FunctionCounter.Builder<List<Tally>> counter(
            List<Tally> tallies, Tally.Event event, String name, String what) {
        return FunctionCounter.builder(
                        name,
                        tallies,
                        all -> all.stream().mapToDouble(each -> each.get(event)).sum())
                .description(what);
    }
}
