package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a form may hold, and what is said of one that is wrong. */
class FormsTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void a_form_without_a_file_says_which_field_is_missing() {
        HttpResponse<String> answer =
                server.post("/v1/stems", Forms.TYPE, Forms.with("stems", "bass").end());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"field\":\"file\"", "is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fil", "audio", "data"})
    void a_file_in_another_field_is_told_where_it_belongs(String field) {
        HttpResponse<String> answer = server.post(
                "/v1/stems",
                Forms.TYPE,
                Forms.with("stems", "bass")
                        .file(field, "song.mp3", "x".repeat(200_000))
                        .end());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains(
                        "\"field\":\"%s\"".formatted(field),
                        "A file came in the field \\\"%s\\\"".formatted(field),
                        "Did you mean `file`?",
                        "curl -F file=@song.mp3");
    }

    @ParameterizedTest
    @CsvSource({"fil, file", "stem, stems", "fromat, format"})
    void a_misspelt_field_is_told_the_one_that_is_probably_meant(String field, String meant) {
        HttpResponse<String> answer = server.post(
                "/v1/stems",
                Forms.TYPE,
                Forms.with(field, "x").file("file", "a.wav", "RIFF").end());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"field\":\"%s\"".formatted(field), "Did you mean `%s`?".formatted(meant));
    }

    @Test
    void a_file_s_name_in_the_place_of_the_file_is_told_of_the_missing_at() {
        HttpResponse<String> answer = server.post(
                "/v1/stems", Forms.TYPE, Forms.with("file", "my song.mp3").end());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("\"field\":\"file\"", "my song.mp3", "Did you forget the @?", "curl -F file=@song.mp3");
    }

    @Test
    void audio_without_a_file_name_is_taken() {
        HttpResponse<String> answer = server.post(
                "/v1/stems?stems=bass",
                Forms.TYPE,
                Forms.with("file", "RIFF\u0001\u0000 and so on").end());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void bent_forms_are_400() {
        Forms whole = Forms.with("stems", "bass").file("file", "a.wav", "RIFF");
        Forms many = Forms.with();
        for (int i = 0; i < 10_000; i++) {
            many.part("form-data; name=\"stems\"", "bass");
        }
        assertIs400("many parts", Forms.TYPE, many.end());
        assertIs400("no boundary", "multipart/form-data", whole.end());
        assertIs400("another boundary", "multipart/form-data; boundary=other", whole.end());
        assertIs400("no end", Forms.TYPE, whole.unended());
        assertIs400("no parts", Forms.TYPE, "--" + Forms.BOUNDARY + "--\r\n");
        assertIs400("nothing", Forms.TYPE, "");
        assertIs400("no name", Forms.TYPE, Forms.with().part("form-data", "x").end());
        assertIs400(
                "two files",
                Forms.TYPE,
                Forms.with().file("file", "a", "x").file("file", "b", "y").end());
        assertIs400(
                "a form in a form",
                Forms.TYPE,
                Forms.with().part("form-data; name=\"inner\"", whole.end()).end());
        assertIs400(
                "endless part head",
                Forms.TYPE,
                Forms.with().part("form-data; x=" + "y".repeat(100_000), "x").end());
        assertIs400(
                "endless option",
                Forms.TYPE,
                Forms.with("model", "y".repeat(100_000)).file("file", "a", "x").end());
        assertIs400(
                "unknown option",
                Forms.TYPE,
                Forms.with("colour", "red").file("file", "a", "x").end());
        assertThat(server.local.seen()).isEmpty();
    }

    private void assertIs400(String what, String mediaType, String form) {
        HttpResponse<String> answer = server.post("/v1/stems", mediaType, form);
        assertThat(answer.statusCode()).as("%s: %s", what, answer.body()).isEqualTo(400);
        assertThat(answer.body()).as(what).contains("\"code\":\"bad_request\"");
        TestServer.await("the spool is empty", server::spoolIsEmpty);
    }

    @Test
    void names_from_a_form_lead_nowhere() {
        HttpResponse<String> answer = server.post(
                "/v1/stems?stems=bass",
                Forms.TYPE,
                Forms.with()
                        .file("file", "../../etc/pass\"wd.wav", "RIFF\u0000")
                        .end());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Disposition").orElseThrow())
                .doesNotContain("..", "/");
    }

    /** Whatever is done to a form, the answer is a success or the caller's fault, and nothing stays behind. */
    @Test
    void five_hundred_mutations_of_a_form_do_no_harm() {
        SplittableRandom random = new SplittableRandom(20261122);
        String form = Forms.with("stems", "bass", "format", "flac", "seed", "7")
                .file("file", "song.wav", "RIFF" + "x".repeat(70_000))
                .part("form-data; name=\"priority\"", "background")
                .end();
        for (int i = 0; i < 500; i++) {
            String bent = mutate(form, random);
            HttpResponse<String> answer = server.post("/v1/stems", Forms.TYPE, bent);
            assertThat(answer.statusCode())
                    .as("mutation %d: %s", i, answer.body())
                    .isIn(200, 400, 422);
        }
        TestServer.await("the spool is empty", server::spoolIsEmpty);
    }

    private static String mutate(String form, SplittableRandom random) {
        StringBuilder bent = new StringBuilder(form);
        for (int n = 1 + random.nextInt(5); n > 0; n--) {
            // Most of the form is the file; what matters is around it.
            int at = random.nextBoolean() ? random.nextInt(400) : bent.length() - 1 - random.nextInt(200);
            switch (random.nextInt(5)) {
                case 0 -> bent.setCharAt(at, (char) random.nextInt(128));
                case 1 -> bent.deleteCharAt(at);
                case 2 -> bent.insert(at, (char) random.nextInt(128));
                case 3 -> bent.insert(at, "\r\n--" + Forms.BOUNDARY + "\r\n");
                default -> bent.setLength(Math.max(500, at));
            }
        }
        return bent.toString();
    }
}
