package io.flowstate.jobs;

import io.flowstate.core.routing.Policy;
import io.flowstate.storage.Tx;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * The queue: the rows from which db-scheduler takes what is next. They are written in the transaction that changes the job, so that a job and its place in the queue come
 * and go together.
 *
 * <p>Turns make the queue fair between owners (start-time fair queueing, Goyal et al. 1996): a job's turn is one after its owner's last, or that of the queue's head if the
 * owner has none waiting; where each priority's head is, the index of the queue's order says, however long it is. So each owner's first comes before any owner's second, however many one of them hands in.
 */
final class Schedule {
    /** db-scheduler's name for jobs. */
    static final String JOB = "job";

    static final String TABLE = "scheduled_task";
    /** Realtime before background, and among equals whose turn it is. */
    static final String ORDER = "priority desc, turn, task_instance";

    static final String TOPIC = "queue";

    /** Due at once, whatever becomes of the clock: who is next is not decided by time. */
    static final Instant AT_ONCE = Instant.EPOCH;

    private Schedule() {}

    /**
     * Puts a job in line. The versions of its place go on from those of an earlier one, so that whoever was given that one cannot take this for it.
     *
     * @param lane the deployment that the job is planned for
     */
    static void add(Tx tx, String id, String owner, Policy.Priority priority, String lane) {
        tx.sql()
                .createUpdate("""
                        insert into scheduled_task
                            (task_name, task_instance, task_data, execution_time, picked, version, priority, owner, lane, turn)
                        select 'job', :id, :data, :due, false, (select place + 1 from job where id = :id),
                            :priority, :owner, :lane, max(turn) from (
                            select 0 as turn
                            union all
                            select min(turn) from (
                                select min(turn) as turn from scheduled_task where not picked and priority = 0
                                union all
                                select min(turn) from scheduled_task where not picked and priority = 1) as heads
                            union all
                            select coalesce(max(turn) + 1, 0)
                            from scheduled_task where not picked and owner = :owner) as turns""")
                .bind("id", id)
                .bind("data", lane.getBytes(StandardCharsets.UTF_8))
                .bind("due", Timestamp.from(AT_ONCE))
                .bind("priority", priority == Policy.Priority.REALTIME ? 1 : 0)
                .bind("owner", owner)
                .bind("lane", lane)
                .execute();
        tx.signal(TOPIC);
    }

    /**
     * A job's place while somebody has it.
     *
     * @param version raised whenever the place is given to somebody
     * @param refusals how often in a row the job was put back because a store did not take what it gave
     */
    record Place(String id, long version, int refusals) {}

    /** Lets go of a job until it is due again; nothing happens if its place is gone, or somebody else's. */
    static void putBack(Tx tx, Place place, int refusals, Instant now, Duration pause) {
        Instant due = pause.isZero() ? AT_ONCE : now.plus(pause);
        tx.sql()
                .createUpdate("""
                        update scheduled_task set execution_time = :due, picked = false, picked_by = null,
                            last_heartbeat = null, consecutive_failures = :refusals, version = version + 1
                        where task_name = 'job' and task_instance = :id and version = :version""")
                .bind("id", place.id())
                .bind("version", place.version())
                .bind("refusals", refusals)
                .bind("due", Timestamp.from(due))
                .execute();
    }

    /** Takes a job out; nothing happens if its place is somebody else's. */
    static void remove(Tx tx, Place place) {
        tx.sql()
                .execute(
                        "delete from scheduled_task where task_name = 'job' and task_instance = ? and version = ?",
                        place.id(),
                        place.version());
    }

    /** Takes a job out, whoever has it. */
    static void remove(Tx tx, String id) {
        tx.sql().execute("delete from scheduled_task where task_name = 'job' and task_instance = ?", id);
    }

    /** How many wait before each of these jobs; one that does not wait is not there. The queue is gone through once. */
    static Map<String, Integer> ahead(Handle sql, List<String> ids) {
        return sql
                .createQuery("""
                        select task_instance, place from (
                            select task_instance, row_number() over (order by priority desc, turn, task_instance) - 1 as place
                            from scheduled_task where not picked and task_name = 'job') as line
                        where task_instance in (<ids>)""")
                .bindList("ids", ids)
                .map((row, _) -> Map.entry(row.getString("task_instance"), row.getInt("place")))
                .stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** How many wait before this job; empty if it does not wait. */
    static OptionalInt ahead(Handle sql, String id) {
        return sql.createQuery("""
                        select (select count(*) from scheduled_task other
                                where not other.picked and other.task_name = 'job'
                                    and (other.priority > mine.priority
                                        or (other.priority = mine.priority
                                            and (other.turn, other.task_instance) < (mine.turn, mine.task_instance))))
                        from scheduled_task mine
                        where mine.task_name = 'job' and mine.task_instance = :id and not mine.picked""")
                .bind("id", id)
                .mapTo(int.class)
                .findOne()
                .map(OptionalInt::of)
                .orElseGet(OptionalInt::empty);
    }
}
