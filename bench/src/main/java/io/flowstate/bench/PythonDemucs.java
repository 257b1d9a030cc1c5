package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The Python package {@code demucs} on the processor, with random weights in the published architecture: how long it computes does not depend on them, what it computes does.
 *
 * @param folder of its own in the cache; some gigabytes
 * @param script that runs the package's own separation
 */
record PythonDemucs(Path folder, Path script) implements Contestant {
    private static final String PACKAGE = "demucs==4.0.1";

    /** What the package imports to separate. It pins versions of torch that newer Pythons do not have, so it is installed without its dependencies. */
    private static final List<String> NEEDED =
            List.of("torch==2.15.0", "einops", "julius", "openunmix", "dora-search", "omegaconf", "soundfile");

    @Override
    public String name() {
        return "python " + PACKAGE;
    }

    @Override
    public void prepare() throws IOException {
        Path done = folder.resolve("installed");
        if (!Files.exists(done)) {
            Files.createDirectories(folder);
            Path log = folder.resolve("install.log");
            Usage.run(List.of("python3", "-m", "venv", folder.toString()), Map.of(), log);
            Usage.run(pip(List.of("--no-deps", PACKAGE)), Map.of(), log);
            Usage.run(pip(NEEDED), Map.of(), log);
            Files.createFile(done);
        }
    }

    @Override
    public List<String> command(Path song, Path out) {
        return List.of(folder.resolve("bin/python").toString(), script.toString(), song.toString(), out.toString());
    }

    @Override
    public Path stem(Path song, Path out, String stem) {
        return out.resolve(stem + ".wav");
    }

    @Override
    public boolean hasTrainedWeights() {
        return false;
    }

    @Override
    public List<Bar> bars() {
        return List.of(new Bar(60, Quantity.WALL, 0.88), new Bar(60, Quantity.CPU, 0.87));
    }

    private List<String> pip(List<String> packages) {
        List<String> command = new ArrayList<>(List.of(folder.resolve("bin/pip").toString(), "install", "--quiet"));
        command.addAll(packages);
        return command;
    }
}
