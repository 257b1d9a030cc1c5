package io.flowstate.jobs;

import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.TaskResolver;
import com.github.kagkarlsson.scheduler.event.SchedulerListeners;
import com.github.kagkarlsson.scheduler.jdbc.JdbcTaskRepository;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.flowstate.storage.Database;
import io.flowstate.storage.Dialect;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** The claim as a worker makes it, one step at a time. It lives in this package because it reaches inside what it measures, as a test does. */
public final class ClaimProbe {
    private static final String NODE = "probe";

    private final Database database;
    private final FairClaim claim;
    private final JdbcTaskRepository queue;

    public ClaimProbe(Database database) {
        this.database = database;
        this.claim = new FairClaim(database.dialect(), Schedule.ORDER, Set::of);
        this.queue = new JdbcTaskRepository(
                database.source(),
                false,
                claim,
                Schedule.TABLE,
                new TaskResolver(
                        new SchedulerListeners(List.of()),
                        database.clock()::instant,
                        List.of(Tasks.custom(Schedule.JOB, String.class).execute((_, _) -> (_, _) -> {}))),
                new SchedulerName.Fixed(NODE),
                Serializer.DEFAULT_JAVA_SERIALIZER,
                true,
                database.clock()::instant);
    }

    /** Only looks for what is next. */
    public int look(int count) {
        return database.read(sql -> sql.createQuery(query(count))
                .bind(0, false)
                .bind(1, Timestamp.from(Instant.now()))
                .map((row, _) -> row.getString("task_instance"))
                .list()
                .size());
    }

    /** Takes what is next and begins an attempt at each. */
    public int claim(int count) {
        List<Execution> taken = queue.lockAndGetDue(database.clock().instant(), count);
        for (Execution each : taken) {
            Schedule.Place place = new Schedule.Place(each.getId(), each.version, 0);
            database.change(
                    tx -> JobStates.begin(tx, place, NODE, database.clock().instant()));
        }
        return taken.size();
    }

    /** Puts back what was taken. */
    public void release() {
        database.change(tx -> {
            tx.sql().execute("update scheduled_task set picked = false, picked_by = null where picked");
            tx.sql().execute("update job set status = 'queued' where status = 'running' and owner = ?", "bench");
        });
    }

    /** How the database means to look for what is next. */
    public List<String> plan() {
        boolean embedded = database.dialect() == Dialect.SQLITE;
        return database.read(sql -> sql.createQuery((embedded ? "explain query plan " : "explain ") + query(4))
                .bind(0, false)
                .bind(1, Timestamp.from(Instant.now()))
                .map((row, _) ->
                        row.getString(embedded ? "detail" : "QUERY PLAN").strip())
                .list());
    }

    private String query(int count) {
        return claim.createGenericSelectForUpdateQuery(Schedule.TABLE, count, "", true);
    }
}
