package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A part of something, as a {@code Range} header asks for it (RFC 9110, section 14). */
record ByteRange(long from, long length) {
    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /**
     * The part that is meant; empty for what may be ignored: other units, several ranges, nonsense.
     *
     * @throws FlowError {@link Code#BAD_RANGE} if no byte of {@code size} is in it
     */
    static Optional<ByteRange> of(String header, long size, Exchange exchange) {
        Matcher one = ONE.matcher(header.strip());
        if (!one.matches() || one.group(1).length() + one.group(2).length() == 0) {
            return Optional.empty();
        }
        boolean isSuffix = one.group(1).isEmpty();
        long first = isSuffix ? Math.max(0, size - Long.parseLong(one.group(2))) : Long.parseLong(one.group(1));
        long last = isSuffix || one.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(one.group(2)));
        if (!isSuffix && !one.group(2).isEmpty() && Long.parseLong(one.group(2)) < first) {
            return Optional.empty();
        }
        if (first > last) {
            exchange.set("Content-Range", "bytes */" + size);
            throw FlowError.of(Code.BAD_RANGE, "The range has no byte of the %d that there are.", size)
                    .field("Range");
        }
        return Optional.of(new ByteRange(first, last - first + 1));
    }
}
