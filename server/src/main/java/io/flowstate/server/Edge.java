package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Where Jetty ends and our exchange begins. Runs each request to its end on the virtual thread that Jetty gives it, and lets no exception through. */
final class Edge extends Handler.Abstract {
    private static final Logger log = LoggerFactory.getLogger(Edge.class);

    private final ServerConfig config;
    private final BrowserGuard guard;
    private final Router router;
    private final Metrics metrics;
    private final Clock clock;

    Edge(ServerConfig config, Router router, Metrics metrics, Clock clock) {
        this.config = config;
        this.guard = new BrowserGuard(config);
        this.router = router;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Exchange exchange = new Exchange(request, response, RequestIds.attached(request), config, clock);
        exchange.set(RequestIds.HEADER, exchange.id());
        exchange.set("X-Content-Type-Options", "nosniff");
        exchange.set(Attempts.COUNT, "0");
        // Work that takes minutes moves no bytes meanwhile; reads and writes that stall still time out by themselves.
        request.addIdleTimeoutListener(_ -> false);
        Optional<Throwable> cutOff = serve(exchange);
        metrics.answered(
                router.patternOf(exchange),
                exchange.method(),
                cutOff.isPresent() ? "aborted" : Integer.toString(exchange.status()),
                exchange.took());
        cutOff.ifPresentOrElse(callback::failed, callback::succeeded);
        return true;
    }

    /** Why the answer could not be completed, if it could not. */
    private Optional<Throwable> serve(Exchange exchange) {
        try {
            answer(exchange);
            return Optional.empty();
        } catch (IOException lost) {
            log.debug("{} the client left: {}", exchange.id(), lost.toString());
            return Optional.of(new QuietException.Exception("the client left"));
        } catch (GivenUp cutOff) {
            exchange.abort();
            return Optional.of(new QuietException.Exception("the answer was given up"));
        }
    }

    private void answer(Exchange exchange) throws IOException, GivenUp {
        try {
            if (!guard.answersPreflight(exchange)) {
                router.handle(exchange);
            }
        } catch (TaskFailure failure) {
            logFault(exchange, failure.error());
            refuse(exchange, failure.error(), failure.attempts());
        } catch (FlowError error) {
            logFault(exchange, error);
            refuse(exchange, error, List.of());
        } catch (RuntimeException fault) {
            refuse(exchange, explain(exchange, fault), List.of());
        }
    }

    /** What the caller is not told: he cannot mend it, whoever operates the server may. */
    private static void logFault(Exchange exchange, FlowError error) {
        if (error.code() == Code.INTERNAL_ERROR) {
            log.error("{} failed in a way that nobody expected", exchange.id(), error);
        }
    }

    private static void refuse(Exchange exchange, FlowError error, List<JsonNode> attempts)
            throws IOException, GivenUp {
        if (exchange.isCommitted()) {
            log.warn(
                    "{} cut off after it had begun: {}: {}",
                    exchange.id(),
                    error.code().id(),
                    error.message());
            throw new GivenUp();
        }
        if (error.code().httpStatus() >= 500) {
            log.warn("{} {}: {}", exchange.id(), error.code().id(), error.message());
        }
        Errors.answer(exchange, error, attempts);
        exchange.linger();
    }

    private static FlowError explain(Exchange exchange, RuntimeException fault) {
        if (fault instanceof HttpException bad && bad.getCode() < 500) {
            return FlowError.of(Code.BAD_REQUEST, "The request is not valid HTTP: %s.", bad.getReason())
                    .causedBy(fault);
        }
        log.error("{} {} {}: unexpected failure", exchange.id(), exchange.method(), exchange.path(), fault);
        return FlowError.of(Code.INTERNAL_ERROR, "The server failed unexpectedly.")
                .advice("Look for request %s in the log and report it.", exchange.id())
                .causedBy(fault);
    }

    /** An answer that had begun cannot be completed. */
    private static final class GivenUp extends Exception {
        private static final long serialVersionUID = 1L;
    }
}
