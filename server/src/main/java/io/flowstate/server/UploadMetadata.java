package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a sender says of an upload: the header {@code Upload-Metadata}, keys and values in base64, as in {@code filename c29uZy53YXY=,draft}.
 *
 * @param text as it came
 */
record UploadMetadata(String text, Map<String, String> values) {
    static final String HEADER = "Upload-Metadata";

    UploadMetadata {
        values = Map.copyOf(values);
    }

    /** @throws FlowError {@link Code#BAD_REQUEST} */
    static UploadMetadata parse(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : text.isBlank() ? new String[0] : text.split(",", -1)) {
            String[] words = pair.strip().split(" +", -1);
            if (words.length > 2 || !words[0].matches("[!-~&&[^,]]+")) {
                throw bad("must be keys and values, as in filename c29uZy53YXY=,draft");
            }
            if (values.put(words[0], words.length == 1 ? "" : decoded(words[1])) != null) {
                throw bad("has the key %s twice".formatted(words[0]));
            }
        }
        return new UploadMetadata(text.strip(), values);
    }

    /** The file's name, under the keys that clients use for it. */
    Optional<String> name() {
        return Optional.ofNullable(values.get("filename"))
                .or(() -> Optional.ofNullable(values.get("name")))
                .filter(name -> !name.isBlank());
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException not) {
            throw bad("has a value that is not base64").causedBy(not);
        }
    }

    private static FlowError bad(String rule) {
        return FlowError.of(Code.BAD_REQUEST, "%s %s.", HEADER, rule).field(HEADER);
    }
}
