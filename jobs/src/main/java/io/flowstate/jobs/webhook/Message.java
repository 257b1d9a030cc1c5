package io.flowstate.jobs.webhook;

import java.net.URI;
import java.util.List;

/**
 * One message that is due.
 *
 * @param id names the event: the same in every attempt, so that a receiver can tell a repetition
 * @param secrets all of the receiver's that are valid now
 * @param failures how many attempts there have been, all of them failed
 */
public record Message(String id, URI to, String json, List<WebhookSecret> secrets, int failures) {
    public Message {
        secrets = List.copyOf(secrets);
        if (failures < 0) {
            throw new IllegalArgumentException("failures: " + failures);
        }
    }
}
