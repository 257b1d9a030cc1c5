package io.flowstate.jobs;

import java.util.Locale;

/** Points in the life of a job at which a node can be made to stop, so that it is killed just there. */
public enum Moment {
    /** The input is kept, and the job about to be entered: nothing has been promised yet. */
    ACCEPTING,
    /** The job has been entered; whoever handed it in has not been told. */
    ACCEPTED,
    /** A node has chosen the job and is about to take it. */
    CLAIMING,
    /** A node has taken the job and is about to begin an attempt. */
    BEGINNING,
    /** The input has been read in part. */
    DECODING,
    /** A checkpoint lies behind, some blocks were made after it. */
    SEPARATING,
    /** A checkpoint is complete in the store and about to be named in the job's row. */
    SAVING,
    /** A blob of an output is half written. */
    WRITING,
    /** All is written and the transaction that ends the job about to be committed. */
    ENDING,
    /** The job has ended, and its message has not been sent. */
    ENDED,
    /** The receiver has had the message; that it has is about to be noted. */
    DELIVERING,
    /** Whenever it may be. */
    ANY;

    public String words() {
        return name().toLowerCase(Locale.ROOT);
    }
}
