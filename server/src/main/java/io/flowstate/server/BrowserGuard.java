package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Keeps the pages that somebody happens to visit from using a server on his own machine.
 *
 * <p>Two attacks matter for a server without keys. DNS rebinding: a page's own name is made to point at loopback, so the browser takes us for its origin; such a request
 * carries that name in {@code Host}, and on loopback only loopback's names are taken. Cross-site requests: a page posts to us directly; browsers say so in
 * {@code Sec-Fetch-Site} or {@code Origin}, and such requests are refused unless the origin is configured. Reading across origins needs CORS headers, which only
 * configured origins get. Programs that are no browsers send none of this and are not affected.
 */
final class BrowserGuard {
    private static final Pattern LOOPBACK_NAME =
            Pattern.compile("(localhost|[a-z0-9-]+\\.localhost|127(\\.\\d{1,3}){3}|\\[::1])\\.?(:\\d{1,5})?");
    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

    private final ServerConfig config;

    BrowserGuard(ServerConfig config) {
        this.config = config;
    }

    /**
     * Refuses what must not pass, and answers a configured origin's preflight.
     *
     * @return whether the exchange has been answered
     * @throws FlowError {@link Code#FORBIDDEN}
     */
    boolean answersPreflight(Exchange exchange) throws IOException {
        String host = exchange.header("Host").orElse("").toLowerCase(Locale.ROOT);
        if (!mayName(host)) {
            throw FlowError.of(Code.FORBIDDEN, "This server does not answer for the host \"%s\".", host)
                    .field("Host")
                    .advice("Use localhost or 127.0.0.1, or add the name to server.allowed_hosts.");
        }
        String origin = exchange.header("Origin").orElse("");
        boolean allowed = config.allowedOrigins().contains(origin);
        if (allowed) {
            exchange.set("Access-Control-Allow-Origin", origin);
            exchange.set("Access-Control-Expose-Headers", "*");
            exchange.set("Vary", "Origin");
        }
        if (!allowed && !SAFE_METHODS.contains(exchange.method()) && isCrossOrigin(exchange, host, origin)) {
            throw FlowError.of(Code.FORBIDDEN, "A page of another site may not call this server.")
                    .field("Origin")
                    .advice("Add the page's origin to server.allowed_origins if it may.");
        }
        boolean preflight = allowed
                && exchange.method().equals("OPTIONS")
                && exchange.header("Access-Control-Request-Method").isPresent();
        if (preflight) {
            exchange.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE");
            exchange.set(
                    "Access-Control-Allow-Headers",
                    "Content-Type, X-Request-Id, Prefer, Idempotency-Key, Last-Event-ID, Range, If-Range, If-None-Match, Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Checksum, X-HTTP-Method-Override");
            exchange.set("Access-Control-Max-Age", "600");
            exchange.answer(204, "text/plain", new byte[0]);
        }
        return preflight;
    }

    private boolean mayName(String host) {
        return !config.isLoopback()
                || host.isEmpty()
                || LOOPBACK_NAME.matcher(host).matches()
                || config.allowedHosts().contains(host.replaceFirst(":\\d+$", ""));
    }

    private static boolean isCrossOrigin(Exchange exchange, String host, String origin) {
        return exchange.header("Sec-Fetch-Site")
                .map(site -> !site.equals("same-origin") && !site.equals("none"))
                .orElseGet(() -> !origin.isEmpty() && !origin.equalsIgnoreCase("http://" + host));
    }
}
