package io.flowstate.egress;

import io.flowstate.core.Cancellation;
import java.io.IOException;
import java.net.Proxy;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * The HTTP client with everything switched off that would act on its own: proxies of the environment, redirects, retries, cookies, credentials, compression, upgrades. No
 * connection is used twice, so that each request's address is checked, and no host's leftovers are read as the answer to another request. How many requests there are at a
 * time is for the callers to bound.
 */
final class Connections implements AutoCloseable {
    private static final int MAX_HEADERS = 200;
    private static final int MAX_LINE_BYTES = 16 << 10;
    private static final int UNBOUNDED = 1 << 20;

    private final CloseableHttpClient client;

    Connections(EgressConfig config, Guard guard, SSLContext tls) {
        Timeout idle = Timeout.of(config.idle());
        client = HttpClients.custom()
                .setConnectionManager(manager(config, guard, tls))
                .setConnectionReuseStrategy((_, _, _) -> false)
                .setUserAgent("flowstate")
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(idle)
                        .setProtocolUpgradeEnabled(false)
                        .setAuthenticationEnabled(false)
                        .build())
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableContentCompression()
                .disableRedirectHandling()
                .disableAuthCaching()
                .build();
    }

    private static PoolingHttpClientConnectionManager manager(EgressConfig config, Guard guard, SSLContext tls) {
        PoolingHttpClientConnectionManager manager = new PoolingHttpClientConnectionManager(
                // Without NO_PROXY a socket asks the JVM whether there is a SOCKS proxy, and that would look the name
                // up anew.
                new DefaultHttpClientConnectionOperator(
                        _ -> new Socket(Proxy.NO_PROXY),
                        null,
                        guard,
                        RegistryBuilder.<TlsSocketStrategy>create()
                                .register("https", new DefaultClientTlsStrategy(tls))
                                .build()),
                PoolConcurrencyPolicy.STRICT,
                PoolReusePolicy.LIFO,
                TimeValue.NEG_ONE_MILLISECOND,
                ManagedHttpClientConnectionFactory.builder()
                        .http1Config(Http1Config.custom()
                                .setMaxHeaderCount(MAX_HEADERS)
                                .setMaxLineLength(MAX_LINE_BYTES)
                                .build())
                        .build());
        manager.setMaxTotal(UNBOUNDED);
        manager.setDefaultMaxPerRoute(UNBOUNDED);
        manager.setDefaultConnectionConfig(ConnectionConfig.custom()
                .setConnectTimeout(Timeout.of(config.connect()))
                .setSocketTimeout(Timeout.of(config.idle()))
                .build());
        return manager;
    }

    /** Sends the request and reads the answer's head. The caller closes the answer; a cancellation breaks the connection. */
    Answer send(Target to, HttpUriRequestBase request, Cancellation cancellation) throws IOException {
        request.setHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
        request.setHeader(HttpHeaders.CONNECTION, "close");
        Cancellation.Registration registration = cancellation.onCancel(request::cancel);
        try {
            cancellation.throwIfCanceled();
            HttpHost host = new HttpHost(to.scheme(), to.host(), to.port());
            return new Answer(request, client.executeOpen(host, request, null), registration);
        } catch (IOException | RuntimeException failed) {
            registration.close();
            throw failed;
        }
    }

    @Override
    public void close() {
        client.close(CloseMode.GRACEFUL);
    }
}
