package io.flowstate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.core.spi.Progress;
import io.flowstate.engine.rewrite.RewrittenGraphs;
import io.flowstate.engine.rewrite.Verdict;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules on the published graph: that each still finds all its places, since a rule that finds none is no failure elsewhere. */
class HtDemucsRewriteTest {
    @TempDir
    private Path derived;

    @Test
    void every_rule_finds_all_its_places_and_the_result_computes_the_same() {
        Model model = Objects.requireNonNull(CatalogueReader.shipped().models().get("htdemucs"));
        ModelStore store = RealModels.rewrittenIn(derived);
        Optional<Installed> installed = store.find(model);
        assumeThat(installed)
                .as("SKIPPED: needs the published weights; run: flowstate models pull htdemucs")
                .isPresent();

        Verdict verdict = new RewrittenGraphs(store, Runtime.getRuntime().availableProcessors())
                .optimize(installed.orElseThrow(), "graph", Progress.Listener.NONE, new Cancellation());

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Rewritten.class, made -> {
            assertThat(made.rules())
                    .isEqualTo(Map.of(
                            "folded-scale", 20,
                            "fused-attention", 10,
                            "split-projection", 10,
                            "folded-norm", 32,
                            "shifted-convolution", 32,
                            "interleaved-convolution", 8,
                            "gated-convolution", 16,
                            "reshaped-transpose", 24,
                            "folded-layer-norm", 24));
            assertThat(made.decibels()).hasSize(2).allMatch(each -> each >= 80);
        });
    }
}
