package io.flowstate.egress;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.HeaderElement;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.http.message.BasicHeaderValueParser;
import org.apache.hc.core5.http.message.ParserCursor;
import org.jspecify.annotations.Nullable;

/** What to call a file that a stranger's server sends: a name for people, and safe as one segment of a path. */
final class FileName {
    private static final String OTHERWISE = "download";
    private static final int MAX_CHARACTERS = 150;
    private static final int MAX_EXTENSION = 10;
    private static final String UTF_8_MARK = "utf-8''";
    /** Control and format characters; the latter can turn the order of letters round. */
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Co}\\p{Cn}\\p{Cs}]");

    private FileName() {}

    /**
     * The first of these that leaves anything: {@code filename*} and {@code filename} of the header, the path's last segment, "download".
     *
     * @param path of the address, as it was on the wire
     */
    static String of(Optional<String> contentDisposition, String path) {
        String bare = path.contains("?") ? path.substring(0, path.indexOf('?')) : path;
        return contentDisposition
                .flatMap(FileName::fromHeader)
                .map(FileName::clean)
                .filter(name -> !name.isEmpty())
                .or(() -> decoded(bare.substring(bare.lastIndexOf('/') + 1)).map(FileName::clean))
                .filter(name -> !name.isEmpty())
                .orElse(OTHERWISE);
    }

    private static Optional<String> fromHeader(String value) {
        HeaderElement[] elements =
                BasicHeaderValueParser.INSTANCE.parseElements(value, new ParserCursor(0, value.length()));
        if (elements.length == 0) {
            return Optional.empty();
        }
        return parameter(elements[0], "filename*")
                .filter(encoded -> encoded.toLowerCase(Locale.ROOT).startsWith(UTF_8_MARK))
                .flatMap(encoded -> decoded(encoded.substring(UTF_8_MARK.length())))
                .or(() -> parameter(elements[0], "filename"));
    }

    private static Optional<String> parameter(HeaderElement element, String name) {
        @Nullable NameValuePair pair = element.getParameterByName(name);
        return Optional.ofNullable(pair).map(NameValuePair::getValue);
    }

    /** {@link URLDecoder} is for forms, where a plus is a space. */
    private static Optional<String> decoded(String percentEncoded) {
        try {
            return Optional.of(URLDecoder.decode(percentEncoded.replace("+", "%2B"), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private static String clean(String name) {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        String visible = INVISIBLE.matcher(last).replaceAll("").strip();
        String bare = visible.replaceFirst("^[.\\s]+", "");
        if (bare.length() <= MAX_CHARACTERS) {
            return bare;
        }
        int dot = bare.lastIndexOf('.');
        String extension = dot >= 0 && bare.length() - dot <= MAX_EXTENSION ? bare.substring(dot) : "";
        int end = MAX_CHARACTERS - extension.length();
        return bare.substring(0, Character.isHighSurrogate(bare.charAt(end - 1)) ? end - 1 : end) + extension;
    }
}
