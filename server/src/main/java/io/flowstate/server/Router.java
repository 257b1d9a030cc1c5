package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every address of the API. Immutable. */
final class Router {
    private static final String VARIABLE = "/{id}";

    private final List<Route> routes;

    /** Answers an exchange, or throws why not. */
    @FunctionalInterface
    interface Endpoint {
        void handle(Exchange exchange) throws IOException;
    }

    /** @param pattern a path; {@code /{id}} at its end stands for any one segment */
    record Route(String method, String pattern, Endpoint endpoint) {
        boolean matches(String path) {
            if (!pattern.endsWith(VARIABLE)) {
                return pattern.equals(path);
            }
            int slash = path.lastIndexOf('/');
            return slash < path.length() - 1
                    && slash == pattern.length() - VARIABLE.length()
                    && path.regionMatches(0, pattern, 0, slash);
        }
    }

    /** @param uploads empty on a server that keeps nothing */
    Router(
            StemsEndpoint stems,
            Optional<UploadsEndpoint> uploads,
            CatalogueEndpoints catalogue,
            PlanEndpoint plan,
            StatusEndpoints status,
            Pages pages) {
        Stream<Route> always = Stream.of(
                post("/v1/stems", stems::separate),
                post("/v1/plan", plan::plan),
                get("/v1/models", catalogue::models),
                get("/v1/models/{id}", catalogue::model),
                get("/v1/deployments", catalogue::deployments),
                get("/healthz", status::alive),
                get("/readyz", status::ready),
                get("/metrics", status::metrics),
                get("/openapi.json", pages::description),
                get("/", pages::index));
        routes = Stream.concat(uploads.stream().flatMap(Router::routes), always).toList();
    }

    private static Stream<Route> routes(UploadsEndpoint uploads) {
        return Stream.of(
                new Route("OPTIONS", "/v1/uploads", uploads::abilities),
                post("/v1/uploads", uploads::create),
                get("/v1/uploads/{id}", uploads::show),
                new Route("PATCH", "/v1/uploads/{id}", uploads::append),
                new Route("DELETE", "/v1/uploads/{id}", uploads::remove),
                post("/v1/uploads/{id}", uploads::instead));
    }

    /** @throws FlowError {@link Code#NOT_FOUND} or {@link Code#METHOD_NOT_ALLOWED} */
    void handle(Exchange exchange) throws IOException {
        String path = exchange.path();
        List<Route> here = routes.stream().filter(route -> route.matches(path)).toList();
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
        String path = exchange.path();
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
}
