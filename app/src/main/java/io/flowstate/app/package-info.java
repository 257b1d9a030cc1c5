/** The {@code flowstate} command: configuration, the wiring of all parts, and the console. The only module that knows all others. Start at Main. */
@NullMarked
package io.flowstate.app;

import org.jspecify.annotations.NullMarked;
