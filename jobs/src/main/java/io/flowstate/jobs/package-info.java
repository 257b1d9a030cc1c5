/**
 * Durable jobs: handed in, kept through crashes, run by whichever node is free, found again. May use core, storage and egress. Read {@code Jobs} first.
 */
@NullMarked
package io.flowstate.jobs;

import org.jspecify.annotations.NullMarked;
