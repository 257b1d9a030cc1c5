/**
 * The HTTP edge: one small blocking exchange over Jetty, the API's endpoints, and the one place that turns errors into responses. Uses core. Start at
 * {@link io.flowstate.server.Server}, then {@code Router}, which lists every route.
 */
@NullMarked
package io.flowstate.server;

import org.jspecify.annotations.NullMarked;
