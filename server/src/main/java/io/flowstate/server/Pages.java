package io.flowstate.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** The page at {@code /} and the API's description, both from the jar. */
final class Pages {
    private static final Pattern PLAIN_HOST = Pattern.compile("[A-Za-z0-9.:\\[\\]-]+");

    private final String index;
    private final byte[] description;

    Pages(String version) {
        index = new String(resource("index.html"), StandardCharsets.UTF_8).replace("{version}", version);
        ObjectNode openApi = Json.parseObject(resource("openapi.json"));
        openApi.withObjectProperty("info").put("version", version);
        description = Json.bytes(openApi);
    }

    /** {@code GET /}. Its examples name the server as the caller did, unless that is no plain name. */
    void index(Exchange exchange) throws IOException {
        exchange.set(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
        String host = exchange.header("Host")
                .filter(name -> PLAIN_HOST.matcher(name).matches())
                .orElse("localhost:" + ServerConfig.DEFAULT_PORT);
        exchange.answer(
                200, "text/html; charset=utf-8", index.replace("{host}", host).getBytes(StandardCharsets.UTF_8));
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
