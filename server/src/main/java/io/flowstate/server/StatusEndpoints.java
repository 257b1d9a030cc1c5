package io.flowstate.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What load balancers, orchestrators and Prometheus ask. */
final class StatusEndpoints {
    private final InFlight inFlight;
    private final Metrics metrics;
    private final String version;

    StatusEndpoints(InFlight inFlight, Metrics metrics, String version) {
        this.inFlight = inFlight;
        this.metrics = metrics;
        this.version = version;
    }

    /** {@code GET /healthz}: the process answers. */
    void alive(Exchange exchange) throws IOException {
        answer(exchange, 200, "ok");
    }

    /** {@code GET /readyz}: new work is taken. The port opens only when everything is ready, so just a stop can make it otherwise. */
    void ready(Exchange exchange) throws IOException {
        if (inFlight.isDraining()) {
            answer(exchange, 503, "draining");
        } else {
            answer(exchange, 200, "ready");
        }
    }

    /** {@code GET /metrics}. */
    void metrics(Exchange exchange) throws IOException {
        exchange.set("Cache-Control", "no-store");
        exchange.answer(
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                metrics.scrape().getBytes(StandardCharsets.UTF_8));
    }

    private void answer(Exchange exchange, int status, String word) throws IOException {
        exchange.set("Cache-Control", "no-store");
        exchange.answer(
                status,
                Json.MEDIA_TYPE,
                Json.bytes(Json.object().put("status", word).put("version", version)));
    }
}
