package io.flowstate.egress;

import io.flowstate.core.ByteCount;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.ssl.SSLContexts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way out for requests to addresses that somebody else chose. Whoever can name an address could otherwise make this server ask what only it can reach: its own ports, the
 * network behind it, the metadata of its cloud.
 *
 * <p>An address passes these gates, in this order, for each request and each hop: it must be readable in one way only ({@link Target}); its host is looked up once and every
 * address found must be on the public internet or be allowed by the operator ({@link PublicRanges}, {@link Allowed}); the connection goes to just those addresses
 * ({@link Guard}); TLS proves the host's name as always. Nothing goes through proxies of the environment, and sizes and times are bounded ({@link Connections}).
 *
 * <p>Thread-safe; methods block the calling thread, which may be virtual. A cancellation breaks the connection.
 */
public final class Egress implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Egress.class);
    private static final int MAX_REDIRECTS = 5;
    private static final int EXCERPT_BYTES = 4 << 10;

    private final EgressConfig config;
    private final Clock clock;
    private final Guard guard;
    private final Connections connections;

    public Egress(EgressConfig config, Clock clock) {
        this(config, clock, BoundedLookup.system(config.connect()), SSLContexts.createDefault());
    }

    Egress(EgressConfig config, Clock clock, Lookup lookup, SSLContext tls) {
        this.config = config;
        this.clock = clock;
        this.guard = new Guard(Allowed.parse(config.allowedHosts()), lookup, Egress::isOwn);
        this.connections = new Connections(config, guard, tls);
    }

    /**
     * Reads an address and refuses one that can be refused without a look-up: not http, with credentials in it, a host that could be read in two ways, an address that is not
     * public. Without network. One that passes can still be refused when it is used, as names are looked up then.
     *
     * @param field of the request that holds the address
     * @throws FlowError {@link Code#ADDRESS_NOT_ALLOWED}, or {@link Code#BAD_REQUEST} if it is no address at all
     */
    public URI check(String field, String address) {
        try {
            URI uri = new URI(address.strip());
            guard.check(Target.of(uri));
            return uri;
        } catch (URISyntaxException malformed) {
            throw FlowError.of(Code.BAD_REQUEST, "%s is not an address.", field)
                    .field(field)
                    .advice("Give one like https://example.com/path, with special characters percent-encoded.");
        } catch (FlowError refused) {
            throw refused.field(field);
        }
    }

    /**
     * Sends a body. Redirects are not followed: what is sent is meant for the address that was given.
     *
     * @return whatever the host answers, a refusal too
     * @throws FlowError {@link Code#ADDRESS_NOT_ALLOWED}; {@link Code#ADDRESS_FAILED} if there is no answer in time; the reason of the cancellation
     */
    public Reply post(URI address, Map<String, String> headers, byte[] body, Cancellation cancellation) {
        Target target = Target.of(address);
        guard.check(target);
        HttpPost request = new HttpPost(target.uri());
        headers.forEach(request::setHeader);
        request.setEntity(new ByteArrayEntity(body, null));
        try (TimeLimit limit = new TimeLimit(config.postLimit(), late(target, config.postLimit()), cancellation)) {
            try (Answer answer = connections.send(target, request, limit.stop())) {
                Reply reply = new Reply(answer.status(), excerpt(answer), answer.retryAfter(clock));
                cancellation.throwIfCanceled();
                return reply;
            } catch (IOException failed) {
                limit.stop().throwIfCanceled();
                throw Failure.of(target, failed);
            }
        }
    }

    /**
     * Fetches a file. Redirects are followed within the host, at most {@value #MAX_REDIRECTS}. When it fails there is no file.
     *
     * @param file is made, or overwritten
     * @throws FlowError {@link Code#ADDRESS_NOT_ALLOWED}; {@link Code#ADDRESS_FAILED} if the host does not give the whole file in time, with the time of a new try if that
     *     may pass by itself; {@link Code#TOO_LARGE};
     *     {@link Code#DISK_FULL} or {@link Code#OUTPUT_NOT_WRITABLE}; the reason of the cancellation
     */
    public Downloaded download(
            URI address, Path file, long maxBytes, Cancellation cancellation, Downloaded.Listener listener) {
        Target target = Target.of(address);
        try (TimeLimit limit =
                new TimeLimit(config.downloadLimit(), late(target, config.downloadLimit()), cancellation)) {
            for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
                guard.check(target);
                try (Answer answer = connections.send(target, new HttpGet(target.uri()), limit.stop())) {
                    if (!answer.isRedirect()) {
                        return new Arrival(target, answer, clock, limit.stop()).saveTo(file, maxBytes, listener);
                    }
                    target = redirected(target, answer);
                } catch (IOException failed) {
                    limit.stop().throwIfCanceled();
                    throw Failure.of(target, failed);
                }
            }
        }
        throw FlowError.of(Code.ADDRESS_FAILED, "%s redirects more than %d times.", target.host(), MAX_REDIRECTS)
                .advice("Give the address to which it leads in the end.");
    }

    private static Target redirected(Target from, Answer answer) {
        try {
            Target to = Target.of(
                    from.uri().resolve(answer.header(HttpHeaders.LOCATION).orElseThrow()));
            if (from.mayLeadTo(to)) {
                return to;
            }
        } catch (IllegalArgumentException notAnAddress) {
            log.debug("{} redirects to what is no address", from.host());
        } catch (FlowError refused) {
            log.debug("{} redirects to what is refused: {}", from.host(), refused.message());
        }
        throw FlowError.of(Code.ADDRESS_NOT_ALLOWED, "%s redirects to another place.", from.host())
                .advice("Redirects are followed within a host only: give the address to which it leads in the end.");
    }

    /** What cannot be told counts as own. */
    static boolean isOwn(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException unknown) {
            log.warn("the addresses of this machine cannot be read; a request is refused", unknown);
            return true;
        }
    }

    /** The answer stands once its head is here, so a body that then breaks off changes nothing. */
    private static String excerpt(Answer answer) {
        byte[] start = new byte[EXCERPT_BYTES];
        int length = 0;
        try {
            InputStream body = answer.body();
            for (int n = 0; n >= 0 && length < start.length; n = body.read(start, length, start.length - length)) {
                length += n;
            }
        } catch (IOException brokenOff) {
            log.debug("an answer's body broke off after {}", ByteCount.text(length), brokenOff);
        }
        return new String(start, 0, length, StandardCharsets.UTF_8);
    }

    private static FlowError late(Target target, Duration limit) {
        return FlowError.of(Code.ADDRESS_FAILED, "%s was not done within %d s.", target.host(), limit.toSeconds())
                .advice("Try again later, or give the address of a faster host.");
    }

    @Override
    public void close() {
        connections.close();
    }
}
