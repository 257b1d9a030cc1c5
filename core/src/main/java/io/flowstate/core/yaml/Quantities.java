package io.flowstate.core.yaml;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How times and sizes are written, in configuration files and in whatever else a person types. */
public final class Quantities {
    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(B|KiB|MiB|GiB|TiB|)");

    private Quantities() {}

    /** @throws IllegalArgumentException unless it is like {@code 30s} */
    public static Duration duration(String text) {
        Matcher parts = parts(DURATION, text);
        long unitMillis = switch (parts.group(2)) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 86_400_000;
        };
        try {
            return Duration.ofMillis(new BigDecimal(parts.group(1))
                    .multiply(BigDecimal.valueOf(unitMillis))
                    .longValueExact());
        } catch (ArithmeticException noWholeMillis) {
            throw new IllegalArgumentException(text, noWholeMillis);
        }
    }

    /**
     * Bytes.
     *
     * @throws IllegalArgumentException unless it is like {@code 512 MiB}
     */
    public static long size(String text) {
        Matcher parts = parts(SIZE, text);
        int shift = switch (parts.group(2)) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            case "TiB" -> 40;
            default -> 0;
        };
        try {
            return Math.multiplyExact(Long.parseLong(parts.group(1)), 1L << shift);
        } catch (ArithmeticException tooMany) {
            throw new IllegalArgumentException(text, tooMany);
        }
    }

    private static Matcher parts(Pattern shape, String text) {
        Matcher parts = shape.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(text);
        }
        return parts;
    }
}
