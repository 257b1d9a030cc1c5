package io.flowstate.server;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.Task;
import io.flowstate.core.gateway.Call;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.routing.Plan;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.routing.RequestFacts;
import io.flowstate.core.spi.Progress;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code POST /v1/stems}: takes a piece of music and answers with its stems while they are made. */
final class StemsEndpoint {
    private final Gateway gateway;
    private final Spool spool;
    private final InFlight inFlight;
    private final ServerConfig config;
    private final Clock clock;

    StemsEndpoint(Gateway gateway, Spool spool, InFlight inFlight, ServerConfig config, Clock clock) {
        this.config = config;
        this.gateway = gateway;
        this.spool = spool;
        this.inFlight = inFlight;
        this.clock = clock;
    }

    void separate(Exchange exchange) throws IOException {
        exchange.set("flowstate-attempts", "0");
        exchange.query().requireKnown(StemsOptions.NAMES);
        refuseIfFull(exchange.query());
        Cancellation cancellation = new Cancellation();
        try (InFlight.Place _ = inFlight.enter(cancellation);
                Spool.Room room = spool.room()) {
            Upload upload = Upload.receive(exchange, room, cancellation);
            upload.options().requireKnown(StemsOptions.NAMES);
            StemsRequest request = StemsOptions.request(upload.options(), upload.audio(), gateway.catalogue());
            Policy policy = RoutingOptions.policy(upload.options());
            run(exchange, request, policy, room, cancellation);
        }
    }

    /**
     * Spares a client the upload of what nobody has room for. The query alone decides; what a form may say later only makes the choice smaller, and the room may be gone by
     * then, so a provider still refuses by itself.
     */
    private void refuseIfFull(Options query) {
        RequestFacts facts = new RequestFacts(Task.STEMS, query.text("model"), Optional.empty());
        List<Plan.Step> able = gateway.plan(facts, RoutingOptions.places(query)).steps();
        if (!able.isEmpty()
                && able.stream()
                        .allMatch(step -> gateway.status(step.deployment()).isFull())) {
            throw FlowError.of(
                            Code.QUEUE_FULL,
                            "All that could run this is busy, and the queues are full: %s.",
                            able.stream().map(step -> step.deployment().id()).collect(Collectors.joining(", ")))
                    .advice("Send the request again later; GET /v1/deployments shows the queues.");
        }
    }

    private void run(Exchange exchange, StemsRequest request, Policy policy, Spool.Room room, Cancellation cancellation)
            throws IOException {
        String track = FileNames.track(request.input().name());
        Outflow outflow = new Outflow(exchange, room, cancellation, config, clock);
        List<String> tried = new ArrayList<>();
        try (Delivery delivery = isOne(request.selection())
                        ? new OneStem(exchange, track, outflow)
                        : new ZippedStems(exchange, track, room, outflow, cancellation, clock);
                Exchange.Watch _ = exchange.stopWhenClientLeaves(cancellation);
                Cancellation.Registration _ = cancellation.onCancel(exchange::abort)) {
            gateway.answer(new Call(
                    exchange.id(),
                    request,
                    policy,
                    cancellation,
                    Progress.Listener.NONE,
                    (step, number) -> tell(exchange, step, number, tried),
                    delivery));
            delivery.finish();
        } catch (FlowError failure) {
            throw new TaskFailure(failure, tried);
        }
    }

    /** One file is wanted only by somebody who names just one stem; whoever leaves it to the model takes what there is. */
    private static boolean isOne(StemSelection selection) {
        return selection instanceof StemSelection.Some some && some.stems().size() == 1;
    }

    private static void tell(Exchange exchange, Plan.Step step, int number, List<String> tried) {
        tried.add(step.deployment().id());
        exchange.set("flowstate-deployment", step.deployment().id());
        exchange.set("flowstate-attempts", Integer.toString(number));
        exchange.set(
                "flowstate-cost-usd",
                step.predicted().costUsd().map(BigDecimal::toPlainString).orElse("unpriced"));
    }
}
