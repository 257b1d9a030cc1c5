/**
 * Measurements: FlowState beside its peers, what it costs around the model, and the options that were chosen by measuring. Uses every other module and the built
 * command; nothing uses it. Start at {@link io.flowstate.bench.Bench}; bench/README.md has the figures.
 */
@NullMarked
package io.flowstate.bench;

import org.jspecify.annotations.NullMarked;
