package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.spi.Status;
import io.flowstate.core.spi.Telemetry;
import io.flowstate.jobs.Tally;
import io.flowstate.jobs.Vitals;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Everything that Prometheus is told. Give it to the gateway as its telemetry and to the server, which publishes it. Thread-safe.
 *
 * <p>No label takes a value that a client can make up, so the number of series is bounded.
 */
public final class Metrics implements Telemetry, AutoCloseable {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofSeconds(60),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        Duration.ofHours(2)
    };
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private volatile Optional<JobMetrics> jobs = Optional.empty();
    private volatile Optional<Readiness> readiness = Optional.empty();
    private volatile Map<String, Boolean> standing = Map.of();
    private final JvmGcMetrics collector = new JvmGcMetrics();

    public Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collector.bindTo(registry);
    }

    @Override
    public void finished(Finished request) {
        Tags tags = Tags.of(
                "task", request.task().id(), "deployment", request.deployment().orElse("none"));
        Tags outcome = tags.and("outcome", request.failure().map(Code::id).orElse("ok"));
        Timer.builder("flowstate.request.duration")
                .description("Time from a task's upload to its complete answer, or from its arrival to its refusal")
                .tags(outcome)
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(request.took());
        Counter.builder("flowstate.attempts")
                .description("Tries of deployments, those that failed over included")
                .tags(tags)
                .register(registry)
                .increment(request.attempts());
        if (request.failure().isEmpty()) {
            Counter.builder("flowstate.audio.seconds")
                    .description("Length of the audio that was worked through")
                    .tags(tags)
                    .register(registry)
                    .increment(request.audio()
                            .map(length -> length.toMillis() / 1000.0)
                            .orElse(0.0));
        }
    }

    /** Publishes how the gateway's deployments stand. Called once, by the server. */
    void watch(Gateway gateway) {
        for (Deployment deployment : gateway.catalogue().deployments().values()) {
            gauge(
                    gateway,
                    deployment,
                    "available",
                    "1 if it takes work",
                    status -> status.unavailable().isEmpty() ? 1 : 0);
            gauge(gateway, deployment, "running", "Runs under way", Status::running);
            gauge(gateway, deployment, "queued", "Runs that wait", Status::queued);
            gauge(
                    gateway,
                    deployment,
                    "queue.capacity",
                    "How many may wait; infinite if there is no bound",
                    status -> status.queueCapacity() == Integer.MAX_VALUE
                            ? Double.POSITIVE_INFINITY
                            : status.queueCapacity());
        }
    }

    /** Publishes how many requests take their time. Called once, by the server. */
    void watch(InFlight inFlight) {
        Gauge.builder("flowstate.http.tasks", inFlight, InFlight::tasks)
                .description("Uploads and runs under way, for which there is server.max_in_flight")
                .register(registry);
        Gauge.builder("flowstate.http.readers", inFlight, InFlight::readers)
                .description("Outputs of jobs that are being read")
                .register(registry);
    }

    /**
     * Counts an answer of the HTTP server.
     *
     * @param outcome the status, or {@code aborted} for an answer that the client did not get whole
     */
    void answered(String route, String method, String outcome, Duration took) {
        Timer.builder("flowstate.http.request.duration")
                .description("Time that the server spent on a request, its body included")
                .tag("route", route)
                .tag("method", METHODS.contains(method) ? method : "other")
                .tag("status", outcome)
                .register(registry)
                .record(took);
    }

    /**
     * Publishes how jobs stand. Called at most once.
     *
     * @param vitals looks at the house; may block, and may throw
     * @param maxBytes that the store may hold
     * @param tallies what is counted on this node
     */
    public void watch(Supplier<Vitals> vitals, long maxBytes, List<Tally> tallies) {
        JobMetrics started = new JobMetrics(registry, vitals, maxBytes);
        started.count(tallies);
        jobs = Optional.of(started);
    }

    /** Publishes what the node depends on. Called once, by the server. */
    void watch(Readiness node) {
        readiness = Optional.of(node);
        for (String check : node.names()) {
            Gauge.builder("flowstate.ready", this, each -> each.standing.getOrDefault(check, false) ? 1 : 0)
                    .description("1 if what /readyz looks at is well")
                    .tag("check", check)
                    .register(registry);
        }
    }

    /** Everything as it is now; blocks for a few seconds at most. */
    String scrape() {
        jobs.ifPresent(JobMetrics::refresh);
        standing = readiness.map(Readiness::look).orElse(List.of()).stream()
                .collect(Collectors.toUnmodifiableMap(
                        Readiness.Finding::check, each -> each.obstacle().isEmpty()));
        return registry.scrape();
    }

    /** Stops listening to the collector. */
    @Override
    public void close() {
        collector.close();
        registry.close();
    }

    private void gauge(
            Gateway gateway, Deployment deployment, String name, String what, ToDoubleFunction<Status> value) {
        Gauge.builder("flowstate.deployment." + name, gateway, each -> value.applyAsDouble(each.status(deployment)))
                .description(what)
                .tag("deployment", deployment.id())
                .register(registry);
    }
}
