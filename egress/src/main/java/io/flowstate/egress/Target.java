package io.flowstate.egress;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An address as it will be asked: taken apart once, so that what is checked and what is connected to cannot be two readings of one text.
 *
 * @param scheme {@code http} or {@code https}
 * @param host in lower case; an IPv6 address without brackets
 * @param literal the host's address if it is one
 * @param port never a default that is left out
 * @param pathAndQuery as they go on the wire
 */
record Target(String scheme, String host, Optional<InetAddress> literal, int port, String pathAndQuery) {
    private static final Pattern NAME =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
    private static final int SHOWN = 100;

    /** @throws FlowError {@link Code#ADDRESS_NOT_ALLOWED} unless it is an http address with a host that can be read in one way only */
    static Target of(URI address) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw refused("Only http and https addresses can be asked.", "Give an address that begins with https://.");
        }
        if (String.valueOf(address.getRawAuthority()).contains("@")) {
            throw refused(
                    "The address has a user name or password in it.",
                    "Leave it out; put what the receiver needs into the path or the query.");
        }
        String host = hostOf(address.getHost());
        Optional<InetAddress> literal = Literal.parse(host);
        if (literal.isEmpty()
                && (Literal.looksNumeric(host) || !NAME.matcher(host).matches())) {
            throw unclear(host);
        }
        int port = address.getPort() >= 0 ? address.getPort() : scheme.equals("https") ? 443 : 80;
        if (port < 1 || port > 65_535) {
            throw refused("The address has a port that there is not.", "Ports are 1 to 65535.");
        }
        URI ascii = URI.create(address.toASCIIString());
        String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
        String query = ascii.getRawQuery() == null ? "" : "?" + ascii.getRawQuery();
        return new Target(scheme, host, literal, port, path + query);
    }

    private static String hostOf(@Nullable String host) {
        if (host == null) {
            throw unclear("");
        }
        String name = host.toLowerCase(Locale.ROOT);
        return name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
    }

    /** Whether a redirect from here may be followed: to the same host and port, or from http up to https. */
    boolean mayLeadTo(Target next) {
        boolean samePlace = scheme.equals(next.scheme) && port == next.port;
        boolean upgrade = scheme.equals("http")
                && next.scheme.equals("https")
                && (port == next.port || (port == 80 && next.port == 443));
        return host.equals(next.host) && (samePlace || upgrade);
    }

    URI uri() {
        return URI.create("%s://%s:%d%s".formatted(scheme, bracketed(), port, pathAndQuery));
    }

    /** Whether the name means this machine by its definition, whatever a resolver says. */
    boolean isLocalhost() {
        return host.equals("localhost") || host.endsWith(".localhost");
    }

    private String bracketed() {
        return host.contains(":") ? "[" + host + "]" : host;
    }

    private static FlowError unclear(String host) {
        return refused(
                host.isEmpty()
                        ? "The address has no host that can be read."
                        : "\"%s\" is no host name and no address in the usual spelling."
                                .formatted(host.substring(0, Math.min(host.length(), SHOWN))),
                "Give a host name (in its xn-- form if it is not ASCII), or an address like 192.0.2.1 or [2001:db8::1].");
    }

    private static FlowError refused(String what, String advice) {
        return FlowError.of(Code.ADDRESS_NOT_ALLOWED, "%s", what).advice("%s", advice);
    }
}
