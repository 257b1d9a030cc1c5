package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.spi.ModelStore.Derived;
import io.flowstate.core.spi.Progress;
import io.flowstate.engine.rewrite.Verdict;
import io.flowstate.models.DiskModelStore;
import io.flowstate.models.ModelStoreConfig;
import io.flowstate.testkit.Await;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the commands do and say about the forms of a model's graphs that are made on this machine. */
@Timeout(120)
final class FittedGraphsTest {
    private static final String REWRITTEN =
            "graph (?:already )?rewritten for this machine: 1 faster part, the same output \\(any difference is about \\d+ dB quieter\\)";
    private static final String NOT_YET = "graph not yet fitted to this machine; that is done at its first use";

    @TempDir
    Path ground;

    private RealHouse house;

    @BeforeEach
    void aModelThatCanBeRewritten() throws IOException {
        house = new RealHouse(ground, TinyDemucs.small());
        Path graph = new TinyProduct().writeTo(house.graphFile());
        house.catalogue("""
                models:
                  htdemucs:
                    memory: 500 MiB
                    files: {graph: %s}
                    sources: [{file: "%s", paths: {graph: htdemucs.onnx}}]
                """.formatted(RealHouse.entryOf(graph), graph.getParent()));
    }

    @Test
    void optimize_rewrites_the_models_that_are_here_and_verify_and_doctor_tell_of_it() {
        pull();

        RealHouse.Ran ran = house.run("models", "optimize");

        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out()).matches("htdemucs " + REWRITTEN + "\n");
        assertThat(ran.err()).contains("htdemucs graph: fitting the model to this machine, once");
        assertThat(verified()).containsPattern("htdemucs +ok +" + REWRITTEN);
        assertThat(house.run("doctor").out()).containsPattern("ok +htdemucs +" + REWRITTEN);
    }

    @Test
    void a_model_that_is_fitted_already_is_left_alone_and_said_to_be_unless_again_is_asked_for() throws IOException {
        pull();
        house.run("models", "optimize");
        FileTime made = Files.getLastModifiedTime(derived("graph-*.onnx"));

        RealHouse.Ran second = house.run("models", "optimize");

        assertThat(second.code()).isZero();
        assertThat(second.out()).startsWith("htdemucs graph already rewritten for this machine: 1 faster part");
        assertThat(second.err()).contains("Already fitted", "--again").doesNotContain("once\n");
        assertThat(Files.getLastModifiedTime(derived("graph-*.onnx"))).isEqualTo(made);

        RealHouse.Ran third = house.run("models", "optimize", "--again");

        assertThat(third.out()).startsWith("htdemucs graph rewritten for this machine: 1 faster part");
        assertThat(third.err()).contains("fitting the model to this machine");
        assertThat(Files.getLastModifiedTime(derived("graph-*.onnx"))).isGreaterThan(made);
    }

    @Test
    void what_was_found_is_told_in_words_that_say_which_way_is_better() {
        assertThat(FittedGraphs.words(new Verdict.Rewritten(Map.of("a", 170, "b", 6), List.of(99.4, 89.6), "00")))
                .isEqualTo("rewritten for this machine: 176 faster parts, the same output"
                        + " (any difference is about 90 dB quieter)");
        assertThat(FittedGraphs.words(new Verdict.Rewritten(Map.of("a", 1), List.of(Double.POSITIVE_INFINITY), "00")))
                .isEqualTo("rewritten for this machine: 1 faster part, the same output");
    }

    @Test
    void a_graph_that_cannot_be_done_better_is_used_as_published_and_that_is_no_fault() throws IOException {
        house.model(TinyDemucs.small());
        pull();
        String published = "graph used as published: it has no part that could be done better here";

        RealHouse.Ran ran = house.run("models", "optimize", "--quiet", "htdemucs");

        assertThat(ran).isEqualTo(new RealHouse.Ran(Failures.OK, "htdemucs %s%n".formatted(published), ""));
        assertThat(verified()).containsPattern("htdemucs +ok +" + published);
        assertThat(house.run("doctor").out()).containsPattern("ok +htdemucs +" + published);
    }

    @Test
    void each_graph_of_a_bag_is_told_of() throws IOException {
        List<TinyDemucs> bag = TinyDemucs.smallBag();
        Path source = Files.createDirectories(ground.resolve("bag"));
        String drums = RealHouse.entryOf(bag.get(0).writeTo(source.resolve("drums.onnx")));
        String others = RealHouse.entryOf(bag.get(1).writeTo(source.resolve("others.onnx")));
        house.catalogue("""
                models:
                  htdemucs:
                    files: {graph.drums: %s, graph: %s}
                    sources: [{file: "%s"}]
                """.formatted(drums, others, source));
        pull();

        assertThat(house.run("models", "optimize").out().lines())
                .hasSize(2)
                .anyMatch(line -> line.startsWith("htdemucs graph.drums used as published"))
                .anyMatch(line -> line.startsWith("htdemucs graph used as published"));
        assertThat(house.run("doctor").out())
                .containsPattern("ok +htdemucs +graph.drums used as published")
                .containsPattern("ok +htdemucs +graph used as published");
    }

    @Test
    void optimize_of_a_model_that_is_not_here_says_how_to_get_it() {
        RealHouse.Ran named = house.run("models", "optimize", "htdemucs");
        RealHouse.Ran all = house.run("models", "optimize");

        assertThat(named.code()).isEqualTo(Failures.SETUP);
        assertThat(named.err()).contains("htdemucs is not here.", "flowstate models pull htdemucs");
        assertThat(all.code()).isZero();
        assertThat(all.err()).contains("No model is here yet", "flowstate models pull MODEL");
        assertThat(house.store).doesNotExist();
    }

    @Test
    void a_damaged_rewritten_graph_is_told_of_but_is_no_fault_and_can_be_made_anew() throws IOException {
        pull();
        house.run("models", "optimize");
        Files.writeString(derived("graph-*.onnx"), "something else");

        assertThat(verified())
                .containsPattern("htdemucs +ok +/")
                .containsPattern(
                        "htdemucs +damaged +graph in its form for this machine; it is made anew at the next use");
        assertThat(house.run("models", "optimize").code()).isZero();
        assertThat(verified()).containsPattern("htdemucs +ok +" + REWRITTEN);
    }

    @Test
    void a_lost_rewritten_graph_counts_as_not_yet_made() throws IOException {
        pull();
        house.run("models", "optimize");
        Files.delete(derived("graph-*.onnx"));

        assertThat(verified()).containsPattern("htdemucs +none +" + NOT_YET);
        assertThat(house.run("doctor").out()).containsPattern("ok +htdemucs +" + NOT_YET);
    }

    @Test
    void a_verdict_that_nobody_can_read_counts_as_not_yet_given() throws IOException {
        pull();
        house.run("models", "optimize");
        Files.write(derived("graph-*.properties"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

        assertThat(verified()).containsPattern("htdemucs +none +" + NOT_YET);
        assertThat(house.run("doctor").out()).containsPattern("ok +htdemucs +" + NOT_YET);
    }

    @Test
    void of_a_model_whose_own_files_are_wrong_nothing_is_said_of_its_fitted_graph() throws IOException {
        pull();
        house.run("models", "optimize");
        Path graph =
                Path.of(house.run("models", "path", "htdemucs").out().strip()).resolve("htdemucs.onnx");
        byte[] content = Files.readAllBytes(graph);
        content[content.length - 1] ^= 1;
        Files.write(graph, content);

        RealHouse.Ran ran = house.run("models", "verify", "-q");

        assertThat(ran.code()).isEqualTo(Failures.SETUP);
        assertThat(ran.out()).contains("wrong_checksum").doesNotContain("this machine");
    }

    @Test
    void doctor_changes_nothing_and_waits_for_nobody() throws IOException {
        pull();
        List<String> before = RealHouse.filesBelow(house.store);

        RealHouse.Ran ran = house.run("doctor");

        assertThat(ran.out()).containsPattern("ok +htdemucs +" + NOT_YET);
        assertThat(RealHouse.filesBelow(house.store)).isEqualTo(before);
        assertThat(house.store.resolve("derived")).doesNotExist();
        try (Derived _ = somebodyAtWork()) {
            assertThat(house.run("doctor").out()).containsPattern("ok +htdemucs +" + NOT_YET);
        }
    }

    @Test
    void doctor_tells_programs_too() {
        pull();
        house.run("models", "optimize");

        JsonNode findings =
                new JsonMapper().readTree(house.run("doctor", "--json").out()).get("findings");

        assertThat(findings.values()).anySatisfy(finding -> {
            assertThat(finding.get("subject").asString()).isEqualTo("htdemucs");
            assertThat(finding.get("ok").asBoolean()).isTrue();
            assertThat(finding.get("what").asString()).matches(REWRITTEN);
        });
    }

    @Test
    void optimize_waits_for_whoever_is_at_work_on_the_model_and_ctrl_c_ends_the_wait() throws Exception {
        pull();
        try (Derived _ = somebodyAtWork();
                Program program = house.startUnpackaged("models", "optimize")) {
            Await.until("it says that it waits", () -> program.complained().contains("htdemucs graph: waiting"));

            program.signal("INT");

            assertThat(program.awaitExit()).isEqualTo(Failures.STOPPED);
            assertThat(program.said()).isEmpty();
        }
    }

    private void pull() {
        RealHouse.Ran ran = house.run("models", "pull", "-q", "htdemucs");
        assertThat(ran.code()).as(ran.err()).isZero();
    }

    /** What {@code verify} says, which has no fault to find. */
    private String verified() {
        RealHouse.Ran ran = house.run("models", "verify", "-q");
        assertThat(ran.code()).as(ran.err()).isZero();
        return ran.out();
    }

    private Path derived(String pattern) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(house.store.resolve("derived/htdemucs"), pattern)) {
            return found.iterator().next();
        }
    }

    private Derived somebodyAtWork() {
        return new DiskModelStore(ModelStoreConfig.in(house.store), Clock.systemUTC())
                .derived(CatalogueReader.shipped().model("htdemucs"), Progress.Listener.NONE, new Cancellation());
    }
}
