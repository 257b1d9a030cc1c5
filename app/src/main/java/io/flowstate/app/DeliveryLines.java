package io.flowstate.app;

import io.flowstate.core.DurationText;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Messages about jobs as a person or a program reads them. */
final class DeliveryLines {
    private static final List<String> HEAD =
            List.of("MESSAGE", "EVENT", "JOB", "STATUS", "ATTEMPTS", "NEXT TRY", "RECEIVER", "LAST REASON");
    private static final int LONGEST_RECEIVER = 60;

    private DeliveryLines() {}

    /** @param answer what the API gave, with its {@code deliveries} */
    static void print(PrintStream out, JsonNode answer, boolean json, Instant now) {
        if (json) {
            answer.path("deliveries").forEach(out::println);
            return;
        }
        List<List<String>> lines = new ArrayList<>(List.of(HEAD));
        answer.path("deliveries").forEach(delivery -> lines.add(line(delivery, now)));
        List<Integer> widths = IntStream.range(0, HEAD.size())
                .mapToObj(column -> lines.stream()
                        .mapToInt(line -> line.get(column).length())
                        .max()
                        .orElse(0))
                .toList();
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int column = 0; column < line.size(); column++) {
                String cell = line.get(column);
                text.append(cell).append(" ".repeat(widths.get(column) - cell.length() + 2));
            }
            out.println(text.toString().stripTrailing());
        }
    }

    private static List<String> line(JsonNode delivery, Instant now) {
        return List.of(
                text(delivery, "id"),
                text(delivery, "type").replaceFirst("^job\\.", ""),
                text(delivery, "job"),
                text(delivery, "status"),
                Integer.toString(attempts(delivery.path("attempts"))),
                next(text(delivery, "next_at"), now),
                receiver(text(delivery, "url")),
                text(delivery, "reason"));
    }

    /** All of them, though the answer has only the last ones. */
    private static int attempts(JsonNode attempts) {
        return attempts.isEmpty()
                ? 0
                : attempts.get(attempts.size() - 1).path("number").asInt(attempts.size());
    }

    private static String next(String at, Instant now) {
        if (at.isEmpty()) {
            return "";
        }
        Duration left = Duration.between(now, Instant.parse(at));
        return left.isPositive() ? "in " + DurationText.of(left) : "now";
    }

    private static String receiver(String url) {
        return url.length() <= LONGEST_RECEIVER ? url : url.substring(0, LONGEST_RECEIVER - 1) + "…";
    }

    private static String text(JsonNode delivery, String field) {
        return delivery.path(field).asString("");
    }
}
