package io.flowstate.engine.rewrite;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Licence;
import io.flowstate.core.catalogue.Model.ModelFile;
import io.flowstate.core.catalogue.Model.Source;
import io.flowstate.core.spi.ModelStore;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.core.spi.Progress;
import io.flowstate.models.DiskModelStore;
import io.flowstate.models.ModelStoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A model of one tiny graph, in the role {@value #ROLE}, in a real store.
 *
 * @param derived where the store keeps what is made from it
 */
record TinyModel(ModelStore store, Installed installed, Path derived) {
    static final String ROLE = "graph";

    static TinyModel in(Path folder, TinyGraph graph) throws IOException {
        Path published = Files.createDirectories(folder.resolve("published"));
        Path file = graph.writeTo(published.resolve("tiny.onnx"));
        Model model = new Model(
                "tiny",
                "Tiny",
                Task.of("stems"),
                "demucs",
                List.of(),
                new Licence("MIT", "MIT", true, "", ""),
                Map.of(ROLE, new ModelFile("tiny.onnx", DerivedFiles.hash(file), Files.size(file))),
                List.of(new Source(Source.Kind.FILE, published.toString(), Map.of(ROLE, "tiny.onnx"))),
                1 << 20,
                "");
        Path root = folder.resolve("store");
        ModelStore store = new DiskModelStore(ModelStoreConfig.in(root), Clock.systemUTC());
        return new TinyModel(
                store,
                store.ensure(model, Progress.Listener.NONE, new Cancellation()),
                root.resolve("derived").resolve("tiny"));
    }

    /** A graph that {@link FoldedScale} fits once. */
    static TinyGraph scaled(int rows, int columns) {
        TinyGraph graph = new TinyGraph(4, rows);
        String product = graph.node("Gemm", "x", graph.weights(rows, columns), graph.weights(columns));
        return graph.gives(graph.node("Mul", product, graph.weights(columns)));
    }

    RewrittenGraphs by(Rule... rules) {
        return new RewrittenGraphs(store, 1, List.of(rules));
    }

    Path original() {
        return installed.file(ROLE);
    }

    /** The file to load. */
    Path load(RewrittenGraphs graphs) {
        return graphs.graph(installed, ROLE, Progress.Listener.NONE, new Cancellation());
    }

    /** What lies in the folder of derived files. */
    List<String> kept() throws IOException {
        try (Stream<Path> files = Files.list(derived)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** The one derived file with this ending. */
    Path kept(String ending) throws IOException {
        try (Stream<Path> files = Files.list(derived)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .reduce((one, another) -> {
                        throw new AssertionError(one + " and " + another);
                    })
                    .orElseThrow();
        }
    }
}
