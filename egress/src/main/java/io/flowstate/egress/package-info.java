/**
 * The only way out: every request that FlowState sends to an address somebody else chose (webhooks, audio to be fetched) goes through {@code Egress},
 * which resolves, checks and pins the address first. May use core. Read {@code Egress} first.
 */
@NullMarked
package io.flowstate.egress;

import org.jspecify.annotations.NullMarked;
