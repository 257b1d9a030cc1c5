package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.core.spi.Progress;
import io.flowstate.models.Verification.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store promises whatever the source; the source here is a folder. */
class ShelvingTest {
    @TempDir
    Path root;

    @TempDir
    Path origin;

    private final Weights weights = Weights.of("graph.onnx", 300_000).and("sub/voices.bin", 70_000);
    private final Cancellation never = new Cancellation();
    private DiskModelStore store;
    private Model model;

    @BeforeEach
    void aStoreAndAModelInAFolder() {
        store = TestStores.in(root);
        model = weights.model("tiny", weights.source(Kind.FILE, origin.toString()));
        weights.writeTo(origin);
    }

    @Test
    void a_model_that_was_never_pulled_is_not_there() {
        assertThat(store.find(model)).isEmpty();
        assertThat(store.provenance(model)).isEmpty();
        assertThat(store.verify(model, Progress.Listener.NONE, never).isOk()).isFalse();
    }

    @Test
    void a_pulled_model_has_its_files_and_tells_where_it_came_from() throws IOException {
        Installed pulled = store.ensure(model, Progress.Listener.NONE, never);

        assertThat(pulled.file("graph.onnx")).hasBinaryContent(weights.content("graph.onnx"));
        assertThat(pulled.file("voices.bin")).hasBinaryContent(weights.content("sub/voices.bin"));
        assertThat(TestStores.in(root).find(model)).contains(pulled);
        Provenance provenance = store.provenance(model).orElseThrow();
        assertThat(provenance.source()).isEqualTo("file " + origin);
        assertThat(provenance.pulledAt()).isEqualTo(TestStores.NOW);
        assertThat(provenance.bytes()).isEqualTo(370_000);
        assertThat(provenance.folder()).isEqualTo(pulled.file("graph.onnx").getParent());
        assertThat(TestStores.filesIn(root)).hasSize(3).noneMatch(file -> file.startsWith("work"));
    }

    @Test
    void a_model_that_is_here_is_not_fetched_again() {
        store.ensure(model, Progress.Listener.NONE, never);
        Disk.deleteTree(origin);
        List<Progress> told = new ArrayList<>();

        store.ensure(model, told::add, never);

        assertThat(told).isEmpty();
    }

    @Test
    void progress_ends_at_the_size_of_the_model() {
        List<Progress> told = new ArrayList<>();

        store.ensure(model, told::add, never);

        assertThat(told).isSortedAccordingTo((a, b) -> Double.compare(a.done(), b.done()));
        assertThat(told.getLast()).isEqualTo(new Progress(Progress.Phase.PULLING, 370_000, 370_000));
    }

    @Test
    void a_file_that_has_lost_its_end_is_fetched_again() throws IOException {
        Path graph = store.ensure(model, Progress.Listener.NONE, never).file("graph.onnx");
        Files.write(graph, new byte[299_999]);

        assertThat(store.find(model)).isEmpty();
        assertThat(store.ensure(model, Progress.Listener.NONE, never).file("graph.onnx"))
                .hasBinaryContent(weights.content("graph.onnx"));
    }

    @Test
    void new_weights_in_the_catalogue_replace_the_old_ones() {
        Installed old = store.ensure(model, Progress.Listener.NONE, never);
        Weights better = Weights.of("graph.onnx", 200_000);
        better.writeTo(origin);
        Model newer = better.model("tiny", better.source(Kind.FILE, origin.toString()));

        assertThat(store.find(newer)).isEmpty();
        store.ensure(newer, Progress.Listener.NONE, never);

        assertThat(store.find(model)).isEmpty();
        assertThat(old.file("graph.onnx")).doesNotExist();
        assertThat(TestStores.filesIn(root)).hasSize(2);
    }

    @Test
    void a_manifest_that_nobody_can_read_counts_as_no_model() throws IOException {
        store.ensure(model, Progress.Listener.NONE, never);
        Path manifest = root.resolve("installed/tiny.properties");
        String text = Files.readString(manifest);

        for (String broken : List.of(
                "",
                "\\uZZZZ",
                text.replace("size=300000", "size=many"),
                text.replace("models/flowstate", "../../etc"))) {
            Files.writeString(manifest, broken);
            assertThat(store.find(model)).as(broken).isEmpty();
        }
    }

    @Test
    void verification_finds_nothing_wrong_with_a_good_model() {
        store.ensure(model, Progress.Listener.NONE, never);
        List<Progress> told = new ArrayList<>();

        Verification verification = store.verify(model, told::add, never);

        assertThat(verification.isOk()).isTrue();
        assertThat(verification.files())
                .extracting(Verification.CheckedFile::role)
                .containsExactly("graph.onnx", "voices.bin");
        assertThat(told.getLast().fraction()).isEqualTo(1);
    }

