package io.flowstate.jobs;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.Check;
import io.flowstate.core.routing.Policy;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A durable execution as it stood at one moment.
 *
 * @param id sorts by the time of submission
 * @param owner whose it is; nobody else is told that it exists
 * @param request what was asked, as JSON
 * @param plan what was planned at submission, as JSON
 * @param attempts the tries of the plan's steps, as a JSON array
 * @param result what a run gave besides its outputs, as JSON; with success
 * @param error why it failed, as JSON
 * @param attempt how often a node has begun it
 * @param node where it runs
 * @param deployment what runs it, or ran it last
 * @param costUsd empty when it is not known
 */
public record Job(
        String id,
        String owner,
        String task,
        Status status,
        Policy.Priority priority,
        List<String> tags,
        String request,
        String plan,
        String attempts,
        Optional<String> result,
        Optional<String> error,
        Input input,
        Advance advance,
        Times times,
        Revisions revisions,
        int attempt,
        Optional<String> node,
        Optional<String> deployment,
        Optional<BigDecimal> costUsd,
        Optional<Hook> webhook) {
    public Job {
        tags = List.copyOf(tags);
    }

    /** Where a job is on its way: queued → running → succeeded, failed or canceled; back to queued when its node gives it back or dies. */
    public enum Status {
        QUEUED,
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELED;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Status of(String id) {
            return Check.choice("status", id, values(), Status::id);
        }

        /** Whether it stays so, unless somebody asks for a retry. */
        public boolean isFinal() {
            return this == SUCCEEDED || this == FAILED || this == CANCELED;
        }
    }

    /**
     * The audio that was handed in.
     *
     * @param blob where it lies, until it expires; empty before it has been fetched
     * @param url where it is to be fetched from, if it was not sent
     */
    public record Input(
            String name,
            Optional<String> blob,
            Optional<URI> url,
            OptionalLong bytes,
            Optional<String> sha256,
            Optional<AudioFacts> audio) {}

    /**
     * How far the present attempt is.
     *
     * @param phase e.g. {@code separating}
     * @param fraction 0..1 of the whole
     */
    public record Advance(Optional<String> phase, double fraction) {}

    /**
     * @param cancelRequested when somebody asked to cancel it while it ran
     * @param expires when its outputs are removed
     */
    public record Times(
            Instant created,
            Optional<Instant> started,
            Optional<Instant> finished,
            Optional<Instant> deadline,
            Optional<Instant> cancelRequested,
            Optional<Instant> expires) {}

    /** The number of the last change: of all, of the status, of the progress. */
    public record Revisions(long last, long status, long progress) {}

    /**
     * Where events go.
     *
     * @param url as {@code Egress.check} gave it: whoever makes a hook of what somebody sent has had it checked
     * @param events of {@link WebhookEvent}, at least one
     */
    public record Hook(URI url, Set<String> events) {
        public Hook {
            events = Set.copyOf(events);
            Check.that(!events.isEmpty(), "webhook_events", "must name at least one event");
            events.forEach(WebhookEvent::of);
        }

        boolean wants(WebhookEvent event) {
            return events.contains(event.id());
        }
    }
}
