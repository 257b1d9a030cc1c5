package io.flowstate.jobs.webhook;

import java.time.Duration;
import java.util.OptionalInt;

/** What became of one attempt to deliver a message. Reasons are sentences for the delivery log. */
public sealed interface Outcome {
    /** The receiver has it. */
    record Delivered(int status) implements Outcome {}

    /**
     * Try again.
     *
     * @param status of the receiver's answer, if there was one
     * @param pause from now on
     */
    record Retry(OptionalInt status, String reason, Duration pause) implements Outcome {}

    /** The receiver wants no more messages, this one or others. */
    record Gone(String reason) implements Outcome {}

    /** Given up. Only a person's word makes another attempt. */
    record Dead(OptionalInt status, String reason) implements Outcome {}
}
