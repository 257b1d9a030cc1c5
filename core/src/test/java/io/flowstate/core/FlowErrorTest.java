package io.flowstate.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class FlowErrorTest {
    @Test
    void each_fluent_call_keeps_what_the_others_said() {
        Throwable cause = new IllegalStateException("deep down");

        FlowError error = FlowError.of(Code.QUEUE_FULL, "%d wait already.", 4)
                .retryAfter(Duration.ofSeconds(9))
                .causedBy(cause)
                .field("model")
                .advice("Try %s.", "later");

        assertThat(error.code()).isEqualTo(Code.QUEUE_FULL);
        assertThat(error.message()).isEqualTo("4 wait already.");
        assertThat(error.retryAfter()).contains(Duration.ofSeconds(9));
        assertThat(error).hasCause(cause);
        assertThat(error.field()).contains("model");
        assertThat(error.advice()).contains("Try later.");
    }

    @Test
    void a_refined_error_leaves_the_first_as_it_was_and_points_to_the_same_line() {
        FlowError first = FlowError.of(Code.TOO_LARGE, "Too large.");

        FlowError refined = first.advice("Send less.");

        assertThat(first.advice()).isEmpty();
        assertThat(first.field()).isEmpty();
        assertThat(first.retryAfter()).isEmpty();
        assertThat(refined.getStackTrace()).isEqualTo(first.getStackTrace());
    }

    @Test
    void texts_are_the_same_in_every_locale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));

            FlowError error = FlowError.of(Code.DEADLINE_EXCEEDED, "%.1f s of %d", 1.5, 12)
                    .advice("%d", 34);

            assertThat(error.message()).isEqualTo("1.5 s of 12");
            assertThat(error.advice()).contains("34");
        } finally {
            Locale.setDefault(before);
        }
    }
}
