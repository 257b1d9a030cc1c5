package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Packages that somebody made to do harm, or that were damaged on their way. */
class MaliciousArchiveTest {
    private static final byte[] EVIL = "evil".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private final Weights weights = Weights.of("lib/graph.onnx", 20_000).and("voices.bin", 3_000);

    enum Format {
        TARBALL,
        ZIP
    }

    @Test
    void names_that_climb_out_of_a_tarball_are_never_written() {
        byte[] tarball = Packages.tarball(tar -> {
            for (String name : List.of("../evil", "package/../../evil", "/evil", "package/../../../graph.onnx")) {
                Packages.file(tar, name, EVIL);
            }
            for (Map.Entry<String, byte[]> entry : weights.files().entrySet()) {
                Packages.file(tar, "package/" + entry.getKey(), entry.getValue());
            }
        });

        assertThat(unpack(Format.TARBALL, tarball)).isPresent();
        assertOnlyTheModelWasWritten();
    }

    @Test
    void names_that_climb_out_of_a_zip_are_never_written() {
        Map<String, byte[]> entries = new LinkedHashMap<>(weights.files());
        for (String name : List.of("../evil", "a/../../evil", "/evil")) {
            entries.put(name, EVIL);
        }

        assertThat(unpack(Format.ZIP, Packages.zip(entries))).isPresent();
        assertOnlyTheModelWasWritten();
    }

    @Test
    void links_in_place_of_a_file_are_refused() {
        for (byte type : new byte[] {Packages.SYMBOLIC, Packages.HARD}) {
            byte[] tarball = Packages.tarball(tar -> {
                Packages.link(tar, "package/voices.bin", type, "/etc/passwd");
                Packages.file(tar, "package/lib/graph.onnx", weights.content("lib/graph.onnx"));
            });

            FlowError error = catchThrowableOfType(FlowError.class, () -> unpack(Format.TARBALL, tarball));

            assertThat(error.code()).isEqualTo(Code.MODEL_CORRUPT);
            assertThat(error.message()).contains("not a plain file");
        }
    }

