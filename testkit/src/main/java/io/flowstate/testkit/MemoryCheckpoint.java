package io.flowstate.testkit;

import io.flowstate.core.spi.Checkpoint;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;

/** A checkpoint in memory, where a next attempt finds what the one before saved. Not thread-safe. */
public final class MemoryCheckpoint implements Checkpoint {
    private final Map<String, byte[]> parts = new HashMap<>();
    private final Set<String> away = new HashSet<>();
    private final Duration interval;
    private Optional<Saved> last = Optional.empty();
    private int begun;

    public MemoryCheckpoint(Duration interval) {
        this.interval = interval;
    }

    /** Loses a part, as a store might. */
    public void lose(String part) {
        parts.remove(part);
    }

    /** Fails to read a part the next time, which is still there after that. */
    public void failOnce(String part) {
        away.add(part);
    }

    /** Loses the end of a part, as a store might that was restored from somewhere. */
    public void cut(String part) {
        parts.computeIfPresent(part, (_, bytes) -> Arrays.copyOf(bytes, bytes.length / 2));
    }

    @Override
    public Duration interval() {
        return interval;
    }

    @Override
    public Optional<Saved> last() {
        return last;
    }

    @Override
    public Part begin() {
        String name = "part-" + begun++;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        return new Part() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void write(int single) {
                bytes.write(single);
            }

            @Override
            public void write(byte[] from, int offset, int length) {
                bytes.write(from, offset, length);
            }

            @Override
            public void commit() {
                parts.put(name, bytes.toByteArray());
            }
        };
    }

    @Override
    public InputStream read(String part) throws IOException {
        if (away.contains(part)) {
            away.remove(part);
            throw new IOException("500 InternalError");
        }
        byte[] bytes = parts.get(part);
        if (bytes == null) {
            throw new NoSuchFileException(part);
        }
        return new ByteArrayInputStream(bytes);
    }

    @Override
    public void save(Saved state) {
        state.parts().stream()
                .filter(part -> !parts.containsKey(part))
                .findAny()
                .ifPresent(part -> {
                    throw new NoSuchElementException(part + " was not committed");
                });
        parts.keySet().retainAll(state.parts());
        last = Optional.of(state);
    }

    @Override
    public Checkpoint on(String deployment) {
        return this;
    }
}
