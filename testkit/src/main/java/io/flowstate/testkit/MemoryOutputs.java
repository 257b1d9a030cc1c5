package io.flowstate.testkit;

import io.flowstate.core.spi.Outputs;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps a run's outputs in memory. */
public final class MemoryOutputs implements Outputs {
    private final Map<String, Description> descriptions = new ConcurrentHashMap<>();
    private final Map<String, ByteArrayOutputStream> bytes = new ConcurrentHashMap<>();

    @Override
    public OutputStream open(Description description) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        descriptions.put(description.name(), description);
        bytes.put(description.name(), stream);
        return stream;
    }

    @Override
    public boolean discard() {
        descriptions.clear();
        bytes.clear();
        return true;
    }

    public Map<String, Description> descriptions() {
        return Map.copyOf(descriptions);
    }

    /** What was written to an output so far. */
    public byte[] bytes(String name) {
        ByteArrayOutputStream stream = bytes.get(name);
        if (stream == null) {
            throw new AssertionError("no output \"%s\" among %s".formatted(name, bytes.keySet()));
        }
        return stream.toByteArray();
    }
}
