package io.flowstate.server;

import io.flowstate.core.gateway.Gateway;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** What load balancers, orchestrators and Prometheus ask. */
final class StatusEndpoints {
    private final Gateway gateway;
    private final InFlight inFlight;
    private final Metrics metrics;
    private final String version;

    StatusEndpoints(Gateway gateway, InFlight inFlight, Metrics metrics, String version) {
        this.gateway = gateway;
        this.inFlight = inFlight;
        this.metrics = metrics;
        this.version = version;
    }

    /** {@code GET /healthz}: the process answers. */
    void alive(Exchange exchange) throws IOException {
        answer(exchange, 200, standing("ok"));
    }

    /** {@code GET /readyz}: new work is taken, and there is something that can do it. A full queue is no reason: it empties by itself, and says 429. */
    void ready(Exchange exchange) throws IOException {
        if (inFlight.isDraining()) {
            answer(exchange, 503, standing("draining").put("why", "The server is stopping."));
            return;
        }
        Map<String, Optional<String>> unavailable = new TreeMap<>();
        gateway.catalogue()
                .deployments()
                .values()
                .forEach(each -> unavailable.put(each.id(), gateway.status(each).unavailable()));
        if (unavailable.values().stream().allMatch(Optional::isPresent)) {
            String why = unavailable.entrySet().stream()
                    .map(each -> each.getKey() + ": " + each.getValue().orElseThrow())
                    .collect(Collectors.joining("; "));
            answer(
                    exchange,
                    503,
                    standing("unavailable").put("why", why.isEmpty() ? "The catalogue has no deployment." : why));
            return;
        }
        answer(exchange, 200, standing("ready"));
    }

    /** {@code GET /metrics}. */
    void metrics(Exchange exchange) throws IOException {
        exchange.set("Cache-Control", "no-store");
        exchange.answer(
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                metrics.scrape().getBytes(StandardCharsets.UTF_8));
    }

    private ObjectNode standing(String word) {
        return Json.object().put("status", word).put("version", version);
    }

    private static void answer(Exchange exchange, int status, ObjectNode standing) throws IOException {
        exchange.set("Cache-Control", "no-store");
        exchange.answer(status, Json.MEDIA_TYPE, Json.bytes(standing));
    }
}
