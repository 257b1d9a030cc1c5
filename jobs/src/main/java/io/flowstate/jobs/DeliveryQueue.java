package io.flowstate.jobs;

import io.flowstate.storage.Tx;
import java.net.URI;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Locale;

/**
 * The rows from which db-scheduler takes the deliveries that are due. A row's version is what an attempt holds: it is raised when the row is claimed, and whenever the row is
 * given to somebody else. All methods run in the caller's transaction; whoever changes a delivery too changes its row here first, so that two never wait for each other.
 */
final class DeliveryQueue {
    /** db-scheduler's name for deliveries. */
    static final String WEBHOOK = "webhook";

    static final String TABLE = "scheduled_webhook";
    static final String TOPIC = "webhooks";

    private DeliveryQueue() {}

    /** Makes a delivery due, also one that is being attempted at the moment: that attempt's failure does not count then. */
    static void add(Tx tx, String id, String lane, Instant due) {
        tx.sql()
                .createUpdate("""
                        insert into scheduled_webhook (task_name, task_instance, execution_time, picked, version, lane)
                        values ('webhook', :id, :due, false, 1, :lane)
                        on conflict (task_name, task_instance) do update set
                            execution_time = :due, picked = false, picked_by = null, last_heartbeat = null,
                            version = scheduled_webhook.version + 1""")
                .bind("id", id)
                .bind("due", Timestamp.from(due))
                .bind("lane", lane)
                .execute();
        tx.signal(TOPIC);
    }

    /** Lets go of a delivery until its next attempt; false if it is no longer held. */
    static boolean putOff(Tx tx, String id, long version, Instant due) {
        return tx.sql()
                        .createUpdate("""
                                update scheduled_webhook set execution_time = :due, picked = false, picked_by = null,
                                    last_heartbeat = null, version = version + 1
                                where task_name = 'webhook' and task_instance = :id and version = :version""")
                        .bind("id", id)
                        .bind("version", version)
                        .bind("due", Timestamp.from(due))
                        .execute()
                == 1;
    }

    /** Takes a delivery out that is held; false if it is not any more. */
    static boolean remove(Tx tx, String id, long version) {
        return tx.sql()
                        .execute(
                                "delete from scheduled_webhook where task_name = 'webhook' and task_instance = ? and version = ?",
                                id,
                                version)
                == 1;
    }

    /** Takes a delivery out, whoever has it. */
    static void remove(Tx tx, String id) {
        tx.sql().execute("delete from scheduled_webhook where task_name = 'webhook' and task_instance = ?", id);
    }

    /** What was claimed by a process that is gone is due at once; only for a database of which this process is the only user. */
    static void release(Tx tx) {
        tx.sql()
                .execute(
                        "update scheduled_webhook set picked = false, picked_by = null, execution_time = ? where picked",
                        Timestamp.from(Instant.EPOCH));
    }

    /** Deliveries to one host share a lane. */
    static String lane(URI url) {
        return String.valueOf(url.getHost()).toLowerCase(Locale.ROOT);
    }
}
