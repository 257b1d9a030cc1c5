package io.flowstate.egress;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Addresses written as numbers. Only the usual spelling counts: what one library takes for octal, hexadecimal or a short form, another takes for something else, and a check
 * of the one does not bind the other.
 */
final class Literal {
    private static final Pattern QUAD = Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:]*:[0-9a-fA-F:.]*");
    private static final Pattern NUMBER = Pattern.compile("\\d+|0x[0-9a-f]*");

    private Literal() {}

    /** An IPv4 address as four decimal numbers, or an IPv6 address without brackets and zone. */
    static Optional<InetAddress> parse(String text) {
        if (!QUAD.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
    }

    /** Whether a host name would be read as a number by some resolver: no top-level domain is one. */
    static boolean looksNumeric(String host) {
        String last = host.substring(host.lastIndexOf('.') + 1);
        return NUMBER.matcher(last.toLowerCase(Locale.ROOT)).matches();
    }
}
