package io.flowstate.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A stream of server-sent events (HTML standard, section 9.2), as far as the API makes use of them. Used by one thread. */
final class ServerEvents {
    private static final JsonMapper JSON = new JsonMapper();

    private final BufferedReader lines;

    /** @param id to be named when the stream is opened again */
    record Event(String id, String type, JsonNode data) {}

    ServerEvents(InputStream stream) {
        this.lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    }

    /**
     * Waits for the next one; empty at the end of the stream. An event that the end cuts off does not count.
     *
     * @throws IOException if the connection breaks, or what comes is no JSON
     */
    Optional<Event> next() throws IOException {
        String id = "";
        String type = "message";
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int colon = line.indexOf(':');
            String value = colon < 0 ? "" : line.substring(colon + 1).stripLeading();
            switch (colon < 0 ? line : line.substring(0, colon)) {
                case "id" -> id = value;
                case "event" -> type = value;
                case "data" -> data.append(value).append('\n');
                case "" -> {
                    if (line.isEmpty() && !data.isEmpty()) {
                        return Optional.of(new Event(id, type, parse(data.toString())));
                    }
                }
                default -> {}
            }
        }
        return Optional.empty();
    }

    private static JsonNode parse(String data) throws IOException {
        try {
            return JSON.readTree(data);
        } catch (JacksonException not) {
            throw new IOException("an event is not JSON", not);
        }
    }
}
