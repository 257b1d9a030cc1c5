/** The one path that every request takes, whoever sends it. Start at {@link io.flowstate.core.gateway.Gateway}. */
@NullMarked
package io.flowstate.core.gateway;

import org.jspecify.annotations.NullMarked;
