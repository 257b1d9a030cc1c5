package io.flowstate.jobs;

import io.flowstate.storage.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalInt;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is to be told of jobs. A message is written in the transaction that changes the job, so that the two are true together or not at all; a {@link Courier} sends it
 * afterwards, however often that takes.
 */
final class Outbox {
    /** Between two messages about one job's progress. Only the newest of them is kept, as each makes those before it worthless. */
    static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(10);

    private Outbox() {}

    /**
     * Called after a change, in its transaction: enters a message for the job's webhook, if there is one and it wants this event.
     *
     * @param job as it was at some time; what is told is how it stands in the transaction
     */
    static void note(Tx tx, Job job, WebhookEvent event, Instant now) {
        if (job.webhook().filter(hook -> hook.wants(event)).isEmpty() || DeliveryTable.isGone(tx.sql(), job.id())) {
            return;
        }
        if (event == WebhookEvent.PROGRESS) {
            if (isTooSoon(tx, job, now)) {
                return;
            }
            DeliveryTable.removeOutdated(tx, job.id(), event);
        }
        enter(tx, JobTable.find(tx.sql(), job.id()).orElseThrow(), event, now);
    }

    private static boolean isTooSoon(Tx tx, Job job, Instant now) {
        return DeliveryTable.last(tx.sql(), job.id(), WebhookEvent.PROGRESS)
                .filter(last -> Duration.between(last, now).abs().compareTo(BETWEEN_PROGRESS) < 0)
                .isPresent();
    }

    private static void enter(Tx tx, Job job, WebhookEvent event, Instant now) {
        Job.Hook hook = job.webhook().orElseThrow();
        String id = id(job);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("type", event.type());
        body.put("timestamp", now.truncatedTo(ChronoUnit.MILLIS).toString());
        body.set("data", JobDocument.of(job, OutputTable.of(tx.sql(), job.id()), OptionalInt.empty()));
        DeliveryTable.insert(tx, new DeliveryTable.New(id, job, event, hook.url(), Documents.text(body), now));
        DeliveryQueue.add(tx, id, DeliveryQueue.lane(hook.url()), now);
    }

    /** Made of the job's id and revision: a change has one message, however often it is written. */
    private static String id(Job job) {
        return "msg_%s_%d"
                .formatted(
                        job.id().substring(job.id().indexOf('_') + 1),
                        job.revisions().last());
    }
}
