package io.flowstate.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class BoundedLookupTest {
    private static final InetAddress SOME = InetAddress.ofLiteral("8.8.8.8");

    private final CountDownLatch answered = new CountDownLatch(1);
    private final Lookup slow = host -> {
        if (host.equals("slow.example")) {
            await(answered);
        }
        return List.of(SOME);
    };

    @Test
    void a_name_whose_servers_never_answer_is_given_up() {
        Lookup bounded = new BoundedLookup(slow, Duration.ofMillis(50));

        assertThatThrownBy(() -> bounded.addresses("slow.example")).isInstanceOf(UnknownHostException.class);

        answered.countDown();
    }

    @Test
    void so_many_of_them_that_no_other_can_be_asked_are_only_there_for_a_while() throws Exception {
        Lookup bounded = new BoundedLookup(slow, Duration.ofMillis(5));
        for (int i = 0; i < 64; i++) {
            assertThatThrownBy(() -> bounded.addresses("slow.example")).isInstanceOf(UnknownHostException.class);
        }
        assertThatThrownBy(() -> bounded.addresses("quick.example"))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("too many names are being looked up");

        answered.countDown();

        assertThat(eventually(bounded)).containsExactly(SOME);
    }

    @Test
    void what_the_other_does_not_know_is_not_known() {
        Lookup bounded = new BoundedLookup(new Names(), Duration.ofSeconds(20));

        assertThatThrownBy(() -> bounded.addresses("nowhere.example")).isInstanceOf(UnknownHostException.class);
    }

    private static List<InetAddress> eventually(Lookup lookup) throws UnknownHostException {
        for (int tries = 0; ; tries++) {
            try {
                return lookup.addresses("quick.example");
            } catch (UnknownHostException busy) {
                if (tries == 1_000) {
                    throw busy;
                }
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }
}
