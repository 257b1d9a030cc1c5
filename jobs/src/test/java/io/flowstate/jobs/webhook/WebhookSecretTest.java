package io.flowstate.jobs.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSecretTest {
    @Test
    void each_new_one_is_another_and_can_be_read_back() {
        SecureRandom random = new SecureRandom();
        Set<String> made = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            WebhookSecret secret = WebhookSecret.generate(random);

            made.add(secret.text().value());
            assertThat(secret.key()).hasSize(32);
            assertThat(WebhookSecret.parse(secret.text().value())).isEqualTo(secret);
        }
        assertThat(made).hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(ints = {24, 25, 63, 64})
    void those_of_others_may_have_24_to_64_bytes(int bytes) {
        assertThat(WebhookSecret.parse(text(bytes)).key()).hasSize(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 23, 65, 100})
    void other_lengths_are_refused(int bytes) {
        assertRefused(text(bytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "whsec_",
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G",
                "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GA",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GAA",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GAB==",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw-_KQ9r8G",
                "whsec_MfKQ9r8GKYqrTwjUPD8I LPZIo2LaLaSwMfKQ9r8G",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G\n"
            })
    void what_receivers_would_decode_differently_is_refused(String text) {
        assertRefused(text);
    }

    @Test
    void it_prints_as_dots() {
        assertThat(WebhookSecret.parse(text(32))).asString().contains("•••").doesNotContain("whsec_");
    }

    private static void assertRefused(String text) {
        assertThatThrownBy(() -> WebhookSecret.parse(text)).isInstanceOfSatisfying(FlowError.class, refused -> {
            assertThat(refused.code()).isEqualTo(Code.BAD_REQUEST);
            assertThat(refused.field()).contains("webhook_secret");
            assertThat(refused.message()).doesNotContain("MfKQ9r8G");
        });
    }

    private static String text(int bytes) {
        return "whsec_" + Base64.getEncoder().encodeToString(new byte[bytes]);
    }
}
