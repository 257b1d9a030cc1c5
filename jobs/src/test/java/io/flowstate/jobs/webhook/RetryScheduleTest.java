package io.flowstate.jobs.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.egress.EgressConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryScheduleTest {
    /** A random source that never shortens. */
    private static final RandomGenerator LONGEST = () -> 0L;

    @Test
    void pauses_grow_and_end_within_a_day() {
        Duration whole = Duration.ZERO;
        Duration last = Duration.ZERO;
        int failures = 1;
        Optional<Duration> pause = pause(failures, LONGEST);
        while (pause.isPresent()) {
            assertThat(pause.get()).isGreaterThan(last);
            last = pause.get();
            whole = whole.plus(last);
            failures++;
            pause = pause(failures, LONGEST);
        }

        assertThat(pause(1, LONGEST)).contains(Duration.ofSeconds(5));
        assertThat(failures).isEqualTo(8);
        assertThat(whole).isEqualTo(Duration.ofMinutes(23 * 60 + 35).plusSeconds(5));
        assertThat(pause(Integer.MAX_VALUE, LONGEST)).isEmpty();
    }

    @Test
    void each_is_shortened_by_up_to_a_quarter_and_spread() {
        for (long seed = 0; seed < 200; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            for (int failures = 1; failures <= RetrySchedule.PAUSES.size(); failures++) {
                Duration longest = RetrySchedule.PAUSES.get(failures - 1);

                assertThat(pause(failures, random).orElseThrow())
                        .as("seed %d", seed)
                        .isBetween(longest.multipliedBy(3).dividedBy(4), longest);
            }
        }
        SplittableRandom random = new SplittableRandom(1);
        assertThat(random.doubles(1000)
                        .mapToObj(_ -> pause(7, random).orElseThrow())
                        .distinct()
                        .count())
                .isGreaterThan(900);
    }

    @Test
    void the_same_source_gives_the_same_pause() {
        assertThat(pause(3, new SplittableRandom(7))).isEqualTo(pause(3, new SplittableRandom(7)));
    }

    @ParameterizedTest
    @CsvSource({
        "1, PT1S, PT5S",
        "1, PT10M, PT10M",
        "1, PT2H, PT2H",
        "1, PT240H, PT2H",
        "6, PT2H, PT7H",
    })
    void a_receiver_s_wish_makes_a_pause_longer_within_bounds(int failures, Duration wish, Duration pause) {
        assertThat(RetrySchedule.pause(failures, Optional.of(wish), LONGEST)).contains(pause);
    }

    @Test
    void a_wish_does_not_bring_more_attempts() {
        assertThat(RetrySchedule.pause(8, Optional.of(Duration.ofSeconds(1)), LONGEST))
                .isEmpty();
    }

    @Test
    void the_page_tells_the_same_times() throws IOException {
        String told =
                RetrySchedule.PAUSES.stream().map(RetryScheduleTest::words).collect(Collectors.joining(", "));
        int comma = told.lastIndexOf(", ");

        assertThat(Files.readString(Path.of(System.getProperty("flowstate.root"), "docs/webhooks.md")))
                .contains("after " + told.substring(0, comma) + " and " + told.substring(comma + 2) + ",")
                .contains("An attempt ends after %d seconds"
                        .formatted(EgressConfig.DEFAULT.postLimit().toSeconds()))
                .contains("up to %d hours".formatted(RetrySchedule.LONGEST_WISH.toHours()));
    }

    private static String words(Duration pause) {
        return pause.toHours() > 0
                ? pause.toHours() + " h"
                : pause.toMinutes() > 0 ? pause.toMinutes() + " min" : pause.toSeconds() + " s";
    }

    private static Optional<Duration> pause(int failures, RandomGenerator random) {
        return RetrySchedule.pause(failures, Optional.empty(), random);
    }
}
