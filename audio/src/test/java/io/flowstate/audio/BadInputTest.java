package io.flowstate.audio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.TestAudio;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadInputTest {
    private static final Layout WANTED = new Layout(44_100, 2);

    @TempDir
    Path folder = Path.of("");

    private Workshop workshop = new Workshop(folder);

    @BeforeEach
    void useFolder() {
        workshop = new Workshop(folder);
    }

    @Test
    void an_empty_file_is_empty() {
        assertThat(refusal("empty.mp3", new byte[0]).code()).isEqualTo(Code.AUDIO_EMPTY);
    }

    @Test
    void text_that_is_named_mp3_is_not_audio() {
        FlowError refused = refusal(
                "poem.mp3", "Roses are red, violets are blue.\n".repeat(100).getBytes(UTF_8));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_UNREADABLE);
        assertThat(refused.advice()).isPresent();
    }

    @Test
    void a_file_that_is_not_there_is_unreadable() {
        AudioInput missing = new AudioInput("gone.wav", folder.resolve("gone.wav"));

        FlowError refused =
                catchThrowableOfType(FlowError.class, () -> Workshop.files().probe(missing, new Cancellation()));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_UNREADABLE);
        assertThat(refused.message()).doesNotContain(folder.toString());
    }

    @Test
    void a_flac_file_without_samples_is_empty() {
        byte[] file = Workshop.encode(new float[2][0], 44_100, Workshop.format(Container.FLAC));

        assertThat(refusal("none.flac", file).code()).isEqualTo(Code.AUDIO_EMPTY);
    }

    @Test
    void a_flac_file_that_ends_early_is_truncated_unless_allowed() {
        byte[] whole = Workshop.encode(TestAudio.noise(2, 10 * 44_100, 1), 44_100, Workshop.format(Container.FLAC));
        byte[] cut = Arrays.copyOf(whole, whole.length / 3);

        FlowError refused = refusal("cut.flac", cut);

        assertThat(refused.code()).isEqualTo(Code.AUDIO_TRUNCATED);
        assertThat(refused.message()).matches("The FLAC stream ends after 3\\.\\d\\d s of 10\\.00 s\\.");
        assertThat(refused.advice())
                .hasValueSatisfying(advice -> assertThat(advice).contains("allow_truncated=true"));
        assertThat(Workshop.decode(workshop.input("cut.flac", cut), WANTED, true)
                        .frames())
                .isBetween(3 * 44_100, 4 * 44_100);
    }

    @ParameterizedTest
    @EnumSource(
            value = Container.class,
            names = {"WAV", "FLAC"})
    void a_file_that_ends_early_and_is_used_says_how_much_is_missing(Container container) {
        byte[] whole = Workshop.encode(TestAudio.noise(2, 3 * 48_000, 1), 48_000, Workshop.format(container));
        AudioInput cut = workshop.input("cut", Arrays.copyOf(whole, whole.length / 2));

        Workshop.Decoded read = Workshop.decode(cut, WANTED, true);

        assertThat(read.missing())
                .contains(Duration.ofNanos(Math.round(1e9 * (3 * 48_000 - read.sourceFrames()) / 48_000)));
        assertThat(Workshop.decode(workshop.input("whole", whole), WANTED, true).missing())
                .isEmpty();
    }

    @Test
    void the_truncation_is_seen_behind_a_change_of_rate_as_well() {
        byte[] whole = Workshop.encode(TestAudio.noise(1, 96_000, 1), 48_000, Workshop.format(Container.FLAC));

        FlowError refused = refusal("cut.flac", Arrays.copyOf(whole, whole.length / 2));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_TRUNCATED);
    }

    @ParameterizedTest
    @EnumSource(
            value = Container.class,
            names = {"MP3", "OPUS"})
    void formats_that_guess_their_length_are_used_as_far_as_they_go(Container container) {
        byte[] whole = Workshop.encode(TestAudio.tune(2, 48_000, 5 * 48_000, 1), 48_000, Workshop.format(container));
        AudioInput input = workshop.input("cut." + container.id(), Arrays.copyOf(whole, whole.length / 2));

        Workshop.Decoded read = Workshop.decode(input, WANTED, false);
        assertThat(read.frames()).isBetween(44_100, 4 * 44_100);
        assertThat(read.missing()).isEmpty();
    }

    @Test
    void damage_in_the_middle_costs_only_what_is_damaged() {
        byte[] file = Workshop.encode(TestAudio.tune(2, 44_100, 5 * 44_100, 1), 44_100, Workshop.format(Container.MP3));
        Arrays.fill(file, file.length / 2, file.length / 2 + 5000, (byte) 0);

        int frames = Workshop.decode(workshop.input("scratched.mp3", file), WANTED, false)
                .frames();

        assertThat(frames).isBetween(4 * 44_100, 5 * 44_100 + 1152);
    }

    @Test
    void a_file_that_unpacks_to_more_than_the_limit_is_stopped_there() {
        byte[] silence = Workshop.encode(new float[1][600 * 8000], 8000, Workshop.format(Container.FLAC));
        assertThat(silence.length).isLessThan(600 * 8000 / 40);
        AudioFiles careful = new AudioFiles(Workshop.tools(), Duration.ofSeconds(100));
        AudioInput input = workshop.input("bomb.flac", silence);

        FlowError refused = catchThrowableOfType(FlowError.class, () -> Workshop.decode(careful, input, WANTED, true));

        assertThat(refused.code()).isEqualTo(Code.TOO_LARGE);
        assertThat(Workshop.children()).isZero();
    }

    @Test
    void six_channels_at_192_kilohertz_come_in_as_wanted() {
        float[][] six = TestAudio.sines(6, 192_000, 19_200, 500);

        Workshop.Decoded read = Workshop.decode(workshop.input("six.wav", TestAudio.wav(six, 192_000)), WANTED, false);

        assertThat(read.frames()).isEqualTo(4410);
        assertThat(read.planar()).hasDimensions(2, 4410);
        assertThat(read.sourceFrames()).isEqualTo(19_200);
    }

    @Test
    void a_wav_file_with_compressed_samples_is_left_to_ffmpeg() {
        float[][] tune = TestAudio.tune(1, 8000, 8000, 1);
        AudioInput plain = workshop.input("plain.wav", TestAudio.wav(tune, 8000));

        Workshop.Decoded read = Workshop.decode(converted(plain, "mulaw.wav", "-c:a", "pcm_mulaw"));

        assertThat(read.facts().codec()).isEqualTo("pcm_mulaw");
        // Mu-law has about 38 dB.
        assertThat(Workshop.snr(tune, read.planar())).isGreaterThan(30);
    }

    @Test
    void an_m4a_file_with_its_index_at_the_end_is_read() {
        AudioInput plain = workshop.input("plain.wav", TestAudio.wav(TestAudio.tune(2, 44_100, 44_100, 1), 44_100));

        Workshop.Decoded read = Workshop.decode(converted(plain, "late.m4a", "-c:a", "aac", "-b:a", "128k"));

        assertThat(read.frames()).isBetween(44_100, 44_100 + 1023);
    }

    @Test
    void an_m4a_file_that_ends_early_is_truncated_or_without_its_index_unreadable() throws IOException {
        AudioInput plain = workshop.input("plain.wav", TestAudio.wav(TestAudio.tune(2, 44_100, 5 * 44_100, 1), 44_100));
        byte[] late =
                Files.readAllBytes(converted(plain, "late.m4a", "-c:a", "aac").file());
        byte[] early = Files.readAllBytes(converted(plain, "early.m4a", "-c:a", "aac", "-movflags", "+faststart")
                .file());

        assertThat(refusal("late-cut.m4a", Arrays.copyOf(late, late.length / 2)).code())
                .isEqualTo(Code.AUDIO_UNREADABLE);
        assertThat(refusal("early-cut.m4a", Arrays.copyOf(early, early.length / 2))
                        .code())
                .isEqualTo(Code.AUDIO_TRUNCATED);
    }

    @Test
    void a_film_without_sound_has_no_audio_stream() {
        AudioInput pixels = workshop.input("pixels", new byte[16 * 16 * 25]);
        Path film = folder.resolve("film.mkv");
        List<String> options = List.of(
                "-v",
                "error",
                "-f",
                "rawvideo",
                "-pix_fmt",
                "gray",
                "-s",
                "16x16",
                "-i",
                "fd:",
                "-c:v",
                "mpeg4",
                film.toString());
        convert(pixels, options);

        FlowError refused = catchThrowableOfType(
                FlowError.class, () -> Workshop.files().probe(new AudioInput("film.mkv", film), new Cancellation()));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_UNREADABLE);
        assertThat(refused.message()).contains("no audio stream");
    }

    @Test
    void six_channels_that_ffmpeg_decodes_are_mixed_like_those_read_here() {
        AudioInput six = workshop.input(
                "six.wav",
                TestAudio.wav(TestAudio.noise(6, 4410, 1), 44_100, 16)
                        .extensible(0x3F)
                        .bytes());

        float[][] decoded =
                Workshop.decode(converted(six, "six.flac"), WANTED, false).planar();

        // The sums are formed in the same order.
        assertThat(decoded).isDeepEqualTo(Workshop.decode(six, WANTED, false).planar());
    }

    private AudioInput converted(AudioInput from, String name, String... how) {
        Path to = folder.resolve(name);
        List<String> options = new ArrayList<>(List.of("-v", "error", "-i", "fd:"));
        options.addAll(List.of(how));
        options.add(to.toString());
        convert(from, options);
        return new AudioInput(name, to);
    }

    private static void convert(AudioInput from, List<String> options) {
        FfmpegTools tools = Workshop.tools();
        try (Child ffmpeg = Child.reading(tools, tools.ffmpeg(), options, from.file(), new Cancellation())) {
            assertThat(ffmpeg.awaitExit()).as(ffmpeg.complaint()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"concat", "playlist", "hls", "sdp", "dash", "subtitles", "xspf", "lavfi"})
    void a_script_that_poses_as_audio_reads_no_file_and_no_network(String kind) throws IOException {
        AudioInput canary =
                workshop.input("canary.wav", TestAudio.wav(TestAudio.sines(2, 44_100, 44_100, 440), 44_100));
        AtomicInteger visits = new AtomicInteger();
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Companion guard = Companion.start("canary-server", () -> {
            while (true) {
                server.accept().close();
                visits.incrementAndGet();
            }
        });
        for (String target : new String[] {
            canary.file().toString(),
            "file:" + canary.file(),
            "canary.wav",
            "http://127.0.0.1:" + server.getLocalPort() + "/canary.wav"
        }) {
            FlowError refused = refusal("song.mp3", script(kind, target).getBytes(UTF_8));

            assertThat(refused.code()).isEqualTo(Code.AUDIO_UNREADABLE);
            assertThat(refused.message()).doesNotContain(folder.toString());
        }
        server.close();
        guard.join();
        assertThat(visits).hasValue(0);
    }

    private static String script(String kind, String target) {
        return switch (kind) {
            case "concat" -> "ffconcat version 1.0\nfile '" + target + "'\nduration 1\n";
            case "playlist" -> "#EXTM3U\n#EXTINF:1,song\n" + target + "\n";
            case "hls" ->
                "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\n" + target
                        + "\n#EXT-X-ENDLIST\n";
            case "sdp" ->
                "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\na=control:"
                        + target + "\n";
            case "dash" ->
                "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" mediaPresentationDuration=\"PT1S\"><Period><AdaptationSet mimeType=\"audio/mp4\"><Representation id=\"1\" bandwidth=\"1\"><BaseURL>"
                        + target + "</BaseURL></Representation></AdaptationSet></Period></MPD>\n";
            case "subtitles" -> "1\n00:00:00,000 --> 00:00:01,000\n" + target + "\n";
            case "xspf" ->
                "<?xml version=\"1.0\"?><playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\"><trackList><track><location>"
                        + target + "</location></track></trackList></playlist>";
            case "lavfi" -> "amovie=" + target;
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private FlowError refusal(String name, byte[] bytes) {
        FlowError refused = catchThrowableOfType(
                FlowError.class, () -> Workshop.decode(workshop.input(name, bytes), WANTED, false));
        assertThat(Workshop.children()).isZero();
        return refused;
    }
}
