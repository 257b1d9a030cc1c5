package io.flowstate.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/** The page at {@code /} and the API's description, both from the jar. */
final class Pages {
    private final byte[] index;
    private final byte[] description;

    Pages(String version) {
        index = new String(resource("index.html"), StandardCharsets.UTF_8)
                .replace("{version}", version)
                .getBytes(StandardCharsets.UTF_8);
        ObjectNode openApi = Json.parseObject(resource("openapi.json"));
        openApi.withObjectProperty("info").put("version", version);
        description = Json.bytes(openApi);
    }

    /** {@code GET /}. */
    void index(Exchange exchange) throws IOException {
        exchange.set(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
        exchange.answer(200, "text/html; charset=utf-8", index);
    }

    /** {@code GET /openapi.json}. */
    void description(Exchange exchange) throws IOException {
        exchange.answer(200, Json.MEDIA_TYPE, description);
    }

    private static byte[] resource(String name) {
        try (InputStream in = Pages.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
