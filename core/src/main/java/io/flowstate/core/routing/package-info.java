/** The pure decision which deployments a request may use and in which order. Start at {@link io.flowstate.core.routing.Planner}. */
@NullMarked
package io.flowstate.core.routing;

import org.jspecify.annotations.NullMarked;
