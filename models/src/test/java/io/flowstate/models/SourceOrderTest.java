package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.Progress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceOrderTest {
    @TempDir
    Path root;

    @TempDir
    Path origin;

    private final Weights weights = Weights.of("graph.onnx", 1_000);

    @Test
    void a_missing_client_is_no_obstacle_when_the_next_source_has_the_model() {
        weights.writeTo(origin);
        Model model = weights.model(
                "tiny",
                weights.source(Kind.NPM, "tiny@1.0.0"),
                weights.source(Kind.FILE, origin.resolve("nowhere").toString()),
                weights.source(Kind.FILE, origin.toString()));
        DiskModelStore store = TestStores.in(root);

        store.ensure(model, Progress.Listener.NONE, new Cancellation());

        assertThat(store.provenance(model).orElseThrow().source()).isEqualTo("file " + origin);
    }

    @Test
    void when_every_source_fails_each_has_its_line() {
        FlowError error = failure(
                TestStores.in(root),
                weights.model(
                        "tiny",
                        weights.source(Kind.NPM, "tiny@1.0.0"),
                        weights.source(Kind.PYPI, "tiny==1.0.0"),
                        weights.source(Kind.FILE, origin.toString())));

        assertThat(error.code()).isEqualTo(Code.MODEL_UNAVAILABLE);
        assertThat(error.message().lines())
                .hasSize(4)
                .anySatisfy(line -> assertThat(line).contains("npm tiny@1.0.0", "no-such-npm"))
                .anySatisfy(line -> assertThat(line).contains("pypi tiny==1.0.0", "no-such-pip"))
                .anySatisfy(line -> assertThat(line).contains("file " + origin, "graph.onnx"));
        assertThat(error.advice().orElseThrow()).contains("Install npm", "Install Python 3");
    }

    @Test
    void a_missing_client_alone_says_which_program_to_install() {
        FlowError error = failure(TestStores.in(root), weights.model("tiny", weights.source(Kind.MAVEN, "g:a:1.0")));

        assertThat(error.code()).isEqualTo(Code.TOOL_MISSING);
        assertThat(error.advice().orElseThrow()).contains("Install Maven");
    }

    @Test
    void offline_asks_nobody_but_folders() {
        weights.writeTo(origin);
        DiskModelStore store = TestStores.of(TestStores.offline(root));

        Model far = weights.model("far", weights.source(Kind.HUB, "org/repo"));
        assertThat(store.wouldFetch(far)).isFalse();
        assertThat(store.isWithinReach(far)).isFalse();
        FlowError error = failure(store, far);
        assertThat(error.code()).isEqualTo(Code.MODEL_UNAVAILABLE);
        assertThat(error).hasMessage("far is not here, and models.offline forbids to fetch it.");
        assertThat(error.advice()).contains("Go online once: FLOWSTATE_MODELS_OFFLINE=false flowstate models pull far");
        assertThat(store.outOfReach(far).orElseThrow()).hasMessage(error.message());

        Model near = weights.model(
                "near", weights.source(Kind.HUB, "org/repo"), weights.source(Kind.FILE, origin.toString()));
        assertThat(store.wouldFetch(near)).isTrue();
        assertThat(store.isWithinReach(near)).isTrue();
        assertThat(store.outOfReach(near)).isEmpty();
        assertThat(store.ensure(near, Progress.Listener.NONE, new Cancellation())
                        .file("graph.onnx"))
                .exists();
    }

    @Test
    void a_model_without_a_source_says_so() {
        assertThat(failure(TestStores.in(root), weights.model("orphan")).message())
                .contains("no source");
    }

    @Test
    void a_locator_that_is_not_one_exact_package_is_a_mistake_of_the_catalogue() {
        Kind[] kinds = {Kind.NPM, Kind.NPM, Kind.NPM, Kind.MAVEN, Kind.PYPI, Kind.PYPI, Kind.HUB, Kind.HTTPS};
        String[] locators = {
            "tiny",
            "git+ssh://host/x@1.0.0",
            "--prefix=/tmp@1.0.0",
            "g:a",
            "tiny",
            "-r==1",
            "../x",
            "http://example.org/x"
        };
        for (int i = 0; i < kinds.length; i++) {
            FlowError error =
                    failure(TestStores.in(root), weights.model("tiny", weights.source(kinds[i], locators[i])));
            assertThat(error.code()).as(locators[i]).isEqualTo(Code.BAD_CONFIG);
        }
    }

    private static FlowError failure(DiskModelStore store, Model model) {
        return catchThrowableOfType(
                FlowError.class, () -> store.ensure(model, Progress.Listener.NONE, new Cancellation()));
    }
}
