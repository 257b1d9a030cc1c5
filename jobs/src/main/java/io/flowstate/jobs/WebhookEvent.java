package io.flowstate.jobs;

import io.flowstate.core.Check;
import java.util.Locale;

/** What a webhook can be told of. */
public enum WebhookEvent {
    /** An attempt has begun; a job that goes back into the queue begins again later. */
    STARTED,
    /** It has come further; told every 10 s at most. */
    PROGRESS,
    SUCCEEDED,
    FAILED,
    CANCELED;

    /** What a webhook is subscribed with. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What a message is marked with. */
    public String type() {
        return "job." + id();
    }

    /** @throws io.flowstate.core.FlowError {@code BAD_REQUEST} naming the field {@code webhook_events} */
    public static WebhookEvent of(String id) {
        return Check.choice("webhook_events", id, values(), WebhookEvent::id);
    }

    /** The event of a job's end. */
    static WebhookEvent of(Job.Status end) {
        return switch (end) {
            case SUCCEEDED -> SUCCEEDED;
            case FAILED -> FAILED;
            case CANCELED -> CANCELED;
            case QUEUED, RUNNING -> throw new IllegalArgumentException("no end: " + end);
        };
    }
}
