package io.flowstate.server;

import io.flowstate.core.spi.Outputs;
import java.io.IOException;

/** Where a separation's outputs go on their way to the client. */
sealed interface Delivery extends Outputs, AutoCloseable permits OneStem, ZippedStems {
    /** Sends what is left and ends the answer. Called once, when the provider has succeeded; blocks until the client has everything. */
    void finish() throws IOException;

    /** Lets go of everything; an answer that has begun and was not finished is cut off. */
    @Override
    void close();
}
