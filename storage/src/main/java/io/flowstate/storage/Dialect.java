package io.flowstate.storage;

import java.util.Map;

/** All in which the two databases differ. Everything else is one text that both understand. */
public enum Dialect {
    /** One process, one writer: rows need no locks, and what is picked belongs to a process that is alive or to one that is gone. */
    SQLITE("", "blob", "integer"),
    POSTGRES(" for update skip locked", "bytea", "timestamp with time zone");

    private final String claimLock;
    private final String bytes;
    private final String timestamp;

    Dialect(String claimLock, String bytes, String timestamp) {
        this.claimLock = claimLock;
        this.bytes = bytes;
        this.timestamp = timestamp;
    }

    /** Ends a query whose rows are about to be claimed, so that two nodes do not get the same. */
    public String claimLock() {
        return claimLock;
    }

    /** The words that migrations use for types, and what they are here. */
    Map<String, String> types() {
        return Map.of("bytes", bytes, "timestamp", timestamp);
    }
}
