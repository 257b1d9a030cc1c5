package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** No lane is promised more than it has room for. */
final class LanesTest {
    private final Lanes lanes = new Lanes(Map.of("local", 1, "replicate", 3, "replicate/big", 2));
    private final Thread other = Thread.ofVirtual().unstarted(() -> {});

    @Test
    void as_many_are_claimed_as_the_narrowest_lane_with_room_can_take() {
        assertThat(lanes.claimable(8)).isEqualTo(1);

        boolean _ = lanes.enter("local/htdemucs");
        assertThat(lanes.full()).containsExactly("local");
        assertThat(lanes.claimable(8)).isEqualTo(2);

        boolean _ = lanes.enter("replicate/small");
        boolean _ = lanes.enter("replicate/small");
        assertThat(lanes.claimable(8)).isEqualTo(1);

        boolean _ = lanes.enter("replicate/big");
        assertThat(lanes.full()).containsExactlyInAnyOrder("local", "replicate");
        assertThat(lanes.enter("replicate/big")).isFalse();
    }

    @Test
    void a_job_that_was_claimed_and_has_not_entered_counts_in_every_lane() {
        lanes.await(other);

        assertThat(lanes.claimable(8)).isZero();
        assertThat(lanes.hasMoreToClaim()).isFalse();
    }

    @Test
    void there_is_more_to_claim_once_all_have_entered_of_whom_fewer_were_claimed_than_could_be() {
        lanes.await(Thread.currentThread());
        int few = lanes.claimable(8);
        boolean _ = lanes.enter("local/htdemucs");

        assertThat(few).isZero();
        assertThat(lanes.hasMoreToClaim()).isTrue();
        assertThat(lanes.hasMoreToClaim()).isFalse();
    }

    @Test
    void what_is_in_no_lane_with_a_limit_is_claimed_without_one() {
        Lanes open = new Lanes(Map.of());
        open.await(other);

        assertThat(open.claimable(8)).isEqualTo(8);
    }
}
