package io.flowstate.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * What a folder with an embedded database shows from outside. Looking changes nothing there.
 *
 * @param isInUse whether a process has it open
 * @param bytes of the database, without inputs and outputs
 * @param version of its tables; 0 if it has none
 */
public record EmbeddedFolder(boolean isInUse, long bytes, int version) {
    static final String LOCK = "flowstate.lock";
    static final String DATABASE = "flowstate.db";

    /** Whether there is a database in the folder. */
    public static boolean exists(Path folder) {
        return Files.exists(folder.resolve(DATABASE));
    }

    /** @throws IOException if it cannot be read, or is none of ours */
    public static EmbeddedFolder look(Path folder) throws IOException {
        Path file = folder.resolve(DATABASE);
        Path log = folder.resolve(DATABASE + "-wal");
        boolean isInUse = isLocked(folder.resolve(LOCK));
        long bytes = Files.size(file) + (Files.exists(log) ? Files.size(log) : 0);
        return new EmbeddedFolder(isInUse, bytes, version(file, Files.exists(log)));
    }

    /** For the blink in which the lock is tried, a server that starts would find it taken. */
    private static boolean isLocked(Path lock) throws IOException {
        if (!Files.exists(lock)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.READ);
                @Nullable FileLock free = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return free == null;
        } catch (OverlappingFileLockException ours) {
            return true;
        }
    }

    /** Without a log, which a server removes when it stops, one would be made for reading if the file were not said to be immutable. */
    private static int version(Path file, boolean hasLog) throws IOException {
        String how = hasLog ? "mode=ro" : "mode=ro&immutable=1";
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:%s?%s".formatted(file.toUri(), how));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select coalesce(max(cast(version as integer)), 0) from schema_version where success")) {
            return row.getInt(1);
        } catch (SQLException unreadable) {
            throw new IOException("the database in it cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }
}
