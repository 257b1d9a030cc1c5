package io.flowstate.egress;

import java.time.Duration;
import java.util.Optional;

/**
 * What a host answered to a {@link Egress#post}.
 *
 * @param excerpt the beginning of its body as text, for a log; what is no UTF-8 is replaced
 * @param retryAfter how long the host wants to be left alone
 */
public record Reply(int status, String excerpt, Optional<Duration> retryAfter) {}
