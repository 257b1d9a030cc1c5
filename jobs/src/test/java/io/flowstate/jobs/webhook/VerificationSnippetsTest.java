package io.flowstate.jobs.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page's own lines, run by each language, on what {@link Signer} signs. */
class VerificationSnippetsTest {
    private static final WebhookSecret NEW = WebhookSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    private static final WebhookSecret OLD = WebhookSecret.parse("whsec_" + "A".repeat(86) + "==");
    private static final WebhookSecret STRANGE = WebhookSecret.parse("whsec_" + "B".repeat(32));
    private static final String BODY = "{\"name\": \"Grüße 🎵\",\n \"progress\":0.50}";

    @TempDir
    private Path folder;

    private record Headers(String id, String timestamp, String signature) {
        static Headers signed(Instant at, WebhookSecret... secrets) {
            Map<String, String> made = new Signer(List.of(secrets)).headers("msg_01JQ7", at, BODY);
            return new Headers(
                    made.getOrDefault("webhook-id", "?"),
                    made.getOrDefault("webhook-timestamp", "?"),
                    made.getOrDefault("webhook-signature", "?"));
        }

        Headers id(UnaryOperator<String> change) {
            return new Headers(change.apply(id), timestamp, signature);
        }

        Headers timestamp(UnaryOperator<String> change) {
            return new Headers(id, change.apply(timestamp), signature);
        }

        Headers signature(UnaryOperator<String> change) {
            return new Headers(id, timestamp, change.apply(signature));
        }
    }

    /** A message as it arrives, and whether a receiver with that secret must take it. */
    private record Arrival(String what, WebhookSecret secret, Headers headers, String body, boolean good) {
        /** One line for the programs: fields in base64. */
        String line() {
            return Stream.of(secret.text().value(), headers.id(), headers.timestamp(), headers.signature(), body)
                    .map(field -> Base64.getEncoder().encodeToString(field.getBytes(StandardCharsets.UTF_8)))
                    .collect(Collectors.joining(","));
        }
    }

    @Test
    void the_java_lines_tell_right_from_wrong() throws Exception {
        snippet("java", "Webhooks.java");
        Files.writeString(folder.resolve("Receiver.java"), """
                import java.util.*;

                class Receiver {
                    public static void main(String[] args) throws Exception {
                        for (String line : new String(System.in.readAllBytes()).split("\\n")) {
                            List<byte[]> fields = new ArrayList<>();
                            for (String field : line.split(",", -1)) {
                                fields.add(Base64.getDecoder().decode(field));
                            }
                            Map<String, String> headers = Map.of(
                                    "webhook-id", new String(fields.get(1)),
                                    "webhook-timestamp", new String(fields.get(2)),
                                    "webhook-signature", new String(fields.get(3)));
                            System.out.println(Webhooks.verify(new String(fields.get(0)), headers, fields.get(4)));
                        }
                    }
                }
                """);

        assertTellsRightFromWrong(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "Receiver.java");
    }

    @Test
    void the_node_lines_tell_right_from_wrong() throws Exception {
        snippet("js", "webhooks.mjs");
        Files.writeString(folder.resolve("receiver.mjs"), """
                import { readFileSync } from "node:fs";
                import { verify } from "./webhooks.mjs";

                for (const line of readFileSync(0, "utf8").trimEnd().split("\\n")) {
                  const fields = line.split(",").map((field) => Buffer.from(field, "base64"));
                  const headers = {
                    "webhook-id": fields[1].toString(),
                    "webhook-timestamp": fields[2].toString(),
                    "webhook-signature": fields[3].toString(),
                  };
                  console.log(verify(fields[0].toString(), headers, fields[4]));
                }
                """);

        assertTellsRightFromWrong("node", "receiver.mjs");
    }

    @Test
    void the_python_lines_tell_right_from_wrong() throws Exception {
        snippet("python", "webhooks.py");
        Files.writeString(folder.resolve("receiver.py"), """
                import base64
                import sys

                from webhooks import verify

                for line in sys.stdin.read().splitlines():
                    fields = [base64.b64decode(field) for field in line.split(",")]
                    names = ["webhook-id", "webhook-timestamp", "webhook-signature"]
                    headers = {name: field.decode() for name, field in zip(names, fields[1:4])}
                    print(str(verify(fields[0].decode(), headers, fields[4])).lower())
                """);

        assertTellsRightFromWrong("python3", "receiver.py");
    }