    @Test
    void verification_puts_a_changed_file_into_quarantine_and_the_model_is_gone() throws IOException {
        Path graph = store.ensure(model, Progress.Listener.NONE, never).file("graph.onnx");
        byte[] changed = weights.content("graph.onnx").clone();
        changed[150_000] ^= 1;
        Files.write(graph, changed);

        assertThat(store.find(model)).as("find does not hash").isPresent();
        Verification verification = store.verify(model, Progress.Listener.NONE, never);

        assertThat(verification.files())
                .extracting(Verification.CheckedFile::state)
                .containsExactly(State.WRONG_CHECKSUM, State.OK);
        assertThat(store.find(model)).isEmpty();
        assertThat(root.resolve("quarantine/tiny/graph.onnx")).hasBinaryContent(changed);
        assertThat(graph).doesNotExist();
    }

    @Test
    void verification_tells_missing_and_short_files() throws IOException {
        Installed pulled = store.ensure(model, Progress.Listener.NONE, never);
        Files.delete(pulled.file("graph.onnx"));
        Files.write(pulled.file("voices.bin"), new byte[1]);

        assertThat(store.verify(model, Progress.Listener.NONE, never).files())
                .extracting(Verification.CheckedFile::state)
                .containsExactly(State.MISSING, State.WRONG_SIZE);
    }

    @Test
    void removing_leaves_no_file_behind() {
        store.ensure(model, Progress.Listener.NONE, never);

        assertThat(store.remove(model, never)).isTrue();

        assertThat(TestStores.filesIn(root)).isEmpty();
        assertThat(root.resolve("models")).isEmptyDirectory();
        assertThat(store.remove(model, never)).isFalse();
    }

    @Test
    void a_wrong_checksum_is_an_error_and_the_file_is_in_quarantine() throws IOException {
        byte[] changed = weights.content("graph.onnx").clone();
        changed[7] ^= 1;
        Files.write(origin.resolve("graph.onnx"), changed);

        assertThatThrownBy(() -> store.ensure(model, Progress.Listener.NONE, never))
                .asInstanceOf(type(FlowError.class))
                .satisfies(error -> {
                    assertThat(error.code()).isEqualTo(Code.MODEL_CORRUPT);
                    assertThat(error.message()).contains("graph.onnx", "sha256", "quarantine");
                });
        assertThat(TestStores.filesIn(root)).containsExactly("quarantine/tiny/graph.onnx");
        assertThat(store.find(model)).isEmpty();
    }

    @Test
    void a_file_that_is_too_long_or_too_short_is_refused() throws IOException {
        for (int length : List.of(299_999, 300_001, 0, 5_000_000)) {
            Files.write(origin.resolve("graph.onnx"), new byte[length]);

            assertThatThrownBy(() -> store.ensure(model, Progress.Listener.NONE, never))
                    .as("%d bytes", length)
                    .asInstanceOf(type(FlowError.class))
                    .extracting(FlowError::code)
                    .isEqualTo(Code.MODEL_CORRUPT);
            assertThat(TestStores.filesIn(root)).isEmpty();
        }
    }

    @Test
    void an_id_or_a_path_that_would_leave_the_store_is_refused() {
        for (String id : List.of("..", "a/b", ".hidden", "")) {
            assertThatThrownBy(() -> store.ensure(weights.model(id), Progress.Listener.NONE, never))
                    .asInstanceOf(type(FlowError.class))
                    .extracting(FlowError::code)
                    .isEqualTo(Code.BAD_CONFIG);
        }
        for (String path : List.of("../graph.onnx", "/etc/passwd", "a//b", "c:\\x", "")) {
            assertThat(Wanted.isInside(path)).as(path).isFalse();
        }
    }

    @Test
    void a_folder_that_cannot_be_written_is_told_with_advice() throws IOException {
        Path file = Files.writeString(root.resolve("file"), "");
        DiskModelStore misplaced = TestStores.in(file.resolve("store"));

        assertThatThrownBy(() -> misplaced.ensure(model, Progress.Listener.NONE, never))
                .asInstanceOf(type(FlowError.class))
                .satisfies(error -> {
                    assertThat(error.code()).isEqualTo(Code.MODEL_UNAVAILABLE);
                    assertThat(error.advice())
                            .hasValueSatisfying(advice -> assertThat(advice).contains("FLOWSTATE_HOME"));
                });
    }
}
