package io.flowstate.app;

import java.io.PrintStream;
import tools.jackson.databind.JsonNode;

/** Messages about jobs as a person or a program reads them. */
final class DeliveryLines {
    private DeliveryLines() {}

    /** @param answer what the API gave, with its {@code deliveries} */
    static void print(PrintStream out, JsonNode answer, boolean json) {
        if (!json) {
            line(out, "MESSAGE", "JOB", "EVENT", "STATUS", "FAILURES", "ADDRESS", "REASON");
        }
        for (JsonNode delivery : answer.path("deliveries")) {
            if (json) {
                out.println(delivery);
            } else {
                line(
                        out,
                        text(delivery, "id"),
                        text(delivery, "job"),
                        text(delivery, "type").replaceFirst("^job\\.", ""),
                        text(delivery, "status"),
                        text(delivery, "failures"),
                        text(delivery, "url"),
                        text(delivery, "reason"));
            }
        }
    }

    private static String text(JsonNode delivery, String field) {
        return delivery.path(field).asString("");
    }

    private static void line(PrintStream out, Object... cells) {
        out.println("%-30s  %-30s  %-9s  %-9s  %8s  %-40s  %s".formatted(cells).stripTrailing());
    }
}
