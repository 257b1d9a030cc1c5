package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Outputs.Description;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrackOutputsTest {
    @TempDir
    Path temp;

    @Test
    void a_name_shows_nothing_until_all_is_published() throws IOException {
        try (TrackOutputs outputs = outputs(temp.resolve("song"))) {
            write(outputs, "bass", "deep");
            assertThat(visible(temp.resolve("song"))).isEmpty();

            List<TrackOutputs.Written> written = outputs.publish();

            assertThat(written).extracting(TrackOutputs.Written::bytes).containsExactly(4L);
        }
        assertThat(temp.resolve("song/bass.wav")).hasContent("deep");
    }

    @Test
    void closing_without_publishing_leaves_neither_files_nor_folders() throws IOException {
        try (TrackOutputs outputs = outputs(temp.resolve("a/b/song"))) {
            write(outputs, "bass", "deep");
        }

        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void a_folder_that_was_there_stays() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("song"));

        try (TrackOutputs outputs = outputs(folder)) {
            write(outputs, "bass", "deep");
        }

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_folder_that_another_makes_between_the_look_and_the_making_is_used() throws IOException {
        // The way through "new" makes its own last part: nothing is there at the look, and a folder is when its turn
        // comes.
        try (TrackOutputs outputs = outputs(temp.resolve("new/.."))) {
            write(outputs, "bass", "deep");
            outputs.publish();
        }

        assertThat(temp.resolve("bass.wav")).hasContent("deep");
    }

    @Test
    void a_discarded_attempt_gives_way_to_the_next() throws IOException {
        try (TrackOutputs outputs = outputs(temp)) {
            write(outputs, "bass", "wrong");
            assertThat(outputs.discard()).isTrue();
            write(outputs, "bass", "right");
            outputs.publish();
        }

        assertThat(temp.resolve("bass.wav")).hasContent("right");
    }

    @Test
    void after_a_stop_nothing_can_be_opened_or_published() throws IOException {
        TrackOutputs outputs = outputs(temp);
        write(outputs, "bass", "deep");
        outputs.close();

        assertThatThrownBy(() -> write(outputs, "drums", "loud")).isInstanceOf(IOException.class);
        assertThatThrownBy(outputs::publish).isInstanceOf(FlowError.class);
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not() throws IOException {
        // The highest number a Linux process can have is 2^22, so nobody has this one.
        Path dead = Files.writeString(temp.resolve(".bass.wav.999999999.part"), "half");
        Path alive = Files.writeString(temp.resolve(".bass.wav.1.part"), "half");
        Path foreign = Files.writeString(temp.resolve(".drums.wav.999999999.part"), "half");

        try (TrackOutputs outputs = outputs(temp)) {
            write(outputs, "bass", "deep");
            outputs.publish();
        }

        assertThat(dead).doesNotExist();
        assertThat(alive).exists();
        assertThat(foreign).exists();
    }

    @Test
    void what_a_killed_process_of_our_own_number_left_does_not_stand_in_the_way() throws IOException {
        // In a container every run has the same number.
        Path left = Files.writeString(
                temp.resolve(
                        ".bass.wav.%d.part".formatted(ProcessHandle.current().pid())),
                "half");

        try (TrackOutputs outputs = outputs(temp)) {
            write(outputs, "bass", "deep");
            outputs.publish();
        }

        assertThat(left).doesNotExist();
        assertThat(temp.resolve("bass.wav")).hasContent("deep");
    }

    @Test
    void an_output_in_the_making_is_not_taken_for_a_leftover() throws IOException {
        try (TrackOutputs outputs = outputs(temp)) {
            write(outputs, "bass", "deep");

            assertThatThrownBy(() -> write(outputs, "bass", "again"))
                    .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
        }
    }

    @Test
    void a_name_that_only_looks_like_a_leftover_stays() throws IOException {
        Path foreign = Files.writeString(temp.resolve(".bass.wav.99999999999999999999.part"), "mine");

        try (TrackOutputs outputs = outputs(temp)) {
            write(outputs, "bass", "deep");
            outputs.publish();
        }

        assertThat(foreign).hasContent("mine");
    }

    @Test
    void a_full_disk_is_told_as_such_and_nothing_is_left_on_it() throws IOException, InterruptedException {
        Path disk = Files.createDirectory(temp.resolve("disk"));
        boolean mounted = exec("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk.toString());
        assumeThat(mounted).as("SKIPPED: a small disk cannot be mounted here").isTrue();
        try {
            try (TrackOutputs outputs = outputs(disk)) {
                assertThatThrownBy(() -> write(outputs, "bass", "deep".repeat(1 << 18)))
                        .isInstanceOf(IOException.class);
                assertThat(outputs.failure()).map(FlowError::code).contains(Code.DISK_FULL);
            }
            assertThat(disk).isEmptyDirectory();
        } finally {
            exec("umount", disk.toString());
        }
    }

    private static TrackOutputs outputs(Path folder) {
        return new TrackOutputs(output -> folder.resolve(output.name() + ".wav"));
    }

    private static void write(TrackOutputs outputs, String stem, String text) throws IOException {
        try (OutputStream stream = outputs.open(new Description(stem, AudioFormat.DEFAULT, OptionalLong.empty()))) {
            stream.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    private static List<Path> visible(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .toList();
        }
    }

    private static boolean exec(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }
}
