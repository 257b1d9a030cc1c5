package io.flowstate.server;

import io.flowstate.core.Cancellation;
import java.io.IOException;
import java.io.OutputStream;
import java.util.OptionalLong;

/** The only output of a separation, sent as it is made: the headers go with its first bytes, and with them its length if the provider knows it. */
final class OneStem implements Delivery {
    private final Exchange exchange;
    private final String track;
    private final Cancellation cancellation;
    private boolean opened;

    OneStem(Exchange exchange, String track, Cancellation cancellation) {
        this.exchange = exchange;
        this.track = track;
        this.cancellation = cancellation;
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
        return exchange.stream(cancellation);
    }

    @Override
    public boolean discard() {
        if (exchange.isCommitted()) {
            return false;
        }
        exchange.clear();
        opened = false;
        return true;
    }

    @Override
    public void finish() throws IOException {
        exchange.end();
    }
}
