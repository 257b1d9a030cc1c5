package io.flowstate.egress;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses belong to the public internet. IPv4 is open but for the blocks that are not; IPv6 is closed but for the one block from which addresses are given out, less its
 * special parts. So an IPv6 range that gets a meaning tomorrow is refused today. Sources: the IANA registries of special-purpose addresses for IPv4 and IPv6.
 */
final class PublicRanges {
    private static final List<Block> CLOSED_V4 = blocks(
            "0.0.0.0/8", // this host
            "10.0.0.0/8", // private
            "100.64.0.0/10", // carrier-grade NAT, and one cloud's metadata
            "127.0.0.0/8", // loopback
            "168.63.129.16/32", // a cloud's host agent, reachable from inside alone
            "169.254.0.0/16", // link-local, and most clouds' metadata
            "172.16.0.0/12", // private
            "192.0.0.0/24", // protocol assignments
            "192.0.2.0/24", // documentation
            "192.88.99.0/24", // relays of 6to4
            "192.168.0.0/16", // private
            "198.18.0.0/15", // benchmarking
            "198.51.100.0/24", // documentation
            "203.0.113.0/24", // documentation
            "224.0.0.0/4", // multicast
            "240.0.0.0/4"); // reserved, and broadcast

    private static final Block GLOBAL_V6 = Block.parse("2000::/3");
    private static final List<Block> CLOSED_V6 = blocks(
            "2001::/23", // protocol assignments: Teredo, benchmarking, ORCHID
            "2001:db8::/32", // documentation
            "2002::/16", // 6to4, which wraps an IPv4 address
            "3fff::/20"); // documentation

    /** How a network without IPv4 reaches it: the last four bytes are the address at the far end. */
    private static final Block NAT64 = Block.parse("64:ff9b::/96");

    private PublicRanges() {}

    static boolean hold(InetAddress address) {
        if (address instanceof Inet4Address) {
            return CLOSED_V4.stream().noneMatch(block -> block.holds(address));
        }
        if (NAT64.holds(address)) {
            return hold(wrapped(address));
        }
        return GLOBAL_V6.holds(address) && CLOSED_V6.stream().noneMatch(block -> block.holds(address));
    }

    private static InetAddress wrapped(InetAddress address) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(address.getAddress(), 12, 16));
        } catch (UnknownHostException impossible) {
            throw new AssertionError("four bytes are an address", impossible);
        }
    }

    private static List<Block> blocks(String... texts) {
        return Stream.of(texts).map(Block::parse).toList();
    }
}
