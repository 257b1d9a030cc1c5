package io.flowstate.server;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Task;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.routing.RequestFacts;
import io.flowstate.jobs.Documents;
import io.flowstate.jobs.Jobs;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** {@code POST /v1/plan}: says where a request would run, and why not elsewhere, without running it. */
final class PlanEndpoint {
    private static final long MOST_BYTES = 64 << 10;
    private static final BigDecimal LONGEST_SECONDS =
            BigDecimal.valueOf(Duration.ofDays(365).toSeconds());
    private static final List<String> NAMES = Stream.concat(
                    Stream.of("task", "audio_seconds"), RoutingOptions.NAMES.stream())
            .toList();

    private final Gateway gateway;
    private final Jobs jobs;

    PlanEndpoint(Gateway gateway, Jobs jobs) {
        this.gateway = gateway;
        this.jobs = jobs;
    }

    void plan(Exchange exchange) throws IOException {
        requireNoQuery(exchange.query());
        Options options = Json.options(
                Json.parseObject(exchange.body(MOST_BYTES, new Cancellation()).bytes()));
        options.requireKnown(NAMES);
        jobs.note(JobsEndpoints.OWNER, IdempotencyKey.of(exchange, new TreeMap<>(options.values()).toString()));
        Task task = options.text("task").map(Task::of).orElseThrow(() -> Options.bad("task", "is missing"));
        RequestFacts facts = new RequestFacts(task, options.text("model"), audio(options));
        exchange.answer(
                200, Json.MEDIA_TYPE, Json.bytes(Documents.of(gateway.plan(facts, RoutingOptions.policy(options)))));
    }

    /** An option there would be passed over, and the plan be another than the caller believes. */
    private static void requireNoQuery(Options query) {
        query.values().keySet().stream().sorted().findFirst().ifPresent(name -> {
            throw Options.bad(name, "is in the query, where a plan has no options")
                    .advice("Put it into the JSON object that is the body: {\"task\": \"stems\", ...}.");
        });
    }

    private static Optional<Duration> audio(Options options) {
        return options.decimal("audio_seconds").map(seconds -> {
            if (seconds.signum() < 0 || seconds.compareTo(LONGEST_SECONDS) > 0) {
                throw Options.bad("audio_seconds", "must be 0..%s".formatted(LONGEST_SECONDS));
            }
            return Duration.ofMillis(seconds.movePointRight(3).longValue());
        });
    }
}
