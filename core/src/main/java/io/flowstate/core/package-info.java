/**
 * What FlowState is about: tasks, their requests and results, audio formats, errors, cancellation. Depends on nothing but the JDK; every other module speaks in these words.
 * Read {@link io.flowstate.core.StemsRequest} first, then {@link io.flowstate.core.gateway.Gateway} for the path that a request takes.
 */
@NullMarked
package io.flowstate.core;

import org.jspecify.annotations.NullMarked;
