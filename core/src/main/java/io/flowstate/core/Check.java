package io.flowstate.core;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** How requests are checked: a broken rule is the caller's mistake and names the field. Other fields that the rule speaks of stand in backticks, as in {@link FlowError}. */
public final class Check {
    private Check() {}

    /** @throws FlowError {@link Code#BAD_REQUEST} with "{field} {rule}" unless {@code holds} */
    @FormatMethod
    public static void that(boolean holds, String field, @FormatString String rule, Object... args) {
        if (!holds) {
            throw FlowError.of(Code.BAD_REQUEST, "%s %s.", field, String.format(Locale.ROOT, rule, args))
                    .field(field);
        }
    }

    /**
     * The value that is called {@code id}, in whatever case it is written.
     *
     * @throws FlowError {@link Code#BAD_REQUEST}, listing the names that there are and the one that is probably meant
     */
    public static <E> E choice(String field, String id, E[] values, Function<E, String> name) {
        List<String> names = Arrays.stream(values).map(name).toList();
        return Arrays.stream(values)
                .filter(value -> name.apply(value).equals(id.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> FlowError.of(Code.BAD_REQUEST, "%s cannot be \"%s\".", field, id)
                        .field(field)
                        .advice(
                                "%sValid values: %s.",
                                Spelling.nearest(id.toLowerCase(Locale.ROOT), names)
                                        .map("Did you mean %s? "::formatted)
                                        .orElse(""),
                                String.join(", ", names)));
    }
}
