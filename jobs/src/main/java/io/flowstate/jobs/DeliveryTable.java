package io.flowstate.jobs;

import io.flowstate.storage.Tx;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The messages of webhooks and the log of attempts to deliver them. All methods run in the caller's transaction. */
final class DeliveryTable {
    /** Attempts that are kept of each delivery: more than two rounds of them. */
    private static final int KEPT_ATTEMPTS = 20;

    private static final int GONE = 410;

    private DeliveryTable() {}

    /** A message that is about to be entered; its body is fixed from now on. */
    record New(String id, Job job, WebhookEvent event, URI url, String body, Instant now) {}

    static void insert(Tx tx, New message) {
        tx.sql()
                .createUpdate("""
                        insert into webhook_delivery (id, job_id, owner, event, revision, url, body, created_at, next_at)
                        values (:id, :job, :owner, :event, :revision, :url, :body, :now, :now)""")
                .bind("id", message.id())
                .bind("job", message.job().id())
                .bind("owner", message.job().owner())
                .bind("event", message.event().id())
                .bind("revision", message.job().revisions().last())
                .bind("url", message.url().toString())
                .bind("body", message.body())
                .bind("now", message.now().toEpochMilli())
                .execute();
    }

    /** When the job's last message of this kind was entered. */
    static Optional<Instant> last(Handle sql, String job, WebhookEvent event) {
        return sql
                .createQuery(
                        "select max(created_at) as last from webhook_delivery where job_id = :job and event = :event")
                .bind("job", job)
                .bind("event", event.id())
                .map((row, _) -> JobRow.number(row, "last"))
                .one()
                .stream()
                .mapToObj(Instant::ofEpochMilli)
                .findFirst();
    }

    /** Whether the receiver has said that it wants no more messages about this job. */
    static boolean isGone(Handle sql, String job) {
        return sql.createQuery("""
                        select count(*) from webhook_delivery
                        where job_id = :job and status = 'dead' and last_status = :gone""")
                        .bind("job", job)
                        .bind("gone", GONE)
                        .mapTo(int.class)
                        .one()
                > 0;
    }

    /** Forgets the job's messages of this kind, but for those that are on their way at this moment. */
    static void removeOutdated(Tx tx, String job, WebhookEvent event) {
        tx.sql().createUpdate("""
                        delete from scheduled_webhook
                        where not picked and task_name = 'webhook' and task_instance in (
                            select id from webhook_delivery where job_id = :job and event = :event)""").bind("job", job).bind("event", event.id()).execute();
        tx.sql().createUpdate("""
                        delete from webhook_delivery
                        where job_id = :job and event = :event and not exists (
                            select 1 from scheduled_webhook
                            where task_name = 'webhook' and task_instance = webhook_delivery.id)""").bind("job", job).bind("event", event.id()).execute();
    }

    /** A message whose delivery is pending. */
    record Pending(String id, String job, WebhookEvent event, long revision, URI url, String body, int failures) {}

    static Optional<Pending> pending(Handle sql, String id) {
        return sql.createQuery("select * from webhook_delivery where id = :id and status = 'pending'")
                .bind("id", id)
                .map((row, _) -> new Pending(
                        row.getString("id"),
                        row.getString("job_id"),
                        WebhookEvent.of(row.getString("event")),
                        row.getLong("revision"),
                        URI.create(row.getString("url")),
                        row.getString("body"),
                        row.getInt("failures")))
                .findOne();
    }

    /** Whether a later message of the same kind makes this one superfluous. */
    static boolean isOutdated(Handle sql, Pending message) {
        return sql.createQuery("""
                        select count(*) from webhook_delivery
                        where job_id = :job and event = :event and revision > :revision""")
                        .bind("job", message.job())
                        .bind("event", message.event().id())
                        .bind("revision", message.revision())
                        .mapTo(int.class)
                        .one()
                > 0;
    }

    static void remove(Tx tx, String id) {
        tx.sql().execute("delete from webhook_delivery where id = ?", id);
    }

    /** How an attempt ended: delivered, to be made again at {@code next}, or dead. */
    record Ended(
            WebhookDelivery.Status status,
            OptionalInt answer,
            Optional<String> reason,
            Optional<Instant> next,
            Instant begun,
            Instant now) {}

    /** Notes an attempt and what it led to. */
    static void ended(Tx tx, String id, Ended how) {
        Optional<Integer> number = tx.sql()
                .createQuery("""
                        update webhook_delivery set status = :status, attempts = attempts + 1, last_status = :answer,
                            failures = failures + case when :status = 'delivered' then 0 else 1 end,
                            reason = :reason, next_at = :next, delivered_at = :delivered
                        where id = :id and status <> 'delivered'
                        returning attempts""")
                .bind("id", id)
                .bind("status", how.status().id())
                .bind("answer", boxed(how.answer()))
                .bind("reason", how.reason().orElse(null))
                .bind("next", how.next().map(Instant::toEpochMilli).orElse(null))
                .bind(
                        "delivered",
                        how.status() == WebhookDelivery.Status.DELIVERED
                                ? how.now().toEpochMilli()
                                : null)
                .mapTo(int.class)
                .findOne();
        number.ifPresent(each -> log(tx, id, each, how));
    }

