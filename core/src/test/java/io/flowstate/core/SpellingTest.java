package io.flowstate.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
    @ParameterizedTest
    @CsvSource({"port,port,0", "prot,port,1", "por,port,1", "ports,port,1", "part,port,1", "'',port,4", "nmp,npm,1"})
    void the_distance_of_words_counts_typing_mistakes(String typed, String meant, int mistakes) {
        assertThat(Spelling.distance(typed, meant)).isEqualTo(mistakes);
        assertThat(Spelling.distance(meant, typed)).isEqualTo(mistakes);
    }
}
