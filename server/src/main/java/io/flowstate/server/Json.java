package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON in and out. What the wire looks like is written out by hand where each answer is made, so that renaming a record changes nothing for a client. */
final class Json {
    static final String MEDIA_TYPE = "application/json";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build();

    private static final Pattern TWICE = Pattern.compile("Duplicate Object property \"(.*)\"", Pattern.DOTALL);

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static byte[] bytes(JsonNode node) {
        return MAPPER.writeValueAsBytes(node);
    }

    /** @throws FlowError {@link Code#BAD_REQUEST} with the place of the first mistake */
    static ObjectNode parseObject(byte[] text) {
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (JacksonException bad) {
            Matcher twice = TWICE.matcher(String.valueOf(bad.getOriginalMessage()));
            if (twice.lookingAt()) {
                throw Options.bad(twice.group(1), "is in the body more than once")
                        .advice("Leave one in.")
                        .causedBy(bad);
            }
            // Jackson's own sentence speaks of its settings more than of the text.
            TokenStreamLocation at = bad.getLocation() == null ? TokenStreamLocation.NA : bad.getLocation();
            throw FlowError.of(
                            Code.BAD_REQUEST,
                            "The body is not valid JSON; it goes wrong at line %d, column %d.",
                            Math.max(1, at.getLineNr()),
                            Math.max(1, at.getColumnNr()))
                    .causedBy(bad);
        }
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw FlowError.of(Code.BAD_REQUEST, "The body must be a JSON object.");
    }

    /** The properties of a flat object as options with their types; a list counts as its words. */
    static Options options(ObjectNode object) {
        Options.Builder options = new Options.Builder();
        for (Map.Entry<String, JsonNode> property : object.properties()) {
            String name = property.getKey();
            JsonNode value = property.getValue();
            if (value.isArray()) {
                if (value.isEmpty()) {
                    throw Options.bad(name, "must not be an empty list")
                            .advice("Name one or more, or leave `%s` out.", name);
                }
                value.forEach(word -> options.add(name, Options.Type.LIST, scalar(name, word)));
            } else {
                options.add(name, type(value), scalar(name, value));
            }
        }
        return options.build();
    }

    private static Options.Type type(JsonNode value) {
        return value.isNumber() ? Options.Type.NUMBER : value.isBoolean() ? Options.Type.FLAG : Options.Type.TEXT;
    }

    private static String scalar(String name, JsonNode value) {
        if (value.isNull()) {
            throw Options.bad(name, "must not be null").advice("Leave `%s` out instead.", name);
        }
        if (!value.isValueNode()) {
            throw Options.bad(name, "must be text, a number, true, false, or a list of words");
        }
        return value.asString();
    }
}
