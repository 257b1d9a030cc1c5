package io.flowstate.core;

import java.nio.file.Path;

/**
 * Audio as the caller handed it in: an encoded file that can be read more than once while the request lives.
 *
 * @param name what the caller calls it, for messages and output names; not a path to trust
 * @param file where the bytes lie; owned by whoever made this
 */
public record AudioInput(String name, Path file) {}
