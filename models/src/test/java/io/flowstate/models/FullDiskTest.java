package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.Progress;
import io.flowstate.models.ModelStoreConfig.Clients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real disk of one mebibyte, where the system lets us have one. */
class FullDiskTest {
    private static final int SIZE = 700_000;

    @TempDir
    Path mountPoint;

    @TempDir
    Path elsewhere;

    private final HubServer hub = new HubServer();
    private final Weights weights = Weights.of("graph.onnx", SIZE);
    private final byte[] content = weights.content("graph.onnx");
    private boolean mounted;

    @BeforeEach
    void aSmallDisk() throws Exception {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mountPoint.toString()) == 0;
        assumeTrue(mounted, "SKIPPED: this user may not mount a small tmpfs, so the full disk is not tested");
    }

    @AfterEach
    void unmount() throws Exception {
        hub.close();
        if (mounted) {
            run("umount", mountPoint.toString());
        }
    }

    @Test
    void a_model_that_cannot_fit_is_not_begun_and_the_message_has_the_numbers() {
        Weights big = Weights.of("graph.onnx", 2_000_000);

        FlowError error = failure(big.model("tiny", big.source(Kind.HUB, "org/repo")));

        assertThat(error.code()).isEqualTo(Code.DISK_FULL);
        assertThat(error.message()).contains("2.0 MB", mountPoint.toString(), "free");
        assertThat(hub.asked()).isEmpty();
    }

    @Test
    void what_must_stay_free_is_left_free() {
        ModelStoreConfig greedy = new ModelStoreConfig(
                mountPoint,
                false,
                hub.address(),
                Optional.empty(),
                Clients.onPath(),
                500_000,
                TestStores.STALL,
                TestStores.STALL);
        Model model = weights.model("tiny", weights.source(Kind.HUB, "org/repo"));

        FlowError error = catchThrowableOfType(
                FlowError.class, () -> TestStores.of(greedy).ensure(model, Progress.Listener.NONE, new Cancellation()));

        assertThat(error.code()).isEqualTo(Code.DISK_FULL);
        assertThat(error.message()).contains("500.0 kB");
    }

    @Test
    void a_disk_that_fills_up_in_mid_way_is_told_and_what_has_come_is_given_back() {
        hub.answer(HubServer.resolve("main", "graph.onnx"), exchange -> {
            Files.write(mountPoint.resolve("somebody-elses"), new byte[600_000]);
            HubServer.serve(exchange, content, "\"v1\"", SIZE);
        });

        FlowError error = failure(weights.model("tiny", weights.source(Kind.HUB, "org/repo")));

        assertThat(error.code()).isEqualTo(Code.DISK_FULL);
        assertThat(error.advice().orElseThrow()).contains("Free some space");
        assertThat(TestStores.filesIn(mountPoint)).containsExactly("somebody-elses");
    }

    @Test
    void no_other_source_is_asked_when_the_disk_is_full() {
        FlowError error = failure(Weights.of("graph.onnx", 2_000_000)
                .model("tiny", weights.source(Kind.HUB, "org/repo"), weights.source(Kind.FILE, elsewhere.toString())));

        assertThat(error.code()).isEqualTo(Code.DISK_FULL);
        assertThat(error.message()).doesNotContain("could not be fetched");
    }

    private FlowError failure(Model model) {
        DiskModelStore store = TestStores.withHub(mountPoint, hub.address(), "t");
        return catchThrowableOfType(
                FlowError.class, () -> store.ensure(model, Progress.Listener.NONE, new Cancellation()));
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
