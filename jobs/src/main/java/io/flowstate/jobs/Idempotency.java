package io.flowstate.jobs;

/**
 * What makes a request one that has been made before, and not to be done twice.
 *
 * @param key the caller's own name for the request
 * @param fingerprint of all that makes a request what it is; two requests with one key and different fingerprints are a mistake of the caller's
 */
public record Idempotency(String key, String fingerprint) {}
