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
        operation(method, pattern).path("parameters").forEach(each -> names.add(text(each, "name")));
        return names;
    }

    /** Fields of the form that an operation takes. */
    Collection<String> formFields(String method, String pattern) {
        return operation(method, pattern)
                .at("/requestBody/content/multipart~1form-data/schema/properties")
                .propertyNames();
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
        JsonNode response = operation(method, pattern).path("responses").path(Integer.toString(answer.statusCode()));
        assertThat(response.isMissingNode())
                .as("%s %s describes %d: %s", method, pattern, answer.statusCode(), answer.body())
                .isFalse();
        String mediaType =
                answer.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
        assertThat(response.path("content").propertyNames()).contains(mediaType);
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

    private void checkHeader(Map.Entry<String, JsonNode> header, String value) {
        JsonNode described = header.getValue();
        if (described.has("$ref")) {
            described = document.at(text(described, "$ref").substring(1));
        }
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
