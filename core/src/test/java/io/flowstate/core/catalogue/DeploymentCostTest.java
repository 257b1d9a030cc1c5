package io.flowstate.core.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Seeds;
import io.flowstate.core.catalogue.Deployment.Price;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An estimate may be too high by a hair, never too low: budgets are checked against it. */
class DeploymentCostTest {
    @Test
    void it_is_the_price_of_the_minutes_rounded_up() {
        assertThat(cost(Samples.price("0.06"), Duration.ofSeconds(90))).contains("0.09");
        assertThat(cost(Samples.price("0.01"), Duration.ofSeconds(1))).contains("0.00016667");
        assertThat(cost(Samples.price("0.01"), Duration.ofNanos(1))).contains("0.00000001");
    }

    @Test
    void whole_tens_are_written_out() {
        assertThat(priced(Samples.price("5"))
                        .costUsd(Optional.of(Duration.ofMinutes(2)))
                        .map(BigDecimal::toString))
                .contains("10");
    }

    @Test
    void a_free_deployment_costs_nothing_even_for_an_unknown_length() {
        assertThat(priced(Samples.FREE).costUsd(Optional.empty())).contains(BigDecimal.ZERO);
    }

    @Test
    void an_unknown_price_or_length_is_not_zero_but_unknown() {
        assertThat(priced(Samples.UNPRICED).costUsd(Optional.of(Duration.ofMinutes(1))))
                .isEmpty();
        assertThat(priced(Samples.price("0.01")).costUsd(Optional.empty())).isEmpty();
    }

    @Test
    void it_is_never_below_the_exact_price_and_hardly_above_it() {
        Seeds.upTo(2_000, random -> {
            BigDecimal perMinute = BigDecimal.valueOf(random.nextLong(1, 1_000_000), random.nextInt(9));
            long millis = random.nextLong(100_000_000);
            BigDecimal exactTimes60000 = perMinute.multiply(BigDecimal.valueOf(millis));

            BigDecimal cost = priced(new Price(Optional.of(perMinute), "", Samples.FREE.asOf()))
                    .costUsd(Optional.of(Duration.ofMillis(millis)))
                    .orElseThrow();

            BigDecimal over = cost.multiply(BigDecimal.valueOf(60_000)).subtract(exactTimes60000);
            assertThat(over).isNotNegative().isLessThan(new BigDecimal("0.0006"));
        });
    }

    private static Optional<String> cost(Price price, Duration audio) {
        return priced(price).costUsd(Optional.of(audio)).map(BigDecimal::toPlainString);
    }

    private static Deployment priced(Price price) {
        Deployment free = Samples.deployment("replicate");
        return new Deployment(free.provider(), free.model(), price, free.latency(), free.limits(), true);
    }
}
