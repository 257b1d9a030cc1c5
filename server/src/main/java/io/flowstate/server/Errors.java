package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.jobs.Documents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The only place where a failure becomes a response. Everything is one JSON shape; a stack trace or a page of HTML never goes out. The status is that of the error's
 * {@link Code}; only what Jetty refuses before there is an exchange keeps its own (414, 431, 505 and the like).
 */
final class Errors {
    private Errors() {}

    /** @param attempts those that were made, in order; all failed */
    static void answer(Exchange exchange, FlowError error, List<JsonNode> attempts) throws IOException {
        exchange.clear();
        retryAfter(error).ifPresent(delay -> exchange.set("Retry-After", seconds(delay)));
        exchange.set("Cache-Control", "no-store");
        exchange.closeUnlessRead();
        exchange.answer(error.code().httpStatus(), Json.MEDIA_TYPE, Json.bytes(body(error, exchange.id(), attempts)));
    }

    /** Jetty's own refusals: what is not HTTP, or over its limits. Runs on a Jetty thread. */
    static boolean answerForJetty(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        FlowError error = FlowError.of(codeOf(status), "%s", sentence(status, request));
        String id = RequestIds.attached(request);
        response.getHeaders().put(RequestIds.HEADER, id);
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Json.MEDIA_TYPE);
        if (error.code() == Code.SHUTTING_DOWN) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
        }
        byte[] content = Json.bytes(body(error, id, List.of()));
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length);
        response.write(true, ByteBuffer.wrap(content), callback);
        return true;
    }

    static ObjectNode body(FlowError error, String requestId, List<JsonNode> attempts) {
        ObjectNode body = Json.object();
        ObjectNode inner = Documents.of(error);
        body.set("error", inner);
        inner.put("request_id", requestId);
        if (!attempts.isEmpty()) {
            ArrayNode list = inner.putArray("attempts");
            list.addAll(attempts);
        }
        return body;
    }

    /** A full queue that cannot say when it has room is worth another try soon. */
    private static Optional<Duration> retryAfter(FlowError error) {
        return switch (error.code()) {
            case QUEUE_FULL, SHUTTING_DOWN -> error.retryAfter().or(() -> Optional.of(Duration.ofSeconds(1)));
            default -> error.retryAfter();
        };
    }

    /** Rounded up, because a client that comes a moment early is refused again. */
    private static String seconds(Duration delay) {
        return Long.toString(Math.max(1, delay.plusSeconds(1).minusNanos(1).toSeconds()));
    }

    private static Code codeOf(int status) {
        return switch (status) {
            case HttpStatus.NOT_FOUND_404 -> Code.NOT_FOUND;
            case HttpStatus.METHOD_NOT_ALLOWED_405 -> Code.METHOD_NOT_ALLOWED;
            case HttpStatus.REQUEST_TIMEOUT_408 -> Code.UPLOAD_TIMEOUT;
            case HttpStatus.PAYLOAD_TOO_LARGE_413,
                    HttpStatus.URI_TOO_LONG_414,
                    HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 -> Code.TOO_LARGE;
            case HttpStatus.SERVICE_UNAVAILABLE_503 -> Code.SHUTTING_DOWN;
            default -> status < HttpStatus.INTERNAL_SERVER_ERROR_500 ? Code.BAD_REQUEST : Code.INTERNAL_ERROR;
        };
    }

    private static String sentence(int status, Request request) {
        if (status >= HttpStatus.INTERNAL_SERVER_ERROR_500) {
            return codeOf(status).meaning();
        }
        Object why = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
        return "The request is not one that this server can read: %s."
                .formatted(why == null ? HttpStatus.getMessage(status) : why);
    }
}
