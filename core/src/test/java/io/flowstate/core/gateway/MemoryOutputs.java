package io.flowstate.core.gateway;

import io.flowstate.core.spi.Outputs;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** Keeps what was written, and says whether it can still be taken back. */
public class MemoryOutputs implements Outputs {
    public final Map<String, ByteArrayOutputStream> files = new LinkedHashMap<>();
    int discards;
    boolean hasLeft;
    Runnable onDiscard = () -> {};

    @Override
    public OutputStream open(Description description) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        files.put(description.name(), file);
        return file;
    }

    @Override
    public boolean discard() {
        discards++;
        onDiscard.run();
        if (!hasLeft) {
            files.clear();
        }
        return !hasLeft;
    }
}
