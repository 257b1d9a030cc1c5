package io.flowstate.models;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.util.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * GET requests of one fetch. Redirects are followed here and not by the client, because the token may go to its own origin only, and because the hub's answer, not that of
 * the host it points to, names the commit. Blocks the calling thread; a cancellation breaks the connection.
 */
final class Http implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Http.class);
    private static final int MAX_REDIRECTS = 8;
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final CloseableHttpClient client;

    Http(Duration stallLimit) {
        Timeout stall = Timeout.of(stallLimit);
        this.client = HttpClients.custom()
                .useSystemProperties()
                .setUserAgent("flowstate")
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .useSystemProperties()
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(CONNECT_LIMIT))
                                .setSocketTimeout(stall)
                                .build())
                        .build())
                .setDefaultRequestConfig(
                        RequestConfig.custom().setResponseTimeout(stall).build())
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableContentCompression()
                .disableRedirectHandling()
                .disableAuthCaching()
                .build();
    }

    /**
     * What to ask for.
     *
     * @param token for the origin of {@code address} alone
     * @param accessAdvice what to do when the server asks who we are
     */
    record Ask(URI address, Optional<Secret> token, String accessAdvice, Map<String, String> headers) {
        Ask with(Map<String, String> other) {
            return new Ask(address, token, accessAdvice, other);
        }
    }

    /** An answer whose body is still to be read. Headers of the asked origin win over those of the hosts it pointed to. */
    static final class Reply implements AutoCloseable {
        private final HttpGet request;
        private final ClassicHttpResponse response;
        private final Map<String, String> byOrigin;
        private final Cancellation.Registration registration;

        private Reply(
                HttpGet request,
                ClassicHttpResponse response,
                Map<String, String> byOrigin,
                Cancellation.Registration registration) {
            this.request = request;
            this.response = response;
            this.byOrigin = byOrigin;
            this.registration = registration;
        }

        int status() {
            return response.getCode();
        }

        /** A header of the last answer. */
        Optional<String> header(String name) {
            return Optional.ofNullable(response.getFirstHeader(name)).map(Header::getValue);
        }

        /** A header that the asked origin has sent, on its redirect or on the answer itself. */
        Optional<String> originHeader(String name) {
            return Optional.ofNullable(byOrigin.get(name.toLowerCase(Locale.ROOT)));
        }

        InputStream body() throws IOException {
            return response.getEntity() == null
                    ? InputStream.nullInputStream()
                    : response.getEntity().getContent();
        }

        /** Drops the connection if there is anything left to read: closing alone would read a body to its end, however long. */
        @Override
        public void close() {
            registration.close();
            request.cancel();
            try {
                response.close();
            } catch (IOException broken) {
                log.trace("the connection was broken already", broken);
            }
        }
    }

    /** @throws FlowError for a redirect that is not followed */
    Reply open(Ask ask, Cancellation cancellation) throws IOException {
        Map<String, String> byOrigin = new LinkedHashMap<>();
        URI at = ask.address();
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            boolean home = isSameOrigin(at, ask.address());
            Reply reply = send(at, ask, home, byOrigin, cancellation);
            if (home) {
                for (Header header : reply.response.getHeaders()) {
                    byOrigin.putIfAbsent(header.getName().toLowerCase(Locale.ROOT), header.getValue());
                }
            }
            Optional<URI> next = redirect(at, reply);
            if (next.isEmpty()) {
                return reply;
            }
            reply.close();
            at = next.get();
        }
        throw refused("%s redirects more than %d times.".formatted(host(ask.address()), MAX_REDIRECTS));
    }

    private Reply send(URI at, Ask ask, boolean home, Map<String, String> byOrigin, Cancellation cancellation)
            throws IOException {
        HttpGet get = new HttpGet(at);
        ask.headers().forEach(get::setHeader);
        get.setHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
        if (home) {
            ask.token().ifPresent(token -> get.setHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token.value()));
        }
        Cancellation.Registration registration = cancellation.onCancel(get::cancel);
        try {
            cancellation.throwIfCanceled();
            return new Reply(get, client.executeOpen(HttpHost.create(at), get, null), byOrigin, registration);
        } catch (IOException | RuntimeException failed) {
            registration.close();
            throw failed;
        }
    }

    private static Optional<URI> redirect(URI from, Reply reply) {
        Optional<String> location = reply.header(HttpHeaders.LOCATION);
        boolean moves = switch (reply.status()) {
            case 301, 302, 303, 307, 308 -> location.isPresent();
            default -> false;
        };
        if (!moves) {
            return Optional.empty();
        }
        try {
            URI to = from.resolve(location.orElseThrow());
            if (isHttp(to)
                    && !("https".equalsIgnoreCase(from.getScheme()) && "http".equalsIgnoreCase(to.getScheme()))) {
                return Optional.of(to);
            }
        } catch (IllegalArgumentException notAnAddress) {
            reply.close();
            throw refused("%s redirects to something that is not an address.".formatted(host(from)));
        }
        reply.close();
        throw refused("%s redirects from https to an address that is not.".formatted(host(from)));
    }

    static boolean isHttp(URI address) {
        return ("https".equalsIgnoreCase(address.getScheme()) || "http".equalsIgnoreCase(address.getScheme()))
                && address.getHost() != null;
    }

    static boolean isSameOrigin(URI a, URI b) {
        return a.getScheme().equalsIgnoreCase(b.getScheme())
                && a.getHost().equalsIgnoreCase(b.getHost())
                && port(a) == port(b);
    }

    private static int port(URI address) {
        if (address.getPort() >= 0) {
            return address.getPort();
        }
        return "https".equalsIgnoreCase(address.getScheme()) ? 443 : 80;
    }

    static String host(URI address) {
        return address.getPort() < 0 ? address.getHost() : address.getHost() + ":" + address.getPort();
    }

    /** A relative path with slashes, as part of an address. */
    static String encodedPath(String path) {
        return Stream.of(path.split("/")).map(Http::encodedSegment).collect(Collectors.joining("/"));
    }

    /** {@link URLEncoder} is for forms, where a space is a plus. */
    static String encodedSegment(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static FlowError refused(String what) {
        return FlowError.of(Code.MODEL_UNAVAILABLE, "%s", what)
                .advice("Correct the source in the catalogue, or the hub's address.");
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
