/** The HTTP edge: one small blocking exchange over Jetty, the API's handlers, and the one place that turns errors into responses. Uses core. Start at Server. */
@NullMarked
package io.flowstate.server;

import org.jspecify.annotations.NullMarked;
