package io.flowstate.core.spi;

/**
 * How far a run is.
 *
 * @param done in the phase's unit
 * @param total in the phase's unit; 0 when it is not known
 */
public record Progress(Phase phase, double done, double total) {
    /** What is going on. */
    public enum Phase {
        /** Waiting for a place; {@code done} runs are ahead. */
        QUEUED,
        /** Sending the input to the place that does the work; bytes. */
        SENDING,
        /** Fetching a model; bytes. */
        PULLING,
        /** Hashing a model that is here; bytes. */
        VERIFYING,
        /** Making a model quicker on this machine, once; steps. */
        OPTIMIZING,
        /** Loading a model; no unit. */
        LOADING,
        /** Reading the input once over; seconds of audio. */
        READING,
        /** Separating; seconds of audio. */
        SEPARATING,
        /** Finishing the outputs; no unit. */
        WRITING,
        /** Fetching the outputs from the place that did the work; bytes. */
        RECEIVING,
        /** Waiting for the place that does the work to be there again; no unit. */
        RECONNECTING
    }

    /** Called on the thread that does the work; must be quick and must not throw. */
    @FunctionalInterface
    public interface Listener {
        void on(Progress progress);

        Listener NONE = progress -> {};
    }

    /** 0..1, or 0 while the total is unknown. */
    public double fraction() {
        return total > 0 ? Math.clamp(done / total, 0, 1) : 0;
    }
}
