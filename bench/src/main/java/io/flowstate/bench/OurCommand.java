package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code ./flowstate stems}, with everything that a user waits for. */
record OurCommand(Path flowstate) implements Contestant {
    @Override
    public String name() {
        return "flowstate";
    }

    @Override
    public void prepare() throws IOException {
        Path log = Files.createTempFile("flowstate-pull-", ".log");
        Usage.run(List.of(flowstate.toString(), "models", "pull", "htdemucs"), Map.of(), log);
        Files.delete(log);
    }

    /** The published graph of htdemucs where the command keeps it; fetched if it must be. */
    Path graph() throws IOException {
        prepare();
        Path said = Files.createTempFile("flowstate-path-", ".txt");
        Usage.run(List.of(flowstate.toString(), "models", "path", "htdemucs"), Map.of(), said);
        Path graph = Path.of(Files.readString(said).strip()).resolve("htdemucs.onnx");
        Files.delete(said);
        return graph;
    }

    @Override
    public List<String> command(Path song, Path out) {
        return List.of(
                flowstate.toString(), "stems", song.toString(), "-o", out.toString(), "--name", "{stem}.{ext}", "-q");
    }

    @Override
    public Path stem(Path song, Path out, String stem) {
        return out.resolve(stem + ".wav");
    }

    @Override
    public boolean hasTrainedWeights() {
        return true;
    }
}
