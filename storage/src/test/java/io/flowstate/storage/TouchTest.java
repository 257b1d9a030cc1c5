package io.flowstate.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** For how long a process has been in touch with its database. */
final class TouchTest {
    private final AtomicLong nanos = new AtomicLong(7);
    private final Touch touch = new Touch(nanos::get);

    @Test
    void it_is_unbroken_from_the_beginning() {
        hear(100);

        assertThat(touch.unbroken()).isEqualTo(Touch.ALWAYS);
    }

    @Test
    void it_counts_from_the_moment_at_which_a_lost_connection_was_opened_again() {
        touch.renewed();
        hear(30);

        assertThat(touch.unbroken()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void there_is_none_from_the_moment_at_which_the_connection_is_lost_until_it_is_open_again() {
        hear(30);

        touch.lost();
        assertThat(touch.unbroken()).isZero();

        touch.renewed();
        hear(2);
        assertThat(touch.unbroken()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void there_is_none_while_nothing_is_heard_and_it_counts_anew_when_a_process_that_stood_still_goes_on() {
        pass(60);
        assertThat(touch.unbroken()).isZero();

        touch.heard();
        hear(5);

        assertThat(touch.unbroken()).isEqualTo(Duration.ofSeconds(5));
    }

    private void hear(int seconds) {
        for (int second = 0; second < seconds; second++) {
            pass(1);
            touch.heard();
        }
    }

    private void pass(int seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }
}
