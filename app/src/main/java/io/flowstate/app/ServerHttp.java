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

/** Requests to one server, and what to say of it when they fail. Thread-safe; calls block, and a cancellation breaks their connections. Nothing is repeated here. */
final class ServerHttp implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServerHttp.class);
    private static final Timeout CONNECT_LIMIT = Timeout.ofSeconds(10);
    /** A server says every 16 seconds that it is still there. */
    private static final Timeout SILENCE = Timeout.ofSeconds(60);
    /** When an input has arrived the server still hashes it, probes it and moves it to its store. */
    private static final Timeout TAKING_IN = Timeout.ofMinutes(5);

    private static final int MOST_CONNECTIONS = 64;

    private final URI server;
    private final CloseableHttpClient http;

    /** @param server its address; a path in it stands before every path of a request */
    ServerHttp(URI server) {
        this.server = server;
        this.http = HttpClients.custom()
                .useSystemProperties()
                .setUserAgent("flowstate")
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .useSystemProperties()
                        .setMaxConnPerRoute(MOST_CONNECTIONS)
                        .setMaxConnTotal(MOST_CONNECTIONS)
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

    /** An answer whose body is still to be read. */
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

        int status() {
            return response.getCode();
        }

        boolean isGood() {
            return status() / 100 == 2;
        }

        /** Whether a proxy may say so of a server that is not there. */
        boolean isFromGateway() {
            return status() >= 502 && status() <= 504;
        }

        /** Whether it begins where it was asked to, and not with the first byte. */
        boolean isPart() {
            return status() == 206;
        }

        Optional<String> header(String name) {
            return Optional.ofNullable(response.getFirstHeader(name)).map(Header::getValue);
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

    URI server() {
        return server;
    }

    Reply get(String path, Map<String, String> query, Map<String, String> headers, Cancellation cancellation)
            throws IOException {
        HttpGet get = new HttpGet(address(path, query));
        headers.forEach(get::setHeader);
        return send(get, cancellation);
    }

    /** Without a body. */
    Reply post(String path, Cancellation cancellation) throws IOException {
        return send(new HttpPost(address(path, Map.of())), cancellation);
    }

    /** Sends a file, if the server has nothing against the headers. */
    Reply post(
            String path,
            Map<String, String> query,
            Map<String, String> headers,
            Path file,
            Progress.Listener progress,
            Cancellation cancellation)
            throws IOException {
        HttpPost post = new HttpPost(address(path, query));
        headers.forEach(post::setHeader);
        post.setConfig(RequestConfig.custom()
                .setExpectContinueEnabled(true)
                .setResponseTimeout(TAKING_IN)
                .build());
        post.setEntity(new Sent(file, progress));
        return send(post, cancellation);
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

    /** What to say when somebody answers who is not meant. */
    FlowError notFlowState(String why) {
        return FlowError.of(Code.UNAVAILABLE, "What is at %s is not a FlowState server: %s.", server, why)
                .advice("Check the address that --server, FLOWSTATE_SERVER or client.server in flowstate.yaml names.");
    }

    /** What to say of a proxy whose server is away, which is like a connection that does not come about. */
    FlowError behind(int status) {
        return FlowError.of(Code.UNAVAILABLE, "What is at %s answers with status %d.", server, status)
                .advice("The server behind it may be starting: try again; if it stays so, look at its log.")
                .causedBy(new IOException("status %d".formatted(status)));
    }

    /** Whether nobody was there at all, which another try would not change. */
    static boolean isAbsence(IOException why) {
        return why instanceof UnknownHostException
                || why instanceof ConnectException
                || why instanceof NoRouteToHostException
                || why instanceof ConnectTimeoutException;
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

    /** {@link URLEncoder} is for forms, where a space is a plus. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
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
