package io.flowstate.server;

import io.flowstate.core.spi.Outputs;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;

/** Where a separation's outputs go on their way to the client. */
sealed interface Delivery extends Outputs, AutoCloseable permits OneStem, ZippedStems {
    /** Whom the outputs are for. */
    Exchange exchange();

    @Override
    default void incomplete(Duration missing) {
        exchange()
                .set(
                        "flowstate-audio-missing-seconds",
                        BigDecimal.valueOf(missing.toMillis(), 3).toPlainString());
    }

    /** Sends what is left and ends the answer. Called once, when the provider has succeeded; blocks until the client has everything. */
    void finish() throws IOException;

    /** Lets go of everything; an answer that has begun and was not finished is cut off. */
    @Override
    void close();
}
