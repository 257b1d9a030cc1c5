package io.flowstate.jobs.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignerTest {
    private static final WebhookSecret SECRET = WebhookSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    private static final WebhookSecret OLD = WebhookSecret.parse("whsec_" + "A".repeat(32));

    /** The example that the specification's libraries carry in their own tests. */
    @Test
    void a_signature_is_that_of_the_specification_s_example() {
        assertThat(new Signer(List.of(SECRET))
                        .headers(
                                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                Instant.ofEpochSecond(1_614_265_330, 999_999_999),
                                "{\"test\": 2432232314}"))
                .containsOnlyKeys("webhook-id", "webhook-timestamp", "webhook-signature")
                .containsEntry("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
                .containsEntry("webhook-timestamp", "1614265330")
                .containsEntry("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void while_a_secret_is_replaced_there_is_a_signature_by_each() {
        Instant now = Instant.ofEpochSecond(1_700_000_000);
        String byNew = new Signer(List.of(SECRET)).headers("m1", now, "{}").get("webhook-signature");
        String byOld = new Signer(List.of(OLD)).headers("m1", now, "{}").get("webhook-signature");

        assertThat(new Signer(List.of(SECRET, OLD)).headers("m1", now, "{}"))
                .containsEntry("webhook-signature", byNew + " " + byOld);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "m.1"})
    void an_id_that_blurs_what_is_signed_is_a_mistake(String id) {
        Signer signer = new Signer(List.of(SECRET));

        assertThatThrownBy(() -> signer.headers(id, Instant.EPOCH, "{}")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothing_goes_out_unsigned() {
        assertThatThrownBy(() -> new Signer(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
