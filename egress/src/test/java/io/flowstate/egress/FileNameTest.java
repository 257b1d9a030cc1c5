package io.flowstate.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileNameTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "attachment; filename=song.wav | song.wav",
                "attachment; filename=\"a b; c.wav\" | a b; c.wav",
                "attachment; filename=x.wav; filename*=UTF-8''gr%C3%BC%C3%9Fe+1.wav | grüße+1.wav",
                "attachment; filename=x.wav; filename*=UTF-8''%zz | x.wav",
                "attachment; filename=x.wav; filename*=latin1'de'%FC.wav | x.wav",
                "attachment; filename=\"../../etc/passwd\" | passwd",
                "attachment; filename=\"C:\\\\music\\\\song.wav\" | song.wav",
                "attachment; filename*=UTF-8''..%2F..%2Fx.wav | x.wav",
                "attachment; filename*=UTF-8''a%00b%0Ac%E2%80%AEvaw.wav | abcvaw.wav",
                "attachment; filename=\".htaccess\" | htaccess",
                "attachment; filename=\"...\" | path.mp3",
                "attachment; filename=\"a/\" | path.mp3",
                "attachment | path.mp3",
                "; | path.mp3",
                "inline; FILENAME=upper.wav | upper.wav"
            })
    void a_header_names_the_file(String header, String name) {
        assertThat(FileName.of(Optional.of(header), "/a/path.mp3?name=x/y.wav")).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "/a/b.wav, b.wav",
        "/a/b%20c.wav?x=/y.mp3, b c.wav",
        "/a/..%2F..%2Fb.wav, b.wav",
        "/a/%ff.wav, \uFFFD.wav",
        "/a/%zz.wav, download",
        "/a/, download",
        "/, download"
    })
    void else_the_address_does(String path, String name) {
        assertThat(FileName.of(Optional.empty(), path)).isEqualTo(name);
    }

    @Test
    void a_long_name_is_cut_before_its_extension() {
        String name = FileName.of(Optional.empty(), "/" + "%F0%9F%8E%B5".repeat(200) + ".flac");

        assertThat(name).endsWith("🎵.flac").hasSizeLessThanOrEqualTo(150);
    }
}
