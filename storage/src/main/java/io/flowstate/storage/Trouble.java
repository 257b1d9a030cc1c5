package io.flowstate.storage;

import io.flowstate.core.Code;
import io.flowstate.core.DiskFull;
import io.flowstate.core.FlowError;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.Set;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a database's failures mean to a caller. */
final class Trouble {
    /** Connection lost or refused, too many connections, server going down or coming up. */
    private static final Set<String> GONE = Set.of("08", "53", "57");

    /** A deadlock, and a serialization failure. */
    private static final Set<String> COLLISIONS = Set.of("40P01", "40001");

    private static final Duration SOON = Duration.ofSeconds(5);

    private Trouble() {}

    /** A database that is away for the moment is an error that a caller may retry; anything else is a fault. */
    static RuntimeException explain(RuntimeException failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (isSqlite(cause, SQLiteErrorCode.SQLITE_FULL) || DiskFull.isReasonOf(cause)) {
                return FlowError.of(Code.DISK_FULL, "The disk with the database is full.")
                        .advice("Free some space in the data folder, and try again.")
                        .causedBy(failed);
            }
            if (cause instanceof SQLException trouble && isGone(trouble)) {
                return FlowError.of(Code.STORE_UNAVAILABLE, "The database cannot be reached at the moment.")
                        .retryAfter(SOON)
                        .advice("Try again soon; the log of the server has the reason.")
                        .causedBy(failed);
            }
        }
        return failed;
    }

    private static boolean isGone(SQLException trouble) {
        String state = String.valueOf(trouble.getSQLState());
        return isSqlite(trouble, SQLiteErrorCode.SQLITE_BUSY)
                || trouble instanceof SQLTransientException
                || GONE.contains(state.substring(0, Math.min(2, state.length())));
    }

    /** Whether the database gave a transaction up in favour of another: done once more, it may well succeed. */
    static boolean isCollision(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException trouble && COLLISIONS.contains(String.valueOf(trouble.getSQLState()))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSqlite(Throwable trouble, SQLiteErrorCode code) {
        return trouble instanceof SQLiteException sqlite && sqlite.getResultCode() == code;
    }

    /** The sentence of the first cause. */
    static String innermost(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
