package io.flowstate.egress;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.NoHttpResponseException;

/**
 * What went wrong on the way, in words for whoever gave the address. Of the address nothing is told but its host: the rest of it may hold a signature, and what the host resolves
 * to is nobody's business. The library's messages name it, so they go no further than the cause.
 */
final class Failure {
    /** When to try again what may pass by itself, if the host does not say. A failure that will not has no such time. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private Failure() {}

    static FlowError of(Target target, IOException failed) {
        String what = switch (failed) {
            case UnknownHostException _ -> "cannot be found under this name";
            case SocketTimeoutException _ -> "does not answer in time";
            case ConnectException _, NoRouteToHostException _ -> "takes no connection";
            case SSLException _ -> "does not prove by its certificate that it is that host";
            case NoHttpResponseException _ -> "closes the connection without an HTTP answer";
            default -> "broke the connection off, or did not speak HTTP";
        };
        FlowError failure = FlowError.of(Code.ADDRESS_FAILED, "%s %s.", target.host(), what)
                .advice("Check the address; if it is right, try again later.")
                .causedBy(failed);
        return failed instanceof SSLException ? failure : failure.retryAfter(SOON);
    }

    /**
     * The host's own refusal.
     *
     * @param wanted how long the host wants to be left alone
     */
    static FlowError of(Target target, int status, Optional<Duration> wanted) {
        String advice = switch (status) {
            case 401, 403 ->
                "The host wants to know who asks: give an address that can be read without credentials, e.g. a signed link.";
            case 404, 410 -> "There is nothing under this address any more: check it.";
            default -> "Try again later, or give another address.";
        };
        FlowError failure = FlowError.of(Code.ADDRESS_FAILED, "%s answers %d.", target.host(), status)
                .advice("%s", advice);
        return mayPass(status) ? failure.retryAfter(wanted.orElse(SOON)) : failure;
    }

    private static boolean mayPass(int status) {
        return status == 408 || status == 425 || status == 429 || status >= 500;
    }
}
