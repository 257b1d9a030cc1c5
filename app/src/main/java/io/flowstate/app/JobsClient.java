package io.flowstate.app;

import io.flowstate.app.ServerHttp.Reply;
import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The jobs of a server and the messages about them, as its API has them. Thread-safe; calls block, and a cancellation breaks their connections.
 *
 * <p>What a person can do something about is thrown as a {@link FlowError}: the server's own word, or that it cannot be reached. Calls that a caller may want to repeat when
 * a connection breaks ({@link #events}, {@link #output}) throw the {@link IOException} instead.
 */
final class JobsClient implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int MOST_ANSWER_BYTES = 64 << 20;

    private final ServerHttp http;
    private final Duration patience;
    /** Whether the server has been there since this was made. */
    private volatile boolean isKnown;

    /** @param server its address */
    JobsClient(URI server) {
        this(server, Patience.USUAL);
    }

    /** @param patience with a server that was there and goes away */
    JobsClient(URI server, Duration patience) {
        this.http = new ServerHttp(server);
        this.patience = patience;
    }

    /** Something to ask a server. */
    private interface Question {
        Reply ask() throws IOException;
    }

    URI server() {
        return http.server();
    }

    /** For one that waits for the server. */
    Patience patience() {
        return new Patience(server(), patience);
    }

    /**
     * Hands in a file. Waits and tries again when the server is full, the connection breaks, or a server that was there before is not; the key sees to it that this never
     * makes two jobs.
     *
     * @param options as the API calls them
     * @param key no other submission has it
     */
    RemoteJob submit(
            Map<String, String> options, Path file, String key, Progress.Listener progress, Cancellation cancellation) {
        Map<String, String> headers = Map.of("Idempotency-Key", key);
        Patience server = patience();
        while (true) {
            FlowError why;
            try (Reply reply = http.post("/v1/jobs", options, headers, file, progress, cancellation)) {
                return job(reply);
            } catch (IOException broken) {
                cancellation.throwIfCanceled();
                why = http.unreachable(broken);
                if (ServerHttp.isAbsence(broken) && !isKnown) {
                    throw why;
                }
                isKnown = true;
                if (!server.isLeft()) {
                    throw server.exhausted(why)
                            .advice(
                                    "Whether it has taken the input in is not known; once it is back, flowstate jobs list tells.");
                }
            } catch (FlowError refused) {
                if (!isForNow(refused) || !server.isLeft()) {
                    throw refused;
                }
                why = refused;
            }
            server.rest(why, why.retryAfter().orElse(Duration.ZERO), progress, cancellation);
        }
    }

    /** Whether a server, or what stands before it, says that it may be otherwise soon. */
    static boolean isForNow(FlowError refused) {
        return refused.getCause() instanceof IOException
                || (refused.code().retryHelps() && refused.retryAfter().isPresent());
    }

    RemoteJob find(String id, Cancellation cancellation) {
        return job(() -> http.get(path(id), Map.of(), Map.of(), cancellation), cancellation);
    }

    RemoteJob cancel(String id, Cancellation cancellation) {
        return job(() -> http.post(path(id) + "/cancel", cancellation), cancellation);
    }

    RemoteJob retry(String id, Cancellation cancellation) {
        return job(() -> http.post(path(id) + "/retry", cancellation), cancellation);
    }

    /** A page of the list, as the API gives it. */
    JsonNode list(Map<String, String> filter, Cancellation cancellation) {
        return json("jobs", () -> http.get("/v1/jobs", filter, Map.of(), cancellation), cancellation);
    }

    /** Messages about a job, as the API gives them. */
    JsonNode deliveries(String job, Cancellation cancellation) {
        return json(
                "deliveries",
                () -> http.get(path(job) + "/deliveries", Map.of(), Map.of(), cancellation),
                cancellation);
    }

    /** Messages that were given up, as the API gives them. */
    JsonNode deadLetters(Cancellation cancellation) {
        return json("deliveries", () -> http.get("/v1/webhooks/dead", Map.of(), Map.of(), cancellation), cancellation);
    }

    /** Sends a message again, and gives it as it is then. */
    JsonNode redeliver(String job, String delivery, Cancellation cancellation) {
        String address = "%s/deliveries/%s/redeliver".formatted(path(job), ServerHttp.encoded(delivery));
        return json("id", () -> http.post(address, cancellation), cancellation);
    }

    /** What messages are signed with. */
    JsonNode webhookSecret(Cancellation cancellation) {
        return json("secret", () -> http.get("/v1/webhooks/secret", Map.of(), Map.of(), cancellation), cancellation);
    }

    /** Puts a new secret in use. */
    JsonNode rotateWebhookSecret(Cancellation cancellation) {
        return json("secret", () -> http.post("/v1/webhooks/secret/rotate", cancellation), cancellation);
    }

    /** An answer that is good for something only with that field. */
    private JsonNode json(String field, Question question, Cancellation cancellation) {
        try (Reply reply = question.ask()) {
            JsonNode answer = json(reply);
            if (answer.path(field).isMissingNode()) {
                throw http.notFlowState("it answers with other JSON");
            }
            return answer;
        } catch (IOException broken) {
            cancellation.throwIfCanceled();
            throw http.unreachable(broken);
        }
    }

    /**
     * What happens to a job from now on, as server-sent events.
     *
     * @param last the id of the last event that was seen; empty for all
     */
    Reply events(String id, String last, Cancellation cancellation) throws IOException {
        Map<String, String> headers = last.isEmpty() ? Map.of() : Map.of("Last-Event-ID", last);
        return good(http.get(path(id) + "/events", Map.of(), headers, cancellation));
    }

    /** An output's bytes from a position on, if {@link Reply#isPart}; otherwise all of them. */
    Reply output(String id, String name, long from, Cancellation cancellation) throws IOException {
        Map<String, String> headers = from == 0 ? Map.of() : Map.of("Range", "bytes=%d-".formatted(from));
        return good(http.get(path(id) + "/outputs/" + ServerHttp.encoded(name), Map.of(), headers, cancellation));
    }

    /** What to say of a server that was not reached, or went away in between. */
    FlowError unreachable(IOException why) {
        return http.unreachable(why);
    }

    private RemoteJob job(Question question, Cancellation cancellation) {
        try (Reply reply = question.ask()) {
            return job(reply);
        } catch (IOException broken) {
            cancellation.throwIfCanceled();
            throw http.unreachable(broken);
        }
    }

    private RemoteJob job(Reply reply) throws IOException {
        JsonNode document = json(reply);
        if (!document.path("id").isString() || !document.path("status").isString()) {
            throw http.notFlowState("it answers with other JSON");
        }
        return new RemoteJob(document);
    }

    /** Gives the reply on if it is what was asked for. */
    private Reply good(Reply reply) throws IOException {
        if (reply.isGood()) {
            return reply;
        }
        try (reply) {
            throw refusal(reply);
        }
    }

    private JsonNode json(Reply reply) throws IOException {
        if (!reply.isGood()) {
            throw refusal(reply);
        }
        isKnown = true;
        return parse(reply).orElseThrow(() -> http.notFlowState("it does not answer with JSON"));
    }

    private static Optional<JsonNode> parse(Reply reply) throws IOException {
        try (InputStream body = reply.body()) {
            return Optional.of(JSON.readTree(body.readNBytes(MOST_ANSWER_BYTES)))
                    .filter(JsonNode::isObject);
        } catch (JacksonException not) {
            return Optional.empty();
        }
    }

    /** What the server says against a request, as an error of ours. */
    private FlowError refusal(Reply reply) throws IOException {
        FlowError error = parse(reply)
                .map(body -> body.path("error"))
                .flatMap(RemoteJob::error)
                .orElseGet(() -> reply.isFromGateway()
                        ? http.behind(reply.status())
                        : http.notFlowState("it answers with status %d".formatted(reply.status())));
        return reply.header("Retry-After")
                .flatMap(JobsClient::seconds)
                .map(error::retryAfter)
                .orElse(error);
    }

    private static String path(String id) {
        return "/v1/jobs/" + ServerHttp.encoded(id);
    }

    private static Optional<Duration> seconds(String header) {
        try {
            Duration delay = Duration.ofSeconds(Long.parseLong(header.strip()));
            return Optional.of(delay.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : delay);
        } catch (NumberFormatException date) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
