package io.flowstate.egress;

import java.net.InetAddress;
import java.util.Arrays;

/** A range of addresses as a prefix, like {@code 10.0.0.0/8}. An IPv4 range never holds an IPv6 address; Java makes {@code ::ffff:10.0.0.1} the IPv4 address that it is. */
record Block(InetAddress first, int prefixBits) {
    /**
     * Reads {@code 10.0.0.0/8}, {@code fd00::/8}, or one address.
     *
     * @throws IllegalArgumentException with a sentence about what is wrong
     */
    static Block parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = Literal.parse(slash < 0 ? text : text.substring(0, slash))
                .orElseThrow(
                        () -> new IllegalArgumentException("\"%s\" does not begin with an address".formatted(text)));
        int bits = address.getAddress().length * Byte.SIZE;
        if (slash < 0) {
            return new Block(address, bits);
        }
        String prefix = text.substring(slash + 1);
        if (!prefix.matches("\\d{1,3}") || Integer.parseInt(prefix) > bits) {
            throw new IllegalArgumentException("\"%s\" must end with /0 to /%d".formatted(text, bits));
        }
        Block block = new Block(address, Integer.parseInt(prefix));
        if (!Arrays.equals(block.masked(address), address.getAddress())) {
            throw new IllegalArgumentException(
                    "\"%s\" has bits beyond its prefix: is a smaller range meant?".formatted(text));
        }
        return block;
    }

    boolean holds(InetAddress address) {
        return address.getAddress().length == first.getAddress().length
                && Arrays.equals(masked(address), first.getAddress());
    }

    private byte[] masked(InetAddress address) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.clamp(prefixBits - (long) i * Byte.SIZE, 0, Byte.SIZE);
            bytes[i] &= (byte) (0xff << (Byte.SIZE - kept));
        }
        return bytes;
    }
}
