package io.flowstate.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.TestAudio;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever ends a work early, nothing of it stays: each test ends with a look for children. The time limit is for a hang, not a measure. */
@Timeout(60)
class StoppingTest {
    private final FlowError gone = FlowError.of(Code.CANCELED, "The client left.");

    /** Of a file whose length is not known, so that none is expected. */
    private static final AudioFacts UNTOLD = new AudioFacts("flac", "flac", 44_100, 2, Optional.empty());

    @TempDir
    Path folder = Path.of("");

    @AfterEach
    void no_child_is_left() {
        assertThat(Workshop.children()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {44_100, 48_000})
    void a_cancellation_in_the_middle_of_reading_ends_it_with_its_reason(int rate) throws IOException {
        Cancellation cancellation = new Cancellation();
        AudioInput input = longFlac();
        AudioFacts facts = Workshop.files().probe(input, cancellation);
        float[][] buffer = new float[2][1000];

        try (ClipReader reader = Workshop.files().open(input, facts, new Layout(rate, 2), false, cancellation)) {
            reader.read(buffer, 0, 1000);
            assertThat(Workshop.children()).isPositive();
            cancellation.cancel(gone);

            assertThatThrownBy(() -> readOn(reader)).hasMessage(gone.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {44_100, 48_000})
    void closing_in_the_middle_leaves_no_program(int rate) throws IOException {
        AudioInput input = longFlac();
        AudioFacts facts = Workshop.files().probe(input, new Cancellation());
        ClipReader reader = Workshop.files().open(input, facts, new Layout(rate, 2), false, new Cancellation());
        reader.read(new float[2][1000], 0, 1000);

        reader.close();

        FlowError refused = catchThrowableOfType(FlowError.class, () -> readOn(reader));
        assertThat(refused.code()).isEqualTo(Code.CANCELED);
    }

    @Test
    void a_reader_that_waits_is_woken_by_another_threads_close() throws IOException {
        Path silent = program("exec sleep 1000");
        AudioFiles files = new AudioFiles(new FfmpegTools(silent, silent, Duration.ofHours(1), Duration.ofHours(1)));
        ClipReader reader = files.open(longFlac(), UNTOLD, new Layout(44_100, 2), false, new Cancellation());
        Companion waiting = Companion.start("reader", () -> reader.read(new float[2][10], 0, 10));

        reader.close();
        waiting.join();

        FlowError refused = catchThrowableOfType(FlowError.class, waiting::rethrow);
        assertThat(refused.code()).isEqualTo(Code.CANCELED);
    }

    @ParameterizedTest
    @EnumSource(Container.class)
    void a_cancellation_in_the_middle_of_writing_ends_it_with_its_reason(Container container) throws IOException {
        Cancellation cancellation = new Cancellation();
        try (ClipWriter writer = Workshop.files()
                .create(
                        OutputStream.nullOutputStream(),
                        Workshop.format(container),
                        new Layout(44_100, 2),
                        48_000,
                        1L << 40,
                        cancellation)) {
            writer.write(new float[2][1000], 0, 1000);
            cancellation.cancel(gone);

            assertThatThrownBy(() -> writeOn(writer)).hasMessage(gone.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(Container.class)
    void a_target_that_refuses_stops_the_writing(Container container) throws IOException {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("no space left");
            }
        };
        for (int rate : new int[] {44_100, 48_000}) {
            try (ClipWriter writer = Workshop.files()
                    .create(
                            full,
                            Workshop.format(container),
                            new Layout(44_100, 2),
                            rate,
                            1L << 40,
                            new Cancellation())) {
                assertThatThrownBy(() -> writeOn(writer))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("no space left");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Container.class)
    void a_writer_that_is_given_up_leaves_no_program_and_the_target_open(Container container) throws IOException {
        CountDownLatch closed = new CountDownLatch(1);
        OutputStream target = new OutputStream() {
            @Override
            public void write(int b) {}

            @Override
            public void close() {
                closed.countDown();
            }
        };
        ClipWriter writer = Workshop.files()
                .create(target, Workshop.format(container), new Layout(44_100, 2), 48_000, 1000, new Cancellation());
        writer.write(new float[2][100], 0, 100);

        writer.close();

        assertThat(closed.getCount()).isEqualTo(1);
    }

    @Test
    void a_decoder_that_stands_still_is_stopped() throws IOException {
        FlowError refused = decodeWith(program("exec sleep 1000"), Duration.ofMillis(300), Duration.ofHours(1));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_UNREADABLE);
        assertThat(refused.message()).contains("nothing came for");
    }

    @Test
    void a_decoder_that_computes_for_ever_is_stopped() throws IOException {
        FlowError refused = decodeWith(program("while :; do :; done"), Duration.ofHours(1), Duration.ofMillis(300));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_UNREADABLE);
        assertThat(refused.message()).contains("processor time");
    }

    @Test
    void an_encoder_that_stands_still_is_stopped_and_is_not_the_caller_s_fault() throws IOException {
        Path stuck = program("exec sleep 1000");
        FfmpegTools tools = new FfmpegTools(stuck, stuck, Duration.ofMillis(300), Duration.ofHours(1));
        try (ClipWriter writer = new AudioFiles(tools)
                .create(
                        OutputStream.nullOutputStream(),
                        Workshop.format(Container.MP3),
                        new Layout(44_100, 2),
                        44_100,
                        1L << 40,
                        new Cancellation())) {
            FlowError refused = catchThrowableOfType(FlowError.class, () -> writeOn(writer));

            assertThat(refused.code()).isEqualTo(Code.INTERNAL_ERROR);
            assertThat(refused.message()).startsWith("ffmpeg was stopped: nothing came for");
        }
    }

    @Test
    void a_program_may_not_take_the_machine_s_memory_or_compute_for_ever_when_nobody_watches() throws IOException {
        assumeThat(System.getProperty("os.name"))
                .as("SKIPPED: only Linux limits the address space")
                .isEqualTo("Linux");
        Path tell = program("ulimit -v >&2; ulimit -t >&2; exit 3");
        FfmpegTools tools = new FfmpegTools(tell, tell, Duration.ofHours(1), Duration.ofSeconds(40));
        try (Child child = Child.reading(tools, tell, List.of(), tell, new Cancellation())) {
            assertThat(child.awaitExit()).isEqualTo(3);
            assertThat(child.complaint()).isEqualTo("2097152");
        }
        Path burn = program("ulimit -t >&2; exit 3");
        try (Child child = Child.reading(tools, burn, List.of(), burn, new Cancellation())) {
            assertThat(child.awaitExit()).isEqualTo(3);
            assertThat(child.complaint()).isEqualTo("42");
        }
    }

    @Test
    void programs_end_when_the_process_that_they_work_for_is_killed() throws Exception {
        Process doomed = WorkingProcess.start(longFlac().file());
        List<ProcessHandle> programs;
        try (BufferedReader out = doomed.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("working");
            programs = doomed.children().toList();
        } finally {
            doomed.destroyForcibly().waitFor();
        }

        assertThat(programs).as("a decoder, a rate change and an encoder").hasSize(3);
        assertThat(programs).allSatisfy(program -> program.onExit().get());
    }

    @Test
    void a_decoder_whose_caller_is_slow_is_left_alone() throws Exception {
        // Fills the pipe and waits for its reader, who takes longer than a decoder would be allowed to.
        Path quick = program("exec head -c 1000000 /dev/zero");
        FfmpegTools tools = new FfmpegTools(quick, quick, Duration.ofMillis(300), Duration.ofHours(1));
        try (ClipReader reader =
                new AudioFiles(tools).open(longFlac(), UNTOLD, new Layout(44_100, 2), false, new Cancellation())) {
            reader.read(new float[2][100], 0, 100);
            assertThat(new ProcessBuilder("sleep", "0.8").start().waitFor()).isZero();

            assertThat(Workshop.readAll(reader)[0].length).isEqualTo(124_900);
        }
    }

    @Test
    void a_missing_program_is_named_with_advice() {
        Path nowhere = folder.resolve("nowhere");
        FlowError refused = catchThrowableOfType(
                FlowError.class, () -> new AudioFiles(FfmpegTools.in(nowhere)).probe(longFlac(), new Cancellation()));

        assertThat(refused.code()).isEqualTo(Code.TOOL_MISSING);
        assertThat(refused.message()).doesNotContain(folder.toString());
        assertThat(refused.advice()).isPresent();
    }

    @Test
    void a_program_that_lacks_a_library_is_a_matter_of_setup() throws IOException {
        Path broken = program("echo 'ffprobe: error while loading shared libraries: libx.so' >&2; exit 127");
        FfmpegTools tools = new FfmpegTools(broken, broken, Duration.ofHours(1), Duration.ofHours(1));

        FlowError refused = catchThrowableOfType(
                FlowError.class, () -> new AudioFiles(tools).probe(longFlac(), new Cancellation()));

        assertThat(refused.code()).isEqualTo(Code.TOOL_MISSING);
        assertThat(refused.message()).contains("libx.so");
    }

    @Test
    void a_program_sees_nothing_of_the_environment() throws IOException {
        Path tell = program("env >&2; exit 3");
        try (Child child = Child.reading(
                new FfmpegTools(tell, tell, Duration.ofHours(1), Duration.ofHours(1)),
                tell,
                List.of(),
                tell,
                new Cancellation())) {
            assertThat(child.awaitExit()).isEqualTo(3);
            assertThat(child.complaint()).doesNotContain("HOME").doesNotContain("JAVA");
        }
    }

    private FlowError decodeWith(Path program, Duration wall, Duration cpu) {
        AudioFiles files = new AudioFiles(new FfmpegTools(program, program, wall, cpu));
        return catchThrowableOfType(FlowError.class, () -> {
            try (ClipReader reader = files.open(longFlac(), UNTOLD, new Layout(44_100, 2), false, new Cancellation())) {
                readOn(reader);
            }
        });
    }

    private static void readOn(ClipReader reader) {
        float[][] buffer = new float[2][1000];
        while (reader.read(buffer, 0, 1000) >= 0) {}
    }

    private static void writeOn(ClipWriter writer) throws IOException {
        float[][] noise = TestAudio.noise(2, 10_000, 1);
        for (int i = 0; i < 10_000; i++) {
            writer.write(noise, 0, 10_000);
        }
    }

    private AudioInput longFlac() {
        Path file = folder.resolve("long.flac");
        return Files.exists(file)
                ? new AudioInput("long.flac", file)
                : new Workshop(folder)
                        .input(
                                "long.flac",
                                Workshop.encode(new float[2][60 * 44_100], 44_100, Workshop.format(Container.FLAC)));
    }

    private Path program(String shell) throws IOException {
        Path script = Files.createTempFile(
                folder,
                "program",
                ".sh",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return Files.writeString(script, "#!/bin/sh\nPATH=/bin:/usr/bin\n" + shell + "\n");
    }
}
