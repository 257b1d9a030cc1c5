package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.storage.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Messages about jobs as the jobs' owners see them: what was delivered, what was not and why, and once more, please. Thread-safe; calls block. */
public final class Webhooks {
    private static final int SHOWN = 100;

    private final Database database;
    private final Jobs jobs;

    public Webhooks(Database database, Jobs jobs) {
        this.database = database;
        this.jobs = jobs;
    }

    /**
     * The job's messages, in the order of their events; of very many the last {@value #SHOWN}.
     *
     * @throws FlowError {@code NOT_FOUND} if there is no such job, or it is somebody else's
     */
    public List<WebhookDelivery> deliveries(String owner, String job) {
        Job found = jobs.find(owner, job);
        return database.read(sql -> DeliveryTable.ofJob(sql, found.id(), SHOWN));
    }

    /** Messages that were given up, of all of somebody's jobs, the last one first; of very many the last {@value #SHOWN}. */
    public List<WebhookDelivery> dead(String owner) {
        return database.read(sql -> DeliveryTable.dead(sql, owner, SHOWN));
    }

    /** Sends again without a key. */
    public WebhookDelivery redeliver(String owner, String job, String id) {
        return redeliver(owner, job, id, Optional.empty());
    }

    /**
     * Sends a message again, whatever has become of it: at once, with the same id, and with all its attempts before it.
     *
     * @param key a repeated request sends nothing
     * @throws FlowError {@code NOT_FOUND} if the job has no such message, {@code KEY_REUSED}
     */
    public WebhookDelivery redeliver(String owner, String job, String id, Optional<Idempotency> key) {
        WebhookDelivery before = deliveryOf(jobs.find(owner, job), id);
        database.change(tx -> {
            Instant now = database.clock().instant();
            if (!Answered.isFirst(tx, owner, key, job, now)) {
                return;
            }
            DeliveryQueue.add(tx, id, DeliveryQueue.lane(before.url()), now);
            if (!DeliveryTable.revive(tx, id, now)) {
                throw unknown(job, id);
            }
        });
        return deliveryOf(jobs.find(owner, job), id);
    }

    private WebhookDelivery deliveryOf(Job job, String id) {
        return database.read(sql -> DeliveryTable.find(sql, id))
                .filter(delivery -> delivery.job().equals(job.id()))
                .orElseThrow(() -> unknown(job.id(), id));
    }

    private static FlowError unknown(String job, String id) {
        return FlowError.of(Code.NOT_FOUND, "The job has no delivery %s.", id)
                .advice("GET /v1/jobs/%s/deliveries lists those that it has.", job);
    }
}
