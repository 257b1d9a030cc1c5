package io.flowstate.server;

/** What a node does. */
public enum Role {
    /** It answers requests and takes jobs in. */
    API,
    /** It runs jobs. */
    WORKER
}
