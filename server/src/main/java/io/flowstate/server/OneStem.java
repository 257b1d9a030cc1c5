package io.flowstate.server;

import java.io.IOException;
import java.io.OutputStream;
import java.util.OptionalLong;

/** The only output of a separation, sent as it is made: the headers go with its first bytes, and with them its length if the provider knows it. */
final class OneStem implements Delivery {
    private final Exchange exchange;
    private final String track;
    private final Outflow outflow;
    private boolean opened;

    OneStem(Exchange exchange, String track, Outflow outflow) {
        this.exchange = exchange;
        this.track = track;
        this.outflow = outflow;
    }

    @Override
    public Exchange exchange() {
        return exchange;
    }

    @Override
    public OutputStream open(Description description) {
        if (opened) {
            throw new IllegalStateException("one stem was asked for, and %s is a second".formatted(description.name()));
        }
        opened = true;
        OptionalLong size = description.sizeBytes();
        exchange.set(
                "Content-Disposition",
                FileNames.attachment("%s-%s.%s"
                        .formatted(
                                track,
                                description.name(),
                                description.format().container().id())));
        exchange.begin(200, description.format().container().mediaType(), size);
        return outflow.stream();
    }

    @Override
    public boolean discard() {
        if (!outflow.takeBack()) {
            return false;
        }
        exchange.clear();
        opened = false;
        return true;
    }

    @Override
    public void finish() throws IOException {
        outflow.end();
    }

    @Override
    public void close() {
        outflow.close();
    }
}
