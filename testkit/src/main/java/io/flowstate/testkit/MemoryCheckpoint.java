package io.flowstate.testkit;

import io.flowstate.core.spi.Checkpoint;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/** A checkpoint in memory, where a next attempt finds what the one before saved. Not thread-safe. */
public final class MemoryCheckpoint implements Checkpoint {
    private final Map<String, byte[]> parts = new HashMap<>();
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
        byte[] bytes = parts.get(part);
        if (bytes == null) {
            throw new IOException("there is no " + part);
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
