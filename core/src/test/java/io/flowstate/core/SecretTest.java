package io.flowstate.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class SecretTest {
    @Test
    void a_secret_never_prints_its_value() {
        assertThat("%s %s".formatted(new Secret("open sesame"), Optional.of(new Secret("open sesame"))))
                .isEqualTo("••• Optional[•••]");
    }
}
