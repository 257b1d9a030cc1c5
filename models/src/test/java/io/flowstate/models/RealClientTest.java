package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.ModelFile;
import io.flowstate.core.catalogue.Model.Source;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real clients against the registries that this machine is set up for, with packages of a few kilobytes whose files are known. */
class RealClientTest {
    @TempDir
    Path root;

    @Test
    void the_real_npm_brings_a_known_file() {
        pull(
                new Source(Kind.NPM, "left-pad@1.3.0", Map.of("file", "index.js")),
                new ModelFile("index.js", "32641b6b3c2bd800bcc8283205ee27426aed2559f1e8eb7d9377530f62292686", 1469));
    }

    @Test
    void the_real_maven_brings_a_known_file() {
        pull(
                new Source(
                        Kind.MAVEN,
                        "org.jspecify:jspecify:1.0.1",
                        Map.of("file", "org/jspecify/annotations/Nullable.class")),
                new ModelFile(
                        "Nullable.class", "a4aa4d53cc80f8392df4e23f4480aaba63d6dbc50f933f6183dac753057cee98", 436));
    }

    @Test
    void the_real_pip_brings_a_known_file() {
        pull(
                new Source(Kind.PYPI, "six==1.16.0", Map.of("file", "six.py")),
                new ModelFile("six.py", "4ce39f422ee71467ccac8bed76beb05f8c321c7f0ceda9279ae2dfa3670106b3", 34_549));
    }

    @Test
    void the_real_npm_tells_that_a_package_is_gone() {
        try {
            pull(new Source(Kind.NPM, "left-pad@99.99.99", Map.of()), new ModelFile("index.js", "0".repeat(64), 1));
            throw new AssertionError("there is no such version");
        } catch (FlowError gone) {
            assertThat(gone.message()).contains("does not have left-pad@99.99.99");
        }
    }

    private void pull(Source source, ModelFile file) {
        Model model = Weights.model("real", Map.of("file", file), List.of(source));
        DiskModelStore store = TestStores.of(ModelStoreConfig.in(root));
        try {
            store.ensure(model, Progress.Listener.NONE, new Cancellation());
        } catch (FlowError error) {
            if (error.code() == Code.TOOL_MISSING || error.message().contains("cannot be reached")) {
                abort("SKIPPED, no client or no network: " + error.message());
            }
            throw error;
        }
        assertThat(store.verify(model, Progress.Listener.NONE, new Cancellation())
                        .isOk())
                .isTrue();
    }
}
