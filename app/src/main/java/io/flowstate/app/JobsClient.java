package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.spi.Progress;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.io.entity.FileEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.util.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The jobs of a server, as its API has them. Thread-safe; calls block, and a cancellation breaks their connections.
 *
 * <p>What a person can do something about is thrown as a {@link FlowError}: the server's own word, or that it cannot be reached. Calls that a caller may want to repeat when
 * a connection breaks ({@link #events}, {@link #output}) throw the {@link IOException} instead.
 */
final class JobsClient implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JobsClient.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Timeout CONNECT_LIMIT = Timeout.ofSeconds(10);
    /** A server says every 16 seconds that it is still there. */
    private static final Timeout SILENCE = Timeout.ofSeconds(60);
    /** When an input has arrived the server still hashes it, probes it and moves it to its store. */
    private static final Timeout TAKING_IN = Timeout.ofMinutes(5);

    private static final int SUBMIT_TRIES = 5;
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int MOST_ANSWER_BYTES = 64 << 20;

    private final URI server;
    private final CloseableHttpClient http;

    /** @param server its address; a path in it stands before every path of the API */
    JobsClient(URI server) {
        this.server = server;
        this.http = HttpClients.custom()
                .useSystemProperties()
                .setUserAgent("flowstate")
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .useSystemProperties()
                        .setMaxConnPerRoute(64)
                        .setMaxConnTotal(64)
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(CONNECT_LIMIT)
                                .setSocketTimeout(SILENCE)
                                .build())
                        .build())
                .setDefaultRequestConfig(
                        RequestConfig.custom().setResponseTimeout(SILENCE).build())
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableContentCompression()
                .disableRedirectHandling()
                .disableAuthCaching()
                .build();
    }

    /** An answer with what was asked for; its body is still to be read. */
    static final class Reply implements AutoCloseable {
        private final HttpUriRequestBase request;
        private final ClassicHttpResponse response;
        private final Cancellation.Registration registration;

        private Reply(
                HttpUriRequestBase request, ClassicHttpResponse response, Cancellation.Registration registration) {
            this.request = request;
            this.response = response;
            this.registration = registration;
        }

        /** Whether it begins where it was asked to, and not with the first byte. */
        boolean isPart() {
            return response.getCode() == 206;
        }

        InputStream body() throws IOException {
            return response.getEntity() == null
                    ? InputStream.nullInputStream()
                    : response.getEntity().getContent();
        }

        private boolean isGood() {
            return response.getCode() / 100 == 2;
        }

        private Optional<String> header(String name) {
            return Optional.ofNullable(response.getFirstHeader(name)).map(Header::getValue);
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

    URI server() {
        return server;
    }

    /**
     * Hands in a file. Waits and tries again when the server is full or the connection breaks; the key sees to it that this never makes two jobs.
     *
     * @param options as the API calls them
     * @param key no other submission has it
     */
    RemoteJob submit(
            Map<String, String> options, Path file, String key, Progress.Listener progress, Cancellation cancellation) {
        for (int tries = 1; ; tries++) {
            HttpPost post = new HttpPost(address("/v1/jobs", options));
            post.setHeader("Idempotency-Key", key);
            post.setConfig(RequestConfig.custom()
                    .setExpectContinueEnabled(true)
                    .setResponseTimeout(TAKING_IN)
                    .build());
            post.setEntity(new Sent(file, progress));
            Duration pause = BETWEEN_TRIES;
            try (Reply reply = send(post, cancellation)) {
                Optional<Duration> later = reply.header("Retry-After").flatMap(JobsClient::seconds);
                boolean isFull = reply.response.getCode() == 429 || reply.response.getCode() == 503;
                if (!isFull || later.isEmpty() || tries == SUBMIT_TRIES) {
                    return job(post, reply);
                }
                pause = later.get();
            } catch (IOException broken) {
                cancellation.throwIfCanceled();
                if (tries == SUBMIT_TRIES || isAbsence(broken)) {
                    throw unreachable(broken);
                }
                log.info("{}: {}; the input is sent again", server, Reason.of(broken));
            }
            Pause.of(pause, cancellation);
        }
    }

    RemoteJob find(String id, Cancellation cancellation) {
        return job(new HttpGet(address(path(id), Map.of())), cancellation);
    }

    RemoteJob cancel(String id, Cancellation cancellation) {
        return job(new HttpPost(address(path(id) + "/cancel", Map.of())), cancellation);
    }

    RemoteJob retry(String id, Cancellation cancellation) {
        return job(new HttpPost(address(path(id) + "/retry", Map.of())), cancellation);
    }

    /** A page of the list, as the API gives it. */
    JsonNode list(Map<String, String> filter, Cancellation cancellation) {
        HttpGet get = new HttpGet(address("/v1/jobs", filter));
        try (Reply reply = send(get, cancellation)) {
            JsonNode page = json(get, reply);
            if (!page.path("jobs").isArray()) {
                throw notFlowState("it answers with other JSON");
            }
            return page;
        } catch (IOException broken) {
            cancellation.throwIfCanceled();
            throw unreachable(broken);
        }
    }

    /**
     * What happens to a job from now on, as server-sent events.
     *
     * @param last the id of the last event that was seen; empty for all
     */
    Reply events(String id, String last, Cancellation cancellation) throws IOException {
        HttpGet get = new HttpGet(address(path(id) + "/events", Map.of()));
        if (!last.isEmpty()) {
            get.setHeader("Last-Event-ID", last);
        }
        return good(get, send(get, cancellation));
    }

    /** An output's bytes from a position on, if {@link Reply#isPart}; otherwise all of them. */
    Reply output(String id, String name, long from, Cancellation cancellation) throws IOException {
        HttpGet get = new HttpGet(address(path(id) + "/outputs/" + encoded(name), Map.of()));
        if (from > 0) {
            get.setHeader("Range", "bytes=%d-".formatted(from));
        }
        return good(get, send(get, cancellation));
    }

    /** What to say of a server that was not reached, or went away in between. */
    FlowError unreachable(IOException why) {
        return switch (why) {
            case UnknownHostException _ -> absent("There is no host %s".formatted(server.getHost()), why);
            case ConnectTimeoutException _ -> absent("Nothing answers at %s".formatted(server), why);
            case ConnectException _, NoRouteToHostException _ ->
                absent("There is no server at %s".formatted(server), why);
            case NoHttpResponseException _, ClientProtocolException _ ->
                notFlowState("it does not speak HTTP").causedBy(why);
            default ->
                FlowError.of(Code.UNAVAILABLE, "The connection to %s does not work: %s.", server, Reason.of(why))
                        .advice("Try again; if it stays so, look at the log of the server.")
                        .causedBy(why);
        };
    }

    private static FlowError absent(String what, IOException why) {
        return FlowError.of(Code.UNAVAILABLE, "%s.", what)
                .advice(
                        "Start one with flowstate serve, or name another with --server, FLOWSTATE_SERVER or client.server in flowstate.yaml.")
                .causedBy(why);
    }

    private FlowError notFlowState(String why) {
        return FlowError.of(Code.UNAVAILABLE, "What is at %s is not a FlowState server: %s.", server, why)
                .advice("Check the address that --server, FLOWSTATE_SERVER or client.server in flowstate.yaml names.");
    }

    /** Whether nobody was there at all, which another try would not change. */
    static boolean isAbsence(IOException why) {
        return why instanceof UnknownHostException
                || why instanceof ConnectException
                || why instanceof NoRouteToHostException
                || why instanceof ConnectTimeoutException;
    }

    private RemoteJob job(HttpUriRequestBase request, Cancellation cancellation) {
        try (Reply reply = send(request, cancellation)) {
            return job(request, reply);
        } catch (IOException broken) {
            cancellation.throwIfCanceled();
            throw unreachable(broken);
        }
    }

    private RemoteJob job(HttpUriRequestBase request, Reply reply) throws IOException {
        JsonNode document = json(request, reply);
        if (!document.path("id").isString() || !document.path("status").isString()) {
            throw notFlowState("it answers with other JSON");
        }
        return new RemoteJob(document);
    }

    private Reply send(HttpUriRequestBase request, Cancellation cancellation) throws IOException {
        Cancellation.Registration registration = cancellation.onCancel(request::cancel);
        try {
            cancellation.throwIfCanceled();
            HttpHost host = new HttpHost(server.getScheme(), server.getHost(), server.getPort());
            return new Reply(request, http.executeOpen(host, request, null), registration);
        } catch (IOException | RuntimeException failed) {
            registration.close();
            throw failed;
        }
    }

    /** Gives the reply on if it is what was asked for. */
    private Reply good(HttpUriRequestBase request, Reply reply) throws IOException {
        if (reply.isGood()) {
            return reply;
        }
        try (reply) {
            throw refusal(request, reply);
        }
    }

    private JsonNode json(HttpUriRequestBase request, Reply reply) throws IOException {
        if (!reply.isGood()) {
            throw refusal(request, reply);
        }
        return parse(reply).orElseThrow(() -> notFlowState("it does not answer with JSON"));
    }

    private static Optional<JsonNode> parse(Reply reply) throws IOException {
        try (InputStream body = reply.body()) {
            return Optional.of(JSON.readTree(body.readNBytes(MOST_ANSWER_BYTES)))
                    .filter(JsonNode::isObject);
        } catch (JacksonException not) {
            return Optional.empty();
        }
    }

    /** What the server says against a request, as an error of ours. */
    private FlowError refusal(HttpUriRequestBase request, Reply reply) throws IOException {
        log.debug("{} {}: {}", request.getMethod(), request.getRequestUri(), reply.response.getCode());
        Optional<FlowError> error = parse(reply).map(body -> body.path("error")).flatMap(RemoteJob::error);
        return error.map(told -> reply.header("Retry-After")
                        .flatMap(JobsClient::seconds)
                        .map(told::retryAfter)
                        .orElse(told))
                .orElseGet(() -> notFlowState("it answers with status %d".formatted(reply.response.getCode())));
    }

    private URI address(String path, Map<String, String> query) {
        String base = server.getRawPath() == null ? "" : server.getRawPath().replaceAll("/+$", "");
        String options = query.entrySet().stream()
                .map(option -> encoded(option.getKey()) + "=" + encoded(option.getValue()))
                .collect(Collectors.joining("&"));
        return URI.create("%s://%s%s%s%s"
                .formatted(
                        server.getScheme(),
                        server.getRawAuthority(),
                        base,
                        path,
                        options.isEmpty() ? "" : "?" + options));
    }

    private static String path(String id) {
        return "/v1/jobs/" + encoded(id);
    }

    /** {@link URLEncoder} is for forms, where a space is a plus. */
    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Optional<Duration> seconds(String header) {
        try {
            Duration delay = Duration.ofSeconds(Long.parseLong(header.strip()));
            return Optional.of(delay.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : delay);
        } catch (NumberFormatException date) {
            return Optional.empty();
        }
    }

    /** A file that tells how much of it has gone. */
    private static final class Sent extends HttpEntityWrapper {
        private final Progress.Listener progress;

        Sent(Path file, Progress.Listener progress) {
            super(new FileEntity(file.toFile(), ContentType.APPLICATION_OCTET_STREAM));
            this.progress = progress;
        }

        @Override
        public void writeTo(OutputStream to) throws IOException {
            super.writeTo(new FilterOutputStream(to) {
                private long done;

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                    done += length;
                    progress.on(new Progress(Progress.Phase.SENDING, done, getContentLength()));
                }
            });
        }
    }

    @Override
    public void close() {
        try {
            http.close();
        } catch (IOException broken) {
            log.trace("a connection was broken already", broken);
        }
    }
}
