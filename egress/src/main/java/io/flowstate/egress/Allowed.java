package io.flowstate.egress;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The operator's exceptions: what may be asked although it is not on the public internet. */
record Allowed(List<Name> names, List<Range> ranges) {
    private static final Pattern WITH_PORT = Pattern.compile("(\\[[^]]+]|[^:\\[\\]]+)(?::(\\d{1,5}))?");
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

    /** A host name, whatever it resolves to. */
    record Name(String host, OptionalInt port) {
        boolean covers(String askedHost, int askedPort) {
            return host.equals(askedHost) && (port.isEmpty() || port.getAsInt() == askedPort);
        }
    }

    /** Addresses, under whatever name. */
    record Range(Block block, OptionalInt port) {
        boolean covers(InetAddress address, int askedPort) {
            return block.holds(address) && (port.isEmpty() || port.getAsInt() == askedPort);
        }
    }

    /** @throws FlowError {@link Code#BAD_CONFIG} for an entry that is none */
    static Allowed parse(Set<String> entries) {
        List<Name> names = new ArrayList<>();
        List<Range> ranges = new ArrayList<>();
        for (String entry : entries) {
            if (entry.contains("/") || Literal.parse(entry).isPresent()) {
                ranges.add(new Range(block(entry, entry), OptionalInt.empty()));
                continue;
            }
            Matcher parts = WITH_PORT.matcher(entry.toLowerCase(Locale.ROOT));
            if (!parts.matches()) {
                throw bad("\"%s\" is no host, host:port or range".formatted(entry));
            }
            String host = parts.group(1);
            OptionalInt port =
                    parts.group(2) == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(parts.group(2)));
            if (host.startsWith("[")) {
                ranges.add(new Range(block(host.substring(1, host.length() - 1), entry), port));
            } else if (Literal.looksNumeric(host)) {
                ranges.add(new Range(block(host, entry), port));
            } else if (NAME.matcher(host).matches()) {
                names.add(new Name(host, port));
            } else {
                throw bad("\"%s\" is no host name; wildcards are not known".formatted(entry));
            }
        }
        return new Allowed(List.copyOf(names), List.copyOf(ranges));
    }

    boolean permits(String host, int port, InetAddress address) {
        return names.stream().anyMatch(name -> name.covers(host, port))
                || ranges.stream().anyMatch(range -> range.covers(address, port));
    }

    private static Block block(String text, String entry) {
        try {
            return Block.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw bad("%s (in \"%s\")".formatted(wrong.getMessage(), entry));
        }
    }

    private static FlowError bad(String what) {
        return FlowError.of(Code.BAD_CONFIG, "egress.allowed_hosts: %s.", what)
                .field("egress.allowed_hosts")
                .advice("Write hooks.intern, hooks.intern:8080, 10.1.2.3:8080, [fd00::1]:8080 or 10.1.0.0/16.");
    }
}