    private static List<Arrival> arrivals() {
        Instant now = Instant.now();
        Headers right = Headers.signed(now, NEW);
        Headers both = Headers.signed(now, NEW, OLD);
        List<Arrival> all = new ArrayList<>(List.of(
                new Arrival("right", NEW, right, BODY, true),
                new Arrival("four minutes old", NEW, Headers.signed(now.minus(Duration.ofMinutes(4)), NEW), BODY, true),
                new Arrival(
                        "a clock four minutes ahead",
                        NEW,
                        Headers.signed(now.plus(Duration.ofMinutes(4)), NEW),
                        BODY,
                        true),
                new Arrival("rotating, receiver has the new secret", NEW, both, BODY, true),
                new Arrival("rotating, receiver has the old secret", OLD, both, BODY, true),
                new Arrival("rotating, receiver has neither", STRANGE, both, BODY, false),
                new Arrival("wrong secret", STRANGE, right, BODY, false),
                new Arrival("changed body", NEW, right, BODY.replace("0.50", "0.51"), false),
                new Arrival("body written anew", NEW, right, BODY.replace(" ", ""), false),
                new Arrival("empty body", NEW, right, "", false),
                new Arrival("six minutes old", NEW, Headers.signed(now.minus(Duration.ofMinutes(6)), NEW), BODY, false),
                new Arrival(
                        "a clock six minutes ahead",
                        NEW,
                        Headers.signed(now.plus(Duration.ofMinutes(6)), NEW),
                        BODY,
                        false)));
        all.add(forged("another id", right.id(id -> id + "x")));
        all.add(forged("no id", right.id(_ -> "")));
        all.add(forged("another time", right.timestamp(time -> Long.toString(Long.parseLong(time) + 1))));
        for (String time : List.of("", "x", "NaN", "-1", "1e9", "9".repeat(400))) {
            all.add(forged("time " + time, right.timestamp(_ -> time)));
        }
        for (String signature : List.of("", " ", "v1,", "v1", "v1,AAAA", "v1,ü", "v1, v1,")) {
            all.add(forged("signature " + signature, right.signature(_ -> signature)));
        }
        all.add(forged("another version", right.signature(signature -> "v2" + signature.substring(2))));
        all.add(forged("no version", right.signature(signature -> signature.substring(3))));
        all.add(forged("cut", right.signature(signature -> signature.substring(0, 20))));
        all.add(forged("longer", right.signature(signature -> signature + "A")));
        return all;
    }

    private static Arrival forged(String what, Headers headers) {
        return new Arrival(what, NEW, headers, BODY, false);
    }

    private void assertTellsRightFromWrong(String... command) throws Exception {
        List<Arrival> arrivals = arrivals();
        Path input = folder.resolve("arrivals.txt");
        Files.write(input, arrivals.stream().map(Arrival::line).toList());
        Process receiver = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(input.toFile())
                .start();
        String said = new String(receiver.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(receiver.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(receiver.exitValue()).as(said).isZero();
        List<String> verdicts = said.lines().toList();
        assertThat(verdicts).hasSameSizeAs(arrivals);
        for (int i = 0; i < arrivals.size(); i++) {
            assertThat(verdicts.get(i))
                    .as(arrivals.get(i).what())
                    .isEqualTo(Boolean.toString(arrivals.get(i).good()));
        }
    }

    /** Writes the page's only block of that language to a file. */
    private void snippet(String language, String file) throws IOException {
        String page = Files.readString(Path.of(System.getProperty("flowstate.root"), "docs/webhooks.md"));
        String open = "```" + language + "\n";
        assertThat(page).containsOnlyOnce(open).contains("`" + file + "`");
        int start = page.indexOf(open) + open.length();
        Files.writeString(folder.resolve(file), page.substring(start, page.indexOf("```\n", start)));
    }
}
