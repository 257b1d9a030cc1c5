package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The folder of derived files on a small disk of its own, where the system lets us have one. */
class RewritingOnFullDiskTest {
    @TempDir
    private Path folder;

    private TinyModel model;
    private Path disk;
    private boolean mounted;

    @BeforeEach
    void aSmallDisk() throws Exception {
        // A mebibyte of weights.
        model = TinyModel.in(folder, TinyModel.scaled(256, 1024));
        disk = Files.createDirectories(folder.resolve("store/derived"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()) == 0;
        assumeTrue(mounted, "SKIPPED: this user may not mount a small tmpfs, so the full disk is not tested");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            run("umount", disk.toString());
        }
    }

    /** @param step of the attempt at which another program leaves so little room */
    @ParameterizedTest(name = "from step {0} on {1} KiB are left")
    @CsvSource({"0, 0", "0, 256", "1, 0", "1, 256", "3, 0"})
    void a_disk_that_is_full_leaves_the_original_working_and_nothing_half(int step, int kibibytes) throws IOException {
        RewrittenGraphs graphs = model.by(new FoldedScale());

        Path loaded = graphs.graph(model.installed(), TinyModel.ROLE, filling(step, kibibytes), new Cancellation());

        assertThat(loaded).isEqualTo(model.original());
        assertThat(model.kept()).isEmpty();

        Files.delete(filler());
        FlowError told = catchThrowableOfType(
                FlowError.class,
                () -> graphs.optimize(model.installed(), TinyModel.ROLE, filling(step, kibibytes), new Cancellation()));
        assertThat(told.code()).isEqualTo(Code.DISK_FULL);
        assertThat(model.kept()).isEmpty();

        Files.delete(filler());
        assertThat(model.load(graphs)).hasParent(model.derived());
    }

    @Test
    void a_disk_that_is_read_only_leaves_the_original_working_and_says_why() throws Exception {
        Files.createDirectories(model.derived());
        assertThat(run("mount", "-o", "remount,ro", disk.toString())).isZero();
        RewrittenGraphs graphs = model.by(new FoldedScale());

        assertThat(model.load(graphs)).isEqualTo(model.original());

        FlowError told = catchThrowableOfType(
                FlowError.class,
                () -> graphs.optimize(model.installed(), TinyModel.ROLE, Progress.Listener.NONE, new Cancellation()));
        assertThat(told.message()).contains("Read-only file system");
    }

    @Test
    void what_lies_on_a_disk_that_is_read_only_is_used() throws Exception {
        Path made = model.load(model.by(new FoldedScale()));
        assertThat(run("mount", "-o", "remount,ro", disk.toString())).isZero();

        assertThat(model.load(model.by(new FoldedScale()))).isEqualTo(made);
    }

    private Progress.Listener filling(int step, int kibibytes) {
        return progress -> {
            if (progress.phase() == Progress.Phase.OPTIMIZING && progress.done() == step) {
                fill(kibibytes);
            }
        };
    }

    private Path filler() {
        return disk.resolve("somebody-elses");
    }

    private void fill(int kibibytes) {
        try {
            Path room = Files.write(disk.resolve("room"), new byte[kibibytes << 10]);
            try (OutputStream out = Files.newOutputStream(filler())) {
                byte[] page = new byte[4096];
                while (true) {
                    out.write(page);
                }
            } catch (IOException full) {
                Files.delete(room);
            }
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private static int run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException noSuchProgram) {
            return -1;
        }
    }
}
