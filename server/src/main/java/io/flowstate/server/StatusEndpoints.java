package io.flowstate.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What load balancers, orchestrators and Prometheus ask. */
final class StatusEndpoints {
    private final Node node;
    private final Readiness readiness;
    private final InFlight inFlight;
    private final Metrics metrics;
    private final String version;

    StatusEndpoints(Node node, Readiness readiness, InFlight inFlight, Metrics metrics, String version) {
        this.node = node;
        this.readiness = readiness;
        this.inFlight = inFlight;
        this.metrics = metrics;
        this.version = version;
    }

    /** {@code GET /healthz}: the process answers. */
    void alive(Exchange exchange) throws IOException {
        answer(exchange, 200, standing("ok"));
    }

    /** {@code GET /readyz}: the node does its work, or what keeps it from it. */
    void ready(Exchange exchange) throws IOException {
        if (inFlight.isDraining()) {
            answer(exchange, 503, standing("draining").put("why", "The server is stopping."));
            return;
        }
        List<Readiness.Finding> findings = readiness.look();
        String why = findings.stream()
                .flatMap(each -> each.obstacle().stream().map(obstacle -> each.check() + ": " + obstacle))
                .collect(Collectors.joining(" "));
        ObjectNode standing = standing(why.isEmpty() ? "ready" : "unavailable");
        ObjectNode checks = standing.putObject("checks");
        for (Readiness.Finding finding : findings) {
            ObjectNode check = checks.putObject(finding.check())
                    .put("ok", finding.obstacle().isEmpty());
            finding.obstacle().ifPresent(obstacle -> check.put("why", obstacle));
        }
        if (!why.isEmpty()) {
            standing.put("why", why);
        }
        answer(exchange, why.isEmpty() ? 200 : 503, standing);
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
        ObjectNode standing = Json.object().put("status", word).put("version", version);
        ArrayNode roles = standing.putArray("roles");
        node.roles().stream()
                .sorted()
                .map(role -> role.name().toLowerCase(Locale.ROOT))
                .forEach(roles::add);
        return standing;
    }

    private static void answer(Exchange exchange, int status, ObjectNode standing) throws IOException {
        exchange.set("Cache-Control", "no-store");
        exchange.answer(status, Json.MEDIA_TYPE, Json.bytes(standing));
    }
}
