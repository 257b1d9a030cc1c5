package io.flowstate.server;

import io.flowstate.jobs.WebhookDelivery;
import io.flowstate.jobs.WebhookSecrets;
import io.flowstate.jobs.Webhooks;
import io.flowstate.jobs.webhook.WebhookSecret;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What was told of jobs to others' servers, whether it got there, and the secret by which they know that it is ours. */
final class WebhookEndpoints {
    private final Webhooks webhooks;
    private final WebhookSecrets secrets;

    WebhookEndpoints(Webhooks webhooks, WebhookSecrets secrets) {
        this.webhooks = webhooks;
        this.secrets = secrets;
    }

    /** {@code GET /v1/jobs/{id}/deliveries}. */
    void deliveries(Exchange exchange) throws IOException {
        answer(exchange, webhooks.deliveries(JobsEndpoints.OWNER, exchange.segment(2)));
    }

    /** {@code GET /v1/webhooks/dead}. */
    void dead(Exchange exchange) throws IOException {
        answer(exchange, webhooks.dead(JobsEndpoints.OWNER));
    }

    /** {@code POST /v1/jobs/{id}/deliveries/{delivery}/redeliver}. */
    void redeliver(Exchange exchange) throws IOException {
        WebhookDelivery again = webhooks.redeliver(
                JobsEndpoints.OWNER, exchange.segment(2), exchange.segment(4), IdempotencyKey.of(exchange));
        exchange.set("Cache-Control", "no-store");
        exchange.answer(202, Json.MEDIA_TYPE, Json.bytes(describe(again)));
    }

    /** {@code GET /v1/webhooks/secret}. */
    void secret(Exchange exchange) throws IOException {
        exchange.query().requireKnown(List.of());
        answer(exchange, secrets.current());
    }

    /** {@code POST /v1/webhooks/secret/rotate}. */
    void rotate(Exchange exchange) throws IOException {
        exchange.query().requireKnown(List.of());
        answer(exchange, secrets.rotate(JobsEndpoints.OWNER, IdempotencyKey.of(exchange)));
    }

    private void answer(Exchange exchange, WebhookSecret secret) throws IOException {
        ObjectNode body = Json.object().put("secret", secret.text().value());
        put(body, "overlap_until", secrets.overlap());
        exchange.set("Cache-Control", "no-store");
        exchange.answer(200, Json.MEDIA_TYPE, Json.bytes(body));
    }

    private static void answer(Exchange exchange, List<WebhookDelivery> deliveries) throws IOException {
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("deliveries");
        deliveries.forEach(delivery -> list.add(describe(delivery)));
        exchange.set("Cache-Control", "no-store");
        exchange.answer(200, Json.MEDIA_TYPE, Json.bytes(body));
    }

    private static ObjectNode describe(WebhookDelivery delivery) {
        ObjectNode node = Json.object();
        node.put("id", delivery.id());
        node.put("job", delivery.job());
        node.put("type", delivery.event().type());
        node.put("url", delivery.url().toString());
        node.put("status", delivery.status().id());
        node.put("failures", delivery.failures());
        delivery.lastStatus().ifPresent(status -> node.put("last_status", status));
        delivery.reason().ifPresent(reason -> node.put("reason", reason));
        node.put("created_at", delivery.created().toString());
        put(node, "next_at", delivery.next());
        put(node, "delivered_at", delivery.delivered());
        ArrayNode attempts = node.putArray("attempts");
        delivery.attempts().forEach(attempt -> attempts.add(describe(attempt)));
        return node;
    }

    private static ObjectNode describe(WebhookDelivery.Attempt attempt) {
        ObjectNode node = Json.object();
        node.put("number", attempt.number());
        node.put("at", attempt.at().toString());
        node.put("duration_ms", attempt.took().toMillis());
        attempt.status().ifPresent(status -> node.put("status", status));
        attempt.reason().ifPresent(reason -> node.put("reason", reason));
        return node;
    }

    private static void put(ObjectNode node, String name, Optional<Instant> time) {
        time.ifPresent(at -> node.put(name, at.toString()));
    }
}
