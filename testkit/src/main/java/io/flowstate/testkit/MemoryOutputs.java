package io.flowstate.testkit;

import io.flowstate.core.spi.Outputs;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    /** Names of the outputs that were opened. */
    public Set<String> names() {
        return Set.copyOf(descriptions.keySet());
    }

    public Description description(String name) {
        return Optional.ofNullable(descriptions.get(name)).orElseThrow(() -> missing(name));
    }

    /** What was written to an output so far. */
    public byte[] bytes(String name) {
        return Optional.ofNullable(bytes.get(name))
                .orElseThrow(() -> missing(name))
                .toByteArray();
    }

    private AssertionError missing(String name) {
        return new AssertionError("no output \"%s\" among %s".formatted(name, names()));
    }
}
