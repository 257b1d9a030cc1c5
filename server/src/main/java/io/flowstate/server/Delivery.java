package io.flowstate.server;

import io.flowstate.core.spi.Outputs;
import java.io.IOException;

/** Where a separation's outputs go on their way to the client. */
sealed interface Delivery extends Outputs permits OneStem, ZippedStems {
    /** Sends what is left and ends the answer. Called once, when the provider has succeeded. */
    void finish() throws IOException;
}
