package io.flowstate.core;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/** How records check themselves: a broken rule is the caller's mistake and names the field. */
public final class Check {
    private Check() {}

    /** @throws FlowError {@link Code#BAD_REQUEST} with "{field} {rule}" unless {@code holds} */
    @FormatMethod
    public static void that(boolean holds, String field, @FormatString String rule, Object... args) {
        if (!holds) {
            throw FlowError.of(Code.BAD_REQUEST, "%s %s.", field, rule.formatted(args))
                    .field(field);
        }
    }
}
