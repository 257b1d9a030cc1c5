package io.flowstate.egress;

import io.flowstate.core.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An answer whose body is still to be read. Used by one thread. */
final class Answer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Answer.class);

    private final HttpUriRequestBase request;
    private final ClassicHttpResponse response;
    private final Cancellation.Registration registration;

    Answer(HttpUriRequestBase request, ClassicHttpResponse response, Cancellation.Registration registration) {
        this.request = request;
        this.response = response;
        this.registration = registration;
    }

    int status() {
        return response.getCode();
    }

    boolean isRedirect() {
        return switch (status()) {
            case 301, 302, 303, 307, 308 -> header(HttpHeaders.LOCATION).isPresent();
            default -> false;
        };
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(response.getFirstHeader(name)).map(Header::getValue);
    }

    /** What {@code Retry-After} says, in seconds or as a date; nonsense and the past count as nothing. */
    Optional<Duration> retryAfter(Clock clock) {
        return header(HttpHeaders.RETRY_AFTER)
                .flatMap(value -> duration(value.strip(), clock))
                .filter(Duration::isPositive);
    }

    private static Optional<Duration> duration(String value, Clock clock) {
        if (value.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        }
        @Nullable Instant date = DateUtils.parseStandardDate(value);
        return Optional.ofNullable(date).map(instant -> Duration.between(clock.instant(), instant));
    }

    InputStream body() throws IOException {
        return response.getEntity() == null
                ? InputStream.nullInputStream()
                : response.getEntity().getContent();
    }

    /** Drops the connection if there is anything left to read: closing alone would read a body to its end, however long. */
    @Override
    public void close() {
        registration.close();
        request.cancel();
        try {
            response.close();
        } catch (IOException broken) {
            log.trace("the connection was broken already", broken);
        }
    }
}
