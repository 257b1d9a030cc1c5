package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The API's description, held against what really went over the wire. */
final class Described {
    private final ObjectNode document;
    private final SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    Described(String openApi) {
        document = Json.parseObject(openApi.getBytes(StandardCharsets.UTF_8));
    }

    /** All operations, as {@code GET /v1/models}. */
    List<String> operations() {
        List<String> operations = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (String method : path.getValue().propertyNames()) {
                operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
            }
        }
        return operations;
    }

    /** Names of an operation's query parameters. */
    List<String> parameters(String method, String pattern) {
        List<String> names = new ArrayList<>();
        for (JsonNode each : operation(method, pattern).path("parameters")) {
            JsonNode parameter = resolved(each);
            if (text(parameter, "in").equals("query")) {
                names.add(text(parameter, "name"));
            }
        }
        return names;
    }

    /** Fields of the form, or of the JSON object, that an operation takes. */
    Collection<String> fields(String method, String pattern, String mediaType) {
        JsonNode schema = operation(method, pattern)
                .path("requestBody")
                .path("content")
                .path(mediaType)
                .path("schema");
        List<String> names = new ArrayList<>(schema.path("properties").propertyNames());
        schema.path("allOf")
                .forEach(part -> names.addAll(resolved(part).path("properties").propertyNames()));
        return names;
    }

    Collection<String> codes() {
        List<String> codes = new ArrayList<>();
        document.at("/components/schemas/Error/properties/error/properties/code/enum")
                .forEach(each -> codes.add(each.asString()));
        return codes;
    }

    void accepts(String method, String pattern, String jsonRequest) {
        JsonNode content = operation(method, pattern).at("/requestBody/content/application~1json/schema");
        assertThat(problems(content, jsonRequest)).isEmpty();
    }

    void rejects(String method, String pattern, String jsonRequest) {
        JsonNode content = operation(method, pattern).at("/requestBody/content/application~1json/schema");
        assertThat(problems(content, jsonRequest)).isNotEmpty();
    }

    /** Checks status, headers, media type and, when it is JSON, the body of an answer. */
    void matches(String method, String pattern, HttpResponse<String> answer) {
        JsonNode response =
                resolved(operation(method, pattern).path("responses").path(Integer.toString(answer.statusCode())));
        assertThat(response.isMissingNode())
                .as("%s %s describes %d: %s", method, pattern, answer.statusCode(), answer.body())
                .isFalse();
        String mediaType =
                answer.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
        if (response.has("content")) {
            assertThat(response.path("content").propertyNames()).contains(mediaType);
        } else {
            assertThat(mediaType + answer.body()).isEmpty();
        }
        if (mediaType.equals("application/json")) {
            assertThat(problems(response.path("content").path(mediaType).path("schema"), answer.body()))
                    .as(answer.body())
                    .isEmpty();
        }
        for (Map.Entry<String, JsonNode> header : response.path("headers").properties()) {
            answer.headers().firstValue(header.getKey()).ifPresent(value -> checkHeader(header, value));
        }
        assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
    }

    /** Checks JSON that comes in another way than as an answer's body. */
    void isA(String schema, String json) {
        JsonNode described = document.at("/components/schemas").path(schema);
        assertThat(described.isMissingNode()).as(schema).isFalse();
        assertThat(problems(described, json)).as(json).isEmpty();
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(text(node, "$ref").substring(1)) : node;
    }

    private void checkHeader(Map.Entry<String, JsonNode> header, String value) {
        JsonNode described = resolved(header.getValue());
        boolean number = "integer".equals(described.path("schema").path("type").asString(""));
        String json = number ? value : new String(Json.bytes(Json.object().stringNode(value)), StandardCharsets.UTF_8);
        assertThat(problems(described.path("schema"), json))
                .as("header %s: %s", header.getKey(), value)
                .isEmpty();
    }

    private JsonNode operation(String method, String pattern) {
        return document.path("paths").path(pattern).path(method.toLowerCase(Locale.ROOT));
    }

    private List<String> problems(JsonNode schema, String json) {
        ObjectNode whole = Json.object();
        whole.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        whole.set("components", document.get("components"));
        whole.putArray("allOf").add(schema);
        Schema compiled = schemas.getSchema(new String(Json.bytes(whole), StandardCharsets.UTF_8), InputFormat.JSON);
        return compiled.validate(json, InputFormat.JSON).stream()
                .map(Object::toString)
                .toList();
    }

    private static String text(JsonNode node, String name) {
        return node.path(name).asString("");
    }
}
