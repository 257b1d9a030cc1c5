package io.flowstate.egress;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.NoHttpResponseException;

/**
 * What went wrong on the way, in words for whoever gave the address. Of the address nothing is told but its host: the rest of it may hold a signature, and what the host resolves
 * to is nobody's business. The library's messages name it, so they go no further than the cause.
 */
final class Failure {
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
        return FlowError.of(Code.ADDRESS_FAILED, "%s %s.", target.host(), what)
                .advice("Check the address; if it is right, try again later.")
                .causedBy(failed);
    }

    /** The host's own refusal. */
    static FlowError of(Target target, int status) {
        String advice = switch (status) {
            case 401, 403 ->
                "The host wants to know who asks: give an address that can be read without credentials, e.g. a signed link.";
            case 404, 410 -> "There is nothing under this address any more: check it.";
            default -> "Try again later, or give another address.";
        };
        return FlowError.of(Code.ADDRESS_FAILED, "%s answers %d.", target.host(), status)
                .advice("%s", advice);
    }
}
