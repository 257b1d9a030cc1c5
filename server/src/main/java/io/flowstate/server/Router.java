package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Every address that the node answers at. Immutable. */
final class Router {
    private final List<Route> routes;
    private final boolean hasApi;

    /** Answers an exchange, or throws why not. */
    @FunctionalInterface
    interface Endpoint {
        void handle(Exchange exchange) throws IOException;
    }

    /** @param pattern a path; a segment in braces stands for any one */
    record Route(String method, String pattern, List<String> segments, Endpoint endpoint) {
        Route(String method, String pattern, Endpoint endpoint) {
            this(method, pattern, Exchange.segments(pattern), endpoint);
        }

        boolean matches(List<String> path) {
            return path.size() == segments.size()
                    && IntStream.range(0, path.size())
                            .allMatch(i -> isVariable(segments.get(i))
                                    ? !path.get(i).isEmpty()
                                    : segments.get(i).equals(path.get(i)));
        }

        private static boolean isVariable(String segment) {
            return segment.startsWith("{");
        }
    }

    Router(
            StemsEndpoint stems,
            JobsEndpoints jobs,
            JobEvents events,
            JobOutputEndpoint outputs,
            WebhookEndpoints webhooks,
            UploadsEndpoint uploads,
            CatalogueEndpoints catalogue,
            PlanEndpoint plan,
            StatusEndpoints status,
            Pages pages) {
        hasApi = true;
        routes = Stream.concat(
                        api(stems, jobs, events, outputs, webhooks, uploads, catalogue, plan, pages), operating(status))
                .toList();
    }

    /** That of a node without the role api: it can be looked after, and does nothing for callers. */
    Router(StatusEndpoints status) {
        hasApi = false;
        routes = operating(status).toList();
    }

    private static Stream<Route> operating(StatusEndpoints status) {
        return Stream.of(
                get("/healthz", status::alive), get("/readyz", status::ready), get("/metrics", status::metrics));
    }

    private static Stream<Route> api(
            StemsEndpoint stems,
            JobsEndpoints jobs,
            JobEvents events,
            JobOutputEndpoint outputs,
            WebhookEndpoints webhooks,
            UploadsEndpoint uploads,
            CatalogueEndpoints catalogue,
            PlanEndpoint plan,
            Pages pages) {
        return Stream.of(
                post("/v1/stems", stems::separate),
                post("/v1/jobs", jobs::submit),
                get("/v1/jobs", jobs::list),
                get("/v1/jobs/{id}", jobs::show),
                delete("/v1/jobs/{id}", jobs::remove),
                post("/v1/jobs/{id}/cancel", jobs::cancel),
                post("/v1/jobs/{id}/retry", jobs::retry),
                get("/v1/jobs/{id}/events", events::stream),
                get("/v1/jobs/{id}/input", outputs::input),
                get("/v1/jobs/{id}/outputs/{name}", outputs::read),
                post("/v1/jobs/{id}/outputs/{name}/link", outputs::link),
                get("/v1/jobs/{id}/deliveries", webhooks::deliveries),
                post("/v1/jobs/{id}/deliveries/{delivery}/redeliver", webhooks::redeliver),
                get("/v1/webhooks/dead", webhooks::dead),
                get("/v1/webhooks/secret", webhooks::secret),
                post("/v1/webhooks/secret/rotate", webhooks::rotate),
                new Route("OPTIONS", "/v1/uploads", uploads::abilities),
                post("/v1/uploads", uploads::create),
                get("/v1/uploads/{id}", uploads::show),
                new Route("PATCH", "/v1/uploads/{id}", uploads::append),
                delete("/v1/uploads/{id}", uploads::remove),
                post("/v1/uploads/{id}", uploads::instead),
                post("/v1/plan", plan::plan),
                get("/v1/models", catalogue::models),
                get("/v1/models/{id}", catalogue::model),
                get("/v1/deployments", catalogue::deployments),
                get("/openapi.json", pages::description),
                get("/", pages::index));
    }

    /** @throws FlowError {@link Code#NOT_FOUND}, {@link Code#METHOD_NOT_ALLOWED} or {@link Code#MISDIRECTED} */
    void handle(Exchange exchange) throws IOException {
        String path = exchange.path();
        List<String> segments = Exchange.segments(path);
        List<Route> here =
                routes.stream().filter(route -> route.matches(segments)).toList();
        if (here.isEmpty() && !hasApi) {
            throw FlowError.of(Code.MISDIRECTED, "This node has no api role: it runs jobs, and answers nobody.")
                    .advice("Ask a node with the role api. Here are only /healthz, /readyz and /metrics.");
        }
        if (here.isEmpty()) {
            throw FlowError.of(Code.NOT_FOUND, "There is nothing at %s.", path)
                    .advice("GET /openapi.json lists every address.");
        }
        // Jetty leaves the body out of an answer to HEAD.
        String method = exchange.method().equals("HEAD") ? "GET" : exchange.method();
        Optional<Route> match =
                here.stream().filter(route -> route.method().equals(method)).findFirst();
        if (match.isEmpty()) {
            String allowed = here.stream()
                    .flatMap(route ->
                            route.method().equals("GET") ? Stream.of("GET", "HEAD") : Stream.of(route.method()))
                    .collect(Collectors.joining(", "));
            exchange.set("Allow", allowed);
            throw FlowError.of(Code.METHOD_NOT_ALLOWED, "%s does not take %s.", path, exchange.method())
                    .advice("It takes %s.", allowed);
        }
        match.get().endpoint().handle(exchange);
    }

    List<Route> routes() {
        return routes;
    }

    /** The pattern that the path fits, for counting; one word for all paths that fit none. */
    String patternOf(Exchange exchange) {
        List<String> path = Exchange.segments(exchange.path());
        return routes.stream()
                .filter(route -> route.matches(path))
                .findFirst()
                .map(Route::pattern)
                .orElse("unknown");
    }

    private static Route get(String pattern, Endpoint endpoint) {
        return new Route("GET", pattern, endpoint);
    }

    private static Route post(String pattern, Endpoint endpoint) {
        return new Route("POST", pattern, endpoint);
    }

    private static Route delete(String pattern, Endpoint endpoint) {
        return new Route("DELETE", pattern, endpoint);
    }
}
