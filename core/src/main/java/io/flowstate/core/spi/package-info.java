/** The ports that other modules implement. Start at {@link io.flowstate.core.spi.Provider}. */
@NullMarked
package io.flowstate.core.spi;

import org.jspecify.annotations.NullMarked;
