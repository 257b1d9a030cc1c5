package io.flowstate.jobs;

import io.flowstate.storage.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** The files that jobs give, and the pieces that they consist of. */
final class OutputTable {
    private OutputTable() {}

    /** Some of an output's bytes, as a blob. */
    record Piece(int ordinal, long position, long bytes, String blob) {
        long end() {
            return position + bytes;
        }
    }

    /** Begins an output; one of the same name, of another generation, is forgotten with its pieces. */
    static void begin(Tx tx, String job, Output output, int ordinal) {
        tx.sql().execute("delete from output where job_id = ? and name = ?", job, output.name());
        tx.sql()
                .createUpdate("""
                        insert into output (job_id, name, generation, ordinal, file, media_type, size, revision)
                        values (:job, :name, :generation, :ordinal, :file, :media, :size, :revision)""")
                .bind("job", job)
                .bind("name", output.name())
                .bind("generation", output.generation())
                .bind("ordinal", ordinal)
                .bind("file", output.file())
                .bind("media", output.mediaType())
                .bind("size", output.size().isPresent() ? output.size().getAsLong() : null)
                .bind("revision", output.revision())
                .execute();
    }

    static void add(Tx tx, String job, String name, Piece piece, long revision) {
        tx.sql()
                .createUpdate("""
                        insert into piece (job_id, name, ordinal, position, bytes, blob)
                        values (:job, :name, :ordinal, :position, :bytes, :blob)
                        on conflict do nothing""")
                .bind("job", job)
                .bind("name", name)
                .bind("ordinal", piece.ordinal())
                .bind("position", piece.position())
                .bind("bytes", piece.bytes())
                .bind("blob", piece.blob())
                .execute();
        tx.sql()
                .execute(
                        "update output set bytes = ?, revision = ? where job_id = ? and name = ?",
                        piece.end(),
                        revision,
                        job,
                        name);
    }

    static void complete(Tx tx, String job, String name, String sha256, long revision) {
        tx.sql()
                .execute(
                        "update output set sha256 = ?, size = bytes, revision = ? where job_id = ? and name = ?",
                        sha256,
                        revision,
                        job,
                        name);
    }

    /** Forgets all outputs of a job. */
    static void removeAll(Tx tx, String job) {
        tx.sql().execute("delete from output where job_id = ?", job);
    }

    /** Forgets where the bytes are; that there was an output stays known. */
    static void expire(Tx tx, String job) {
        tx.sql().execute("delete from piece where job_id = ?", job);
    }

    static List<Output> of(Handle sql, String job) {
        return sql.createQuery("select * from output where job_id = :job order by ordinal")
                .bind("job", job)
                .map(OutputTable::output)
                .list();
    }

    /** Those of several jobs, by job; one that has none is not there. */
    static Map<String, List<Output>> of(Handle sql, List<String> jobs) {
        Map<String, List<Output>> all = new HashMap<>();
        sql.createQuery("select * from output where job_id in (<jobs>) order by ordinal")
                .bindList("jobs", jobs)
                .map((row, context) -> Map.entry(row.getString("job_id"), output(row, context)))
                .forEach(each -> all.computeIfAbsent(each.getKey(), _ -> new ArrayList<>())
                        .add(each.getValue()));
        return all;
    }

    static Optional<Output> find(Handle sql, String job, String name) {
        return sql.createQuery("select * from output where job_id = :job and name = :name")
                .bind("job", job)
                .bind("name", name)
                .map(OutputTable::output)
                .findOne();
    }

    /** The pieces that hold bytes from {@code from} on, in order; at most so many. */
    static List<Piece> pieces(Handle sql, String job, String name, long from, int atMost) {
        return sql.createQuery("""
                        select * from piece
                        where job_id = :job and name = :name and position + bytes > :from
                        order by ordinal limit :limit""")
                .bind("job", job)
                .bind("name", name)
                .bind("from", from)
                .bind("limit", atMost)
                .map((row, _) -> new Piece(
                        row.getInt("ordinal"), row.getLong("position"), row.getLong("bytes"), row.getString("blob")))
                .list();
    }

    private static Output output(ResultSet row, StatementContext context) throws SQLException {
        OptionalLong size = JobRow.number(row, "size");
        return new Output(
                row.getString("name"),
                row.getLong("generation"),
                row.getString("file"),
                row.getString("media_type"),
                size,
                row.getLong("bytes"),
                JobRow.text(row, "sha256"),
                row.getLong("revision"));
    }
}
