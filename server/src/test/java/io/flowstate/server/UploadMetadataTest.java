package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadMetadataTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "filename R3LDvMOfZS53YXY=",
                "draft,name R3LDvMOfZS53YXY=",
                "name eA==, filename R3LDvMOfZS53YXY="
            })
    void the_music_is_called_as_its_sender_calls_the_file(String header) {
        assertThat(UploadMetadata.parse(header).name()).contains("Grüße.wav");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "draft", "filename", "filename IA=="})
    void without_a_name_it_has_none(String header) {
        assertThat(UploadMetadata.parse(header).name()).isEmpty();
    }

    @Test
    void what_came_is_given_back_as_it_came() {
        assertThat(UploadMetadata.parse(" filename eA==,draft ").text()).isEqualTo("filename eA==,draft");
    }
}
