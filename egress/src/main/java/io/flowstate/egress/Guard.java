package io.flowstate.egress;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.hc.client5.http.DnsResolver;

/**
 * The only resolver of the client. It looks a name up once for each connection, checks all that it finds, and hands the very addresses it has checked to the connection: there
 * is no second look-up that could give another answer. One forbidden address among several refuses the name, since the client goes on to the next address when one fails.
 */
final class Guard implements DnsResolver {
    private static final int NO_PORT = -1;

    private final Allowed allowed;
    private final Lookup lookup;
    private final Predicate<InetAddress> own;

    /** @param own whether an address is this machine's: from inside it leads past the firewall in front of it, public or not */
    Guard(Allowed allowed, Lookup lookup, Predicate<InetAddress> own) {
        this.allowed = allowed;
        this.lookup = lookup;
        this.own = own;
    }

    /** Refuses what can be refused without a look-up. */
    void check(Target target) {
        if (target.isLocalhost()) {
            checkAll(target.host(), target.port(), List.of(InetAddress.ofLiteral("127.0.0.1")));
        }
        target.literal().ifPresent(address -> checkAll(target.host(), target.port(), List.of(address)));
    }

    @Override
    public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
        return checked(host, port).stream()
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        return checked(host, NO_PORT).toArray(InetAddress[]::new);
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    private List<InetAddress> checked(String host, int port) throws UnknownHostException {
        Optional<InetAddress> literal = Literal.parse(host);
        List<InetAddress> found = literal.isPresent() ? List.of(literal.get()) : lookup.addresses(host);
        checkAll(host, port, found);
        return found;
    }

    private void checkAll(String host, int port, List<InetAddress> addresses) {
        if (!addresses.stream().allMatch(address -> isOpen(address) || allowed.permits(host, port, address))) {
            throw FlowError.of(Code.ADDRESS_NOT_ALLOWED, "%s is not on the public internet, or is this server.", host)
                    .advice("Give a public address, or have the operator add the host to egress.allowed_hosts.");
        }
    }

    private boolean isOpen(InetAddress address) {
        return PublicRanges.hold(address) && !own.test(address);
    }
}
