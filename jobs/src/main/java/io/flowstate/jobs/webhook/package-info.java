/**
 * Telling somebody's server what became of a job: signed messages by the Standard Webhooks specification, one attempt at a time. Keeps nothing; whoever calls remembers what was
 * delivered and when the next attempt is due. May use core and egress. Read {@code Sender} first.
 */
@NullMarked
package io.flowstate.jobs.webhook;

import org.jspecify.annotations.NullMarked;
