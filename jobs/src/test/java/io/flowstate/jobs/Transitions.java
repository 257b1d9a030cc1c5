package io.flowstate.jobs;

import io.flowstate.storage.Database;
import io.flowstate.storage.Dialect;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A log of every change of every job's state, and of ends that are written again, kept by the database itself, whichever process makes the change. */
final class Transitions {
    private Transitions() {}

    /** From now on. */
    static void watch(Database database) {
        run(database, "create table transition (job_id text not null, change text not null)");
        String note = "insert into transition values (new.id, old.status || '-' || new.status);";
        String ended = "old.status <> new.status or old.finished_at <> new.finished_at";
        if (database.dialect() == Dialect.SQLITE) {
            run(
                    database,
                    "create trigger log_state after update of status on job when " + ended + " begin " + note + " end");
        } else {
            run(
                    database,
                    "create function log_state() returns trigger language plpgsql as $$ begin " + note
                            + " return null; end $$");
            run(
                    database,
                    "create trigger log_state after update of status on job for each row" + " when (" + ended
                            + ") execute function log_state()");
        }
    }

    private static void run(Database database, String sql) {
        database.change(tx -> {
            try (Statement statement = tx.sql().getConnection().createStatement()) {
                statement.execute(sql);
            } catch (SQLException wrong) {
                throw new IllegalStateException(wrong);
            }
        });
    }

    /** How often each job came to an end of that kind. */
    static Map<String, Long> ends(Database database, Job.Status status) {
        List<String> jobs =
                database.read(sql -> sql.createQuery("select job_id from transition where change like '%-' || :status")
                        .bind("status", status.id())
                        .mapTo(String.class)
                        .list());
        return jobs.stream().collect(Collectors.groupingBy(job -> job, Collectors.counting()));
    }
}
