package io.flowstate.server;

import io.flowstate.core.gateway.Attempt;
import io.flowstate.core.gateway.Call;
import io.flowstate.core.routing.Plan;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Keeps the answer's headers true while one deployment after the other is tried, and remembers why each failed. Used by the exchange's thread. */
final class Attempts implements Call.AttemptListener {
    static final String COUNT = "flowstate-attempts";

    private final Exchange exchange;
    private final List<Attempt> failed = new ArrayList<>();

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
        failed.add(attempt);
        exchange.set(
                "flowstate-failed-attempts",
                failed.stream().map(Attempts::inShort).collect(Collectors.joining(", ")));
    }

    /** Those that failed, in order. */
    List<Attempt> failed() {
        return failed;
    }

    private static String inShort(Attempt attempt) {
        return "%s; code=%s; ms=%d"
                .formatted(
                        attempt.deployment().id(),
                        attempt.failure().orElseThrow().code().id(),
                        attempt.took().toMillis());
    }
}