    @Test
    void a_link_that_a_later_entry_would_write_through_is_not_made() throws IOException {
        Path outside = Files.createDirectories(folder.resolve("outside"));
        byte[] tarball = Packages.tarball(tar -> {
            Packages.link(tar, "package/lib", Packages.SYMBOLIC, outside.toString());
            Packages.file(tar, "package/lib/graph.onnx", weights.content("lib/graph.onnx"));
            Packages.file(tar, "package/voices.bin", weights.content("voices.bin"));
        });

        assertThat(unpack(Format.TARBALL, tarball)).isPresent();
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void a_bomb_is_cut_at_the_size_of_the_catalogue() {
        byte[] bomb = Packages.tarball(tar -> Packages.file(tar, "package/lib/graph.onnx", new byte[50_000_000]));

        FlowError error = catchThrowableOfType(FlowError.class, () -> unpack(Format.TARBALL, bomb));

        assertThat(error.message()).contains("longer than the 20000 bytes");
        assertThat(Disk.bytesIn(folder.resolve("store"))).isLessThan(100_000);
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void three_hundred_damaged_packages_end_in_success_or_an_error_of_ours(Format format) {
        byte[] sound = format == Format.TARBALL ? Packages.npm(weights) : Packages.zip(weights.files());
        int refused = 0;
        for (int seed = 0; seed < 300; seed++) {
            byte[] damaged = Mutation.of(sound, seed);
            try {
                unpack(format, damaged);
            } catch (FlowError expected) {
                refused++;
                assertThat(expected.code()).isIn(Code.MODEL_CORRUPT, Code.MODEL_UNAVAILABLE);
            } catch (RuntimeException | Error leaked) {
                throw new AssertionError("%s, seed %d".formatted(format, seed), leaked);
            }
        }
        assertThat(refused).as("the mutations do damage").isGreaterThan(100);
    }

    /** Inside the compression the damage reaches the tar's own headers. */
    @Test
    void three_hundred_damaged_tars_in_sound_compression_end_in_success_or_an_error_of_ours() {
        byte[] sound = Packages.npm(weights);
        int refused = 0;
        for (int seed = 0; seed < 300; seed++) {
            byte[] damaged = Mutation.insideGzip(sound, seed);
            try {
                unpack(Format.TARBALL, damaged);
            } catch (FlowError expected) {
                refused++;
            } catch (RuntimeException | Error leaked) {
                throw new AssertionError("seed %d".formatted(seed), leaked);
            }
        }
        assertThat(refused).as("the mutations do damage").isGreaterThan(100);
    }

    private Optional<Path> unpack(Format format, byte[] archive) {
        Path origin = folder.resolve("origin");
        Path store = folder.resolve("store");
        Disk.deleteTree(store);
        Model model = weights.model("tiny", weights.source(Kind.FILE, origin.toString()));
        Path scratch = store.resolve("work/tiny/pull");
        try {
            Files.createDirectories(scratch);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Path file = folder.resolve(format == Format.TARBALL ? "a.tgz" : "a.jar");
        Packages.write(file, archive);
        Pull pull = new Pull(
                model,
                scratch,
                scratch.resolve("partial"),
                new Quarantine(store.resolve("quarantine")),
                new Meter(Progress.Phase.PULLING, Progress.Listener.NONE),
                new Cancellation());
        List<Wanted> wanted = Wanted.of(model, model.sources().getFirst());
        Map<Wanted, Path> unpacked = format == Format.TARBALL
                ? Archive.unpackTarball(file, wanted, pull)
                : Archive.unpackZip(file, wanted, pull);
        assertThat(unpacked).hasSize(2);
        unpacked.forEach((each, path) -> assertThat(path).hasBinaryContent(weights.content(each.path())));
        return unpacked.values().stream().findFirst();
    }

    private void assertOnlyTheModelWasWritten() {
        assertThat(TestStores.filesIn(folder).stream().filter(file -> !file.startsWith("a.")))
                .containsExactly("store/work/tiny/pull/graph.onnx", "store/work/tiny/pull/voices.bin");
    }

    /** One seeded kind of damage: flipped bits, a cut, a hole, or a piece that is there twice. */
    private static final class Mutation {
        private Mutation() {}

        static byte[] of(byte[] sound, int seed) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = sound.clone();
            int at = random.nextInt(bytes.length);
            return switch (seed % 4) {
                case 0 -> Arrays.copyOf(bytes, at);
                case 1 -> {
                    int end = Math.min(bytes.length, at + 1 + random.nextInt(1_000));
                    Arrays.fill(bytes, at, end, (byte) random.nextInt(256));
                    yield bytes;
                }
                case 2 -> {
                    int length = Math.min(bytes.length - at, 1 + random.nextInt(600));
                    System.arraycopy(bytes, at, bytes, random.nextInt(bytes.length - length), length);
                    yield bytes;
                }
                default -> {
                    for (int flips = 0; flips < 8; flips++) {
                        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                    yield bytes;
                }
            };
        }

        static byte[] insideGzip(byte[] sound, int seed) {
            try (var in = new GZIPInputStream(new ByteArrayInputStream(sound))) {
                byte[] tar = in.readAllBytes();
                byte[] damaged = of(tar, seed);
                if (seed % 3 == 0) {
                    // Most of a tar is content; every third damage goes into a header.
                    SplittableRandom random = new SplittableRandom(~seed);
                    damaged = tar.clone();
                    damaged[512 * 2 + random.nextInt(512)] = (byte) random.nextInt(256);
                    damaged[random.nextInt(512)] = (byte) random.nextInt(256);
                }
                var out = new ByteArrayOutputStream();
                try (var gzip = new GZIPOutputStream(out)) {
                    gzip.write(damaged);
                }
                return out.toByteArray();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
