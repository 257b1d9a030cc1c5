package io.flowstate.core;

/** What a run gives besides the bytes that went to its outputs. */
public sealed interface Result permits StemsResult {}
