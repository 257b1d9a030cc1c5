package io.flowstate.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Bytes that wait in a file, the first put being the first taken. The file is made when it is needed and shrinks to nothing whenever all has been taken. Not thread-safe. */
final class Backlog implements AutoCloseable {
    private final Path file;
    private @Nullable FileChannel channel;
    private long put;
    private long taken;

    Backlog(Path file) {
        this.file = file;
    }

    boolean isEmpty() {
        return put == taken;
    }

    void put(byte[] bytes, int offset, int length) throws IOException {
        FileChannel open = open();
        ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
        while (rest.hasRemaining()) {
            put += open.write(rest, put);
        }
    }

    /** Fills the array as far as there is something to take; gives how many bytes that was. */
    int take(byte[] into) throws IOException {
        ByteBuffer room = ByteBuffer.wrap(into, 0, (int) Math.min(into.length, put - taken));
        FileChannel open = open();
        while (room.hasRemaining() && open.read(room, taken + room.position()) >= 0) {}
        if (room.hasRemaining()) {
            throw new IOException("%s is shorter than what was written to it".formatted(file));
        }
        taken += room.position();
        if (isEmpty()) {
            clear();
            open.truncate(0);
        }
        return room.position();
    }

    /** Forgets what waits. */
    void clear() {
        put = 0;
        taken = 0;
    }

    /** Closes the file, which goes with its folder. */
    @Override
    public void close() throws IOException {
        FileChannel open = channel;
        if (open != null) {
            open.close();
        }
    }

    private FileChannel open() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            open = FileChannel.open(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
            channel = open;
        }
        return open;
    }
}