    private static void log(Tx tx, String id, int number, Ended how) {
        tx.sql()
                .createUpdate("""
                        insert into webhook_attempt (delivery_id, number, at, millis, status, reason)
                        values (:id, :number, :at, :millis, :status, :reason)""")
                .bind("id", id)
                .bind("number", number)
                .bind("at", how.begun().toEpochMilli())
                .bind("millis", Duration.between(how.begun(), how.now()).toMillis())
                .bind("status", boxed(how.answer()))
                .bind("reason", how.reason().orElse(null))
                .execute();
        tx.sql()
                .execute(
                        "delete from webhook_attempt where delivery_id = ? and number <= ?",
                        id,
                        number - KEPT_ATTEMPTS);
    }

    private static @Nullable Integer boxed(OptionalInt number) {
        return number.isPresent() ? number.getAsInt() : null;
    }

    /** The job's messages that are still pending. */
    static List<String> pendingOf(Handle sql, String job) {
        return sql.createQuery("select id from webhook_delivery where job_id = :job and status = 'pending'")
                .bind("job", job)
                .mapTo(String.class)
                .list();
    }

    /** Ends a pending delivery without an attempt. */
    static void giveUp(Tx tx, String id, String reason) {
        tx.sql()
                .execute(
                        "update webhook_delivery set status = 'dead', next_at = null, reason = ? where id = ? and status = 'pending'",
                        reason,
                        id);
    }

    /** Lets a delivery begin again; false if there is none. */
    static boolean revive(Tx tx, String id, Instant now) {
        return tx.sql()
                        .createUpdate("""
                                update webhook_delivery set status = 'pending', failures = 0, last_status = null, reason = null,
                                    next_at = :now, delivered_at = null
                                where id = :id""")
                        .bind("id", id)
                        .bind("now", now.toEpochMilli())
                        .execute()
                == 1;
    }

    /** The job's messages, the first one first; at most so many of the last. */
    static List<WebhookDelivery> ofJob(Handle sql, String job, int atMost) {
        List<WebhookDelivery> latest = select(sql, "job_id = :key order by revision desc limit :limit", job, atMost);
        return latest.reversed();
    }

    /** Somebody's dead messages, the last one first. */
    static List<WebhookDelivery> dead(Handle sql, String owner, int atMost) {
        return select(sql, "owner = :key and status = 'dead' order by id desc limit :limit", owner, atMost);
    }

    static Optional<WebhookDelivery> find(Handle sql, String id) {
        return select(sql, "id = :key limit :limit", id, 1).stream().findFirst();
    }

    private static List<WebhookDelivery> select(Handle sql, String where, String key, int atMost) {
        Map<String, List<WebhookDelivery.Attempt>> attempts = sql
                .createQuery(
                        "select * from webhook_attempt where delivery_id in (select id from webhook_delivery where "
                                + where + ") order by number")
                .bind("key", key)
                .bind("limit", atMost)
                .map((row, _) -> Map.entry(row.getString("delivery_id"), attempt(row)))
                .stream()
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
        return sql.createQuery("select * from webhook_delivery where " + where)
                .bind("key", key)
                .bind("limit", atMost)
                .map((row, _) -> delivery(row, attempts.getOrDefault(row.getString("id"), List.of())))
                .list();
    }

    private static WebhookDelivery delivery(ResultSet row, List<WebhookDelivery.Attempt> attempts) throws SQLException {
        return new WebhookDelivery(
                row.getString("id"),
                row.getString("job_id"),
                WebhookEvent.of(row.getString("event")),
                URI.create(row.getString("url")),
                WebhookDelivery.Status.of(row.getString("status")),
                row.getInt("failures"),
                status(row, "last_status"),
                JobRow.text(row, "reason"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                JobRow.time(row, "next_at"),
                JobRow.time(row, "delivered_at"),
                attempts);
    }

    private static WebhookDelivery.Attempt attempt(ResultSet row) throws SQLException {
        return new WebhookDelivery.Attempt(
                row.getInt("number"),
                Instant.ofEpochMilli(row.getLong("at")),
                Duration.ofMillis(row.getLong("millis")),
                status(row, "status"),
                JobRow.text(row, "reason"));
    }

    private static OptionalInt status(ResultSet row, String column) throws SQLException {
        OptionalLong number = JobRow.number(row, column);
        return number.isPresent() ? OptionalInt.of((int) number.getAsLong()) : OptionalInt.empty();
    }
}
