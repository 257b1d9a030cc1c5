package io.flowstate.engine.demucs;

/** What a separation remembers of itself, so that another attempt at the same one can go on where it was cut off. Used by the thread that finishes chunks. */
interface Continuation extends AutoCloseable {
    /**
     * Brings a separation to where an earlier one was: hands the samples that were finished then to the sink once more, and fills the open sums.
     *
     * @return the chunk to go on with; 0 if nothing was saved
     */
    int restore(OverlapAdd sums, Separation.Sink sink);

    /** Finished samples; see {@link Separation.Sink#write}. */
    void keep(float[][] rows, int from, int count);

    /** All chunks before {@code next} are done, and {@code sums} holds what the next ones add to. */
    void done(int next, OverlapAdd sums);

    /** Lets go of what was not saved. */
    @Override
    void close();

    /** Remembers nothing. */
    Continuation NONE = new Continuation() {
        @Override
        public int restore(OverlapAdd sums, Separation.Sink sink) {
            return 0;
        }

        @Override
        public void keep(float[][] rows, int from, int count) {}

        @Override
        public void done(int next, OverlapAdd sums) {}

        @Override
        public void close() {}
    };
}
