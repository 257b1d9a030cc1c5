package io.flowstate.bench;

/**
 * How far FlowState means to be ahead of a peer.
 *
 * @param clipSeconds length of the audio for which it was set; a bar says nothing about others, as start and loading weigh differently in them
 * @param atMost our median, divided by the peer's
 */
record Bar(int clipSeconds, Quantity quantity, double atMost) {
    /** The most memory that the process of the command may ever hold, in GB, whatever the clip. */
    static final double OUR_PEAK_RSS_GB = 2.3;

    /** How a figure does beside its bar. */
    static String verdict(double value, double atMost) {
        return "bar %s: %s".formatted(atMost, value <= atMost ? "met" : "missed");
    }
}
