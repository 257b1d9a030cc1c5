package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import io.flowstate.engine.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RewrittenGraphsTest {
    private static final FoldedScale FOLDED_SCALE = new FoldedScale();

    @TempDir
    private Path folder;

    private final AtomicInteger attempts = new AtomicInteger();

    /** Does what a real rule does; each attempt at a graph with one Mul asks it once. */
    private final Rule counting = new MulRule((graph, node) -> {
        attempts.incrementAndGet();
        return FOLDED_SCALE.replaceAt(graph, node);
    });

    private TinyModel model;

    @BeforeEach
    void install() throws IOException {
        model = TinyModel.in(folder, TinyModel.scaled(8, 16));
    }

    @Test
    void a_graph_that_a_rule_fits_is_loaded_rewritten_and_made_only_once() {
        Path first = model.load(model.by(counting));
        Path second = model.load(model.by(counting));

        assertThat(first).hasParent(model.derived()).isEqualTo(second);
        assertThat(attempts).hasValue(1);
        assertThat(verdict()).get().isInstanceOfSatisfying(Verdict.Rewritten.class, made -> {
            assertThat(made.rules()).isEqualTo(Map.of("mul", 1));
            // Floats hold about 150 dB.
            assertThat(made.decibels()).allMatch(each -> each > 110);
            assertThat(made.summary()).contains("1 replacements", "dB from the original");
        });
        Graph.load(first, 1).close();
    }

    @Test
    void a_graph_that_no_rule_fits_is_used_as_published_and_not_tried_again() throws IOException {
        TinyGraph squared = new TinyGraph(2, 3);
        TinyModel other = TinyModel.in(folder.resolve("other"), squared.gives(squared.node("Mul", "x", "x")));

        assertThat(other.load(other.by(counting))).isEqualTo(other.original());
        assertThat(other.load(other.by(counting))).isEqualTo(other.original());

        assertThat(attempts).hasValue(1);
        assertThat(other.kept()).singleElement().asString().endsWith(".properties");
    }

    @Test
    void a_graph_of_operators_older_than_the_rules_is_used_as_published() throws IOException {
        TinyGraph old = new TinyGraph(1, 3).opset(11);
        String squeezed = old.node(Node.of("Squeeze", List.of("x"), "squeezed").withIntegers("axes", 0));
        TinyModel other = TinyModel.in(folder.resolve("other"), old.gives(old.node("Mul", squeezed, old.weights(3))));

        assertThat(other.load(other.by(MulRule.FORGOTTEN_FACTOR))).isEqualTo(other.original());
    }

    @Test
    void a_rewritten_graph_that_computes_something_else_is_not_used_and_the_verdict_says_by_how_much()
            throws IOException {
        RewrittenGraphs wrong = model.by(MulRule.FORGOTTEN_FACTOR);

        assertThat(model.load(wrong)).isEqualTo(model.original());

        assertThat(verdict())
                .get()
                .isInstanceOf(Verdict.Kept.class)
                .extracting(Verdict::summary)
                .asString()
                .matches("used as published: rewritten, its outputs differ by -?\\d+ dB, and -80 is the least");
        assertThat(model.kept()).hasSize(1);
    }

    @Test
    void a_rewritten_graph_that_the_runtime_does_not_take_is_not_used() throws IOException {
        RewrittenGraphs wrong = model.by(new MulRule((graph, scale) -> {
            graph.replace(List.of(scale), List.of(Node.of("NoSuchOperator", scale.inputs(), scale.output())));
            return true;
        }));

        assertThat(model.load(wrong)).isEqualTo(model.original());

        assertThat(verdict()).get().extracting(Verdict::summary).asString().contains("rewritten, it does not run");
        assertThat(model.kept()).hasSize(1);
    }

    @Test
    void a_rule_that_fails_leaves_the_graph_as_published() throws IOException {
        RewrittenGraphs failing = model.by(new MulRule((graph, scale) -> {
            throw new IndexOutOfBoundsException("no such input");
        }));

        assertThat(model.load(failing)).isEqualTo(model.original());

        assertThat(verdict()).get().extracting(Verdict::summary).asString().contains("no such input");
        assertThat(model.kept()).hasSize(1);
    }

    @Test
    void a_heap_that_is_too_small_for_rewriting_is_met_again_at_the_next_load() throws IOException {
        RewrittenGraphs greedy = model.by(new MulRule((graph, scale) -> {
            throw new OutOfMemoryError("as the Java heap says");
        }));

        assertThat(model.load(greedy)).isEqualTo(model.original());

        assertThat(model.kept()).isEmpty();
        assertThat(model.load(model.by(counting))).hasParent(model.derived());
    }

    enum Damage {
        FLIPPED,
        TRUNCATED,
        DELETED,
        VERDICT_CUT,
        VERDICT_NO_TEXT,
        VERDICT_WITHOUT_NUMBERS,
        VERDICT_DELETED;

        void on(Path graph, Path verdict) throws IOException {
            switch (this) {
                case FLIPPED -> {
                    byte[] bytes = Files.readAllBytes(graph);
                    bytes[bytes.length / 2] ^= 1;
                    Files.write(graph, bytes);
                }
                case TRUNCATED -> {
                    byte[] bytes = Files.readAllBytes(graph);
                    Files.write(graph, Arrays.copyOf(bytes, bytes.length / 2));
                }
                case DELETED -> Files.delete(graph);
                case VERDICT_CUT -> Files.write(verdict, new byte[0]);
                case VERDICT_NO_TEXT -> Files.write(verdict, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
                case VERDICT_WITHOUT_NUMBERS -> Files.writeString(verdict, "sha256=1\ndecibels=many\n");
                case VERDICT_DELETED -> Files.delete(verdict);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_is_damaged_is_noticed_and_made_anew(Damage damage) throws IOException {
        Path made = model.load(model.by(counting));
        String whole = DerivedFiles.hash(made);

        damage.on(made, model.kept(".properties"));

        assertThat(verdict()).isEmpty();
        assertThat(model.load(model.by(counting))).isEqualTo(made);
        assertThat(attempts).hasValue(2);
        assertThat(DerivedFiles.hash(made)).isEqualTo(whole);
        assertThat(verdict()).isPresent();
    }

    @Test
    void what_a_dead_attempt_has_left_does_no_harm_and_is_swept() throws IOException {
        Path made = model.load(model.by(counting));
        List<String> whole = model.kept();
        Files.delete(model.kept(".properties"));
        Files.writeString(made, "half");
        for (String ending : List.of("folded.part", "onnx.part", "properties.part")) {
            Files.writeString(Path.of(made.toString().replaceFirst("onnx$", ending)), "half");
        }

        assertThat(model.load(model.by(counting))).isEqualTo(made);

        assertThat(model.kept()).isEqualTo(whole);
        Graph.load(made, 1).close();
    }

    @Test
    void what_was_made_with_another_key_is_not_used_and_is_swept_and_what_is_another_roles_stays() throws IOException {
        Path made = model.load(model.by(counting));
        Path old = model.derived().resolve("graph-0123456789abcdef.onnx");
        Path oldVerdict = model.derived().resolve("graph-0123456789abcdef.properties");
        Files.move(made, old);
        Files.move(model.kept(".properties"), oldVerdict);
        Path another = Files.writeString(model.derived().resolve("graph-lead-0123456789abcdef.onnx"), "another's");

        assertThat(model.load(model.by(counting))).isEqualTo(made);

        assertThat(attempts).hasValue(2);
        assertThat(old).doesNotExist();
        assertThat(oldVerdict).doesNotExist();
        assertThat(another).exists();
    }

    @Test
    void the_key_changes_with_the_published_file_the_rules_and_the_runtime() {
        Path made = DerivedFiles.of(folder, "graph", "aa", 1, "1.29").graph();

        assertThat(List.of(
                        DerivedFiles.of(folder, "graph", "ab", 1, "1.29"),
                        DerivedFiles.of(folder, "graph", "aa", 2, "1.29"),
                        DerivedFiles.of(folder, "graph", "aa", 1, "1.30")))
                .extracting(DerivedFiles::graph)
                .doesNotHaveDuplicates()
                .doesNotContain(made);
        assertThat(DerivedFiles.of(folder, "graph", "aa", 1, "1.29").graph()).isEqualTo(made);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void a_cancellation_ends_the_attempt_with_its_reason_and_leaves_nothing(int step) throws IOException {
        Cancellation cancellation = new Cancellation();
        Progress.Listener canceling = progress -> {
            if (progress.done() == step) {
                cancellation.cancel(FlowError.of(Code.CANCELED, "enough"));
            }
        };

        assertThatThrownBy(() -> model.by(counting).graph(model.installed(), TinyModel.ROLE, canceling, cancellation))
                .isInstanceOf(FlowError.class)
                .hasMessage("enough");

        assertThat(model.kept()).isEmpty();
    }

    @Test
    void a_folder_that_cannot_be_made_leaves_the_original_working() throws IOException {
        Files.writeString(model.derived().getParent(), "no folder");

        assertThat(model.load(model.by(counting))).isEqualTo(model.original());
        assertThatThrownBy(() -> model.by(counting)
                        .optimize(model.installed(), TinyModel.ROLE, Progress.Listener.NONE, new Cancellation()))
                .isInstanceOf(FlowError.class)
                .hasMessageContaining("cannot use");
    }

    @Test
    void optimizing_by_hand_makes_it_anew_whatever_is_there() {
        model.load(model.by(MulRule.FORGOTTEN_FACTOR));

        Verdict verdict = model.by(counting)
                .optimize(model.installed(), TinyModel.ROLE, Progress.Listener.NONE, new Cancellation());

        assertThat(verdict).isInstanceOf(Verdict.Rewritten.class);
        assertThat(verdict()).contains(verdict);
    }

    private Optional<Verdict> verdict() {
        return model.by().verify(model.installed(), TinyModel.ROLE, new Cancellation());
    }
}
