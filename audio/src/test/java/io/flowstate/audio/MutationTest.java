package io.flowstate.audio;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.TestAudio;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files of the containers end in samples or in an error that tells the caller so. */
class MutationTest {
    private static final int MUTATIONS = 500;
    private static final int RATE = 22_050;
    private static final Set<String> OGG = Set.of("opus", "ogg");

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource(Container.class)
    void no_damage_ends_in_anything_but_samples_or_a_fault_of_the_caller(Container container) {
        byte[] good = Workshop.encode(TestAudio.tune(2, RATE, RATE / 5, 1), RATE, Workshop.format(container));

        long decoded = IntStream.range(0, MUTATIONS)
                .parallel()
                .filter(seed -> survives(container.id(), damaged(container.id(), good, seed), seed))
                .count();

        // Neither all nor none: the mutations reach past the front door, and they do harm.
        assertThat(decoded).isBetween(20L, MUTATIONS - 20L);
        assertThat(Workshop.children()).isZero();
    }

    /** What is read and not written, where ffmpeg can make a sample. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "aiff",
                "caf",
                "w64",
                "wv",
                "tta",
                "matroska",
                "asf",
                "voc",
                "adts",
                "ac3",
                "eac3",
                "au",
                "mp2",
                "amr",
                "ogg"
            })
    void nor_does_damage_to_what_is_only_read(String container) throws IOException {
        byte[] good = foreign(container);

        long decoded = IntStream.range(0, MUTATIONS)
                .parallel()
                .filter(seed -> survives(container, damaged(container, good, seed), seed))
                .count();

        assertThat(decoded).isBetween(20L, MUTATIONS - 10L);
        assertThat(Workshop.children()).isZero();
    }

    private byte[] foreign(String container) throws IOException {
        byte[] wav = Workshop.encode(TestAudio.tune(2, RATE, RATE / 5, 1), RATE, Workshop.format(Container.WAV));
        Path source = new Workshop(folder).input("source.wav", wav).file();
        Path target = folder.resolve("good." + container);
        FfmpegTools tools = Workshop.tools();
        List<String> options = new ArrayList<>(List.of("-v", "error", "-i", "fd:"));
        switch (container) {
            case "amr" -> options.addAll(List.of("-ar", "8000", "-ac", "1"));
            case "ogg" -> options.addAll(List.of("-c:a", "vorbis", "-strict", "experimental"));
            default -> {}
        }
        options.addAll(List.of("-f", container, target.toString()));
        try (Child child = Child.reading(tools, tools.ffmpeg(), options, source, new Cancellation())) {
            assertThat(child.awaitExit()).as(child.complaint()).isZero();
        }
        return Files.readAllBytes(target);
    }

    /** Whether samples came. */
    private boolean survives(String container, byte[] file, int seed) {
        AudioInput input = new Workshop(folder).input(seed + "." + container, file);
        try {
            float[][] planar =
                    Workshop.decode(input, new Layout(RATE, 2), seed % 2 == 0).planar();
            assertThat(planar[0].length).as("%s, seed %d", container, seed).isPositive();
            return true;
        } catch (FlowError refused) {
            assertThat(refused.code().kind())
                    .as("%s, seed %d: %s", container, seed, refused)
                    .isEqualTo(Code.Kind.CALLER);
            assertThat(refused.message()).doesNotContain(folder.toString());
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError("%s, seed %d".formatted(container, seed), e);
        }
    }

    /** Ogg pages that fail their checksum are skipped; to get behind that, most are given a right one. */
    private static byte[] damaged(String container, byte[] good, int seed) {
        byte[] file = mutated(good, seed);
        if (OGG.contains(container) && seed % 4 != 0) {
            for (int page = 0; page + 27 < file.length; page = oggPageEnd(file, page)) {
                checksum(file, page, oggPageEnd(file, page));
            }
        }
        return file;
    }

    private static int oggPageEnd(byte[] file, int page) {
        int segments = file[page + 26] & 0xFF;
        int end = page + 27 + segments;
        for (int i = 0; i < segments && page + 27 + i < file.length; i++) {
            end += file[page + 27 + i] & 0xFF;
        }
        return Math.min(end, file.length);
    }

    private static void checksum(byte[] file, int page, int end) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(page + 22, 0);
        int crc = 0;
        for (int i = page; i < end; i++) {
            crc ^= file[i] << 24;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc < 0 ? crc << 1 ^ 0x04C1_1DB7 : crc << 1;
            }
        }
        bytes.putInt(page + 22, crc);
    }

    /** One to six injuries, half of them in the first half kilobyte, where the headers are. */
    private static byte[] mutated(byte[] good, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] file = good.clone();
        int injuries = 1 + random.nextInt(6);
        for (int i = 0; i < injuries; i++) {
            int reach = random.nextBoolean() ? file.length : Math.min(512, file.length);
            int at = random.nextInt(reach);
            switch (random.nextInt(6)) {
                case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> file[at] = (byte) random.nextInt();
                case 2 -> file[at] = (byte) (random.nextBoolean() ? 0xFF : 0);
                case 3 ->
                    Arrays.fill(file, at, Math.min(file.length, at + 4), (byte) (random.nextBoolean() ? 0xFF : 0x7F));
                case 4 ->
                    System.arraycopy(
                            file, at, file, random.nextInt(reach), Math.min(16, file.length - Math.max(at, reach)));
                default -> file = random.nextInt(8) == 0 ? Arrays.copyOf(file, Math.max(1, at)) : file;
            }
        }
        return file;
    }
}
