package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumeTest {
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    @TempDir
    Path root;

    @Test
    void a_pull_that_is_stopped_while_it_hashes_what_it_has_keeps_no_file_open() throws IOException {
        assumeThat(OPEN_FILES)
                .as("SKIPPED: this system does not list open files")
                .isDirectory();
        Weights weights = Weights.of("graph.onnx", 100_000);
        Model model = weights.model("tiny");
        Path kept = Files.write(root.resolve("graph.onnx"), new byte[50_000]);
        Cancellation cancellation = new Cancellation();
        cancellation.cancel(FlowError.of(Code.CANCELED, "enough"));
        Pull pull = new Pull(
                model,
                root,
                root,
                new Quarantine(root.resolve("quarantine")),
                new Meter(Progress.Phase.PULLING, Progress.Listener.NONE),
                cancellation);

        assertThatThrownBy(() -> VerifiedFile.resume(
                        kept, model.files().values().iterator().next(), pull))
                .hasMessage("enough");

        assertThat(open()).doesNotContain(kept.toRealPath());
        assertThat(kept).hasSize(50_000);
    }

    private static List<Path> open() throws IOException {
        try (Stream<Path> links = Files.list(OPEN_FILES)) {
            return links.filter(Files::exists).map(ResumeTest::target).toList();
        }
    }

    /** The listing's own entry is gone once it is closed. */
    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException closed) {
            return link;
        }
    }
}
