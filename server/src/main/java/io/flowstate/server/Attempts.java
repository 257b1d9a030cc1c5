package io.flowstate.server;

import io.flowstate.core.gateway.Attempt;
import io.flowstate.core.gateway.Call;
import io.flowstate.core.routing.Plan;
import io.flowstate.jobs.Documents;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Keeps the answer's headers true while one deployment after the other is tried, and remembers why each failed. Used by the exchange's thread. */
final class Attempts implements Call.AttemptListener {
    static final String COUNT = "flowstate-attempts";

    private final Exchange exchange;
    private final List<JsonNode> failed = new ArrayList<>();

    Attempts(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public void attempting(Plan.Step step, int number) {
        exchange.set("flowstate-deployment", step.deployment().id());
        exchange.set(COUNT, Integer.toString(number));
        exchange.set(
                "flowstate-cost-usd",
                step.predicted().costUsd().map(BigDecimal::toPlainString).orElse("unpriced"));
    }

    @Override
    public void failed(Attempt attempt) {
        failed.add(Documents.of(attempt));
        tellFailed(exchange, failed);
    }

    /** Those that failed, in order, as the API shows them. */
    List<JsonNode> failed() {
        return failed;
    }

    /** Says in a header which attempts failed. */
    static void tellFailed(Exchange exchange, List<JsonNode> failed) {
        exchange.set(
                "flowstate-failed-attempts",
                failed.stream().map(Attempts::inShort).collect(Collectors.joining(", ")));
    }

    private static String inShort(JsonNode attempt) {
        return "%s; code=%s; ms=%d"
                .formatted(
                        attempt.get("deployment").stringValue(),
                        attempt.get("code").stringValue(),
                        attempt.get("duration_ms").longValue());
    }
}
