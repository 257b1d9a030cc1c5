package io.flowstate.jobs.webhook;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When to try again: soon, then ever more rarely, for {@code 23 h 35 min} at most. Each pause is shortened at random by up to a quarter, so that what failed together does not
 * come back together. It counts attempts and not the time since the first: a gateway that was down for a day still makes those that are left.
 */
final class RetrySchedule {
    static final List<Duration> PAUSES = List.of(
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(7),
            Duration.ofHours(9));

    /** A receiver may ask for a longer pause than is due, but not hold messages back for days. */
    static final Duration LONGEST_WISH = Duration.ofHours(2);

    private static final double SHORTENED_BY = 0.25;

    private RetrySchedule() {}

    /**
     * The pause before the next attempt, or empty to give up.
     *
     * @param failures how many attempts have failed, at least 1
     * @param wish of the receiver ({@code Retry-After}): the pause is no shorter, within {@link #LONGEST_WISH}
     */
    static Optional<Duration> pause(int failures, Optional<Duration> wish, RandomGenerator random) {
        if (failures > PAUSES.size()) {
            return Optional.empty();
        }
        double share = 1 - SHORTENED_BY * random.nextDouble();
        Duration due = Duration.ofMillis((long) (PAUSES.get(failures - 1).toMillis() * share));
        return Optional.of(wish.map(RetrySchedule::bounded)
                .filter(wished -> wished.compareTo(due) > 0)
                .orElse(due));
    }

    private static Duration bounded(Duration wish) {
        return wish.compareTo(LONGEST_WISH) > 0 ? LONGEST_WISH : wish;
    }
}
