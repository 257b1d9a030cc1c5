package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Changes of a job's state, as {@code queued-running}: those that the guide shows, and those that an embedded database has seen. */
final class StateChanges {
    private static final Path DOCS = Path.of(
                    Objects.requireNonNull(System.getProperty("flowstate.root"), "run by Maven, which sets it"))
            .resolve("docs");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\| `(\\w+)` \\| [^|]+ \\|$");
    private static final Pattern ARROW = Pattern.compile("<path id=\"(\\w+-\\w+)\"");

    private StateChanges() {}

    /** From now on every change is noted, whoever makes it. */
    static void watch(Database database) {
        database.change(tx -> {
            tx.sql().execute("create table state_change (change text primary key)");
            tx.sql().execute("""
                    create trigger note_state after update of status on job when old.status <> new.status begin
                        insert or ignore into state_change values (old.status || '-' || new.status);
                    end""");
        });
    }

    static Set<String> seen(Database database) {
        return database.read(sql -> new TreeSet<>(sql.createQuery("select change from state_change")
                .mapTo(String.class)
                .list()));
    }

    static Set<String> inTheTable() throws IOException {
        return ROW.matcher(Files.readString(DOCS.resolve("jobs.md")))
                .results()
                .map(row -> row.group(1) + "-" + row.group(2))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static Set<String> inThePicture() throws IOException {
        String picture = Files.readString(DOCS.resolve("images/job-states.svg"));
        for (Job.Status status : Job.Status.values()) {
            assertThat(picture).contains(">%s</text>".formatted(status.id()));
        }
        return ARROW.matcher(picture)
                .results()
                .map(arrow -> arrow.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
