package io.flowstate.jobs;

import io.flowstate.storage.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** The rows of uploads and of their pieces. All methods that change something run in the caller's transaction. */
final class UploadTable {
    private UploadTable() {}

    /** Some of an upload's bytes, as a blob. */
    record Piece(long position, long bytes, String blob) {}

    static void insert(Tx tx, UploadState upload, Instant now) {
        tx.sql()
                .createUpdate("""
                        insert into upload (id, owner, length, metadata, created_at, expires_at)
                        values (:id, :owner, :length, :metadata, :now, :expires)""")
                .bind("id", upload.id())
                .bind("owner", upload.owner())
                .bind("length", upload.length())
                .bind("metadata", upload.metadata())
                .bind("now", now.toEpochMilli())
                .bind("expires", upload.expires().toEpochMilli())
                .execute();
    }

    static Optional<UploadState> find(Handle sql, String id) {
        return sql.createQuery("select * from upload where id = :id")
                .bind("id", id)
                .map(UploadTable::upload)
                .findOne();
    }

    /**
     * Moves the upload on; false if it is not where the caller thinks, is gone, or has expired. Of several who write at the same place one gets on.
     *
     * @param expires from now on
     */
    static boolean advance(Tx tx, String id, long from, long to, Instant now, Instant expires) {
        return tx.sql()
                        .createUpdate("""
                                update upload set received = :to, expires_at = :expires
                                where id = :id and received = :from and not swept and expires_at > :now""")
                        .bind("id", id)
                        .bind("from", from)
                        .bind("to", to)
                        .bind("now", now.toEpochMilli())
                        .bind("expires", expires.toEpochMilli())
                        .execute()
                == 1;
    }

    static void add(Tx tx, String id, Piece piece) {
        tx.sql()
                .execute(
                        "insert into upload_piece (upload_id, position, bytes, blob) values (?, ?, ?, ?)",
                        id,
                        piece.position(),
                        piece.bytes(),
                        piece.blob());
    }

    /** All pieces, in their order. */
    static List<Piece> pieces(Handle sql, String id) {
        return sql.createQuery("select * from upload_piece where upload_id = :id order by position")
                .bind("id", id)
                .map((row, _) -> new Piece(row.getLong("position"), row.getLong("bytes"), row.getString("blob")))
                .list();
    }

    static void delete(Tx tx, String id) {
        tx.sql().execute("delete from upload where id = ?", id);
    }

    static List<String> expired(Handle sql, Instant now, int atMost) {
        return sql.createQuery(
                        "select id from upload where expires_at <= :now and not swept order by expires_at limit :limit")
                .bind("now", now.toEpochMilli())
                .bind("limit", atMost)
                .mapTo(String.class)
                .list();
    }

    /** Notes that an expired upload gets nothing more; false if it has not expired after all. */
    static boolean sweep(Tx tx, String id, Instant now) {
        return tx.sql()
                        .execute(
                                "update upload set swept = true where id = ? and not swept and expires_at <= ?",
                                id,
                                now.toEpochMilli())
                == 1;
    }

    /** Notes that an upload gets nothing more. */
    static void close(Tx tx, String id) {
        tx.sql().execute("update upload set swept = true where id = ?", id);
    }

    static void deletePieces(Tx tx, String id) {
        tx.sql().execute("delete from upload_piece where upload_id = ?", id);
    }

    /** Forgets uploads that expired before that time. */
    static void forget(Tx tx, Instant before) {
        tx.sql().execute("delete from upload where swept and expires_at <= ?", before.toEpochMilli());
    }

    private static UploadState upload(ResultSet row, StatementContext context) throws SQLException {
        return new UploadState(
                row.getString("id"),
                row.getString("owner"),
                row.getLong("length"),
                row.getLong("received"),
                row.getString("metadata"),
                Instant.ofEpochMilli(row.getLong("expires_at")));
    }
}
