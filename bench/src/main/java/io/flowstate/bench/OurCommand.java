package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code ./flowstate stems}, with everything that a user waits for. */
record OurCommand(Path flowstate) implements Contestant {
    @Override
    public String name() {
        return "flowstate";
    }

    /** What a user waits for once and not again is done ahead: fetching the model, and fitting it to the machine. */
    @Override
    public void prepare() throws IOException {
        says("models", "pull", "htdemucs");
        if (!says("models", "verify", "htdemucs").contains("rewritten for this machine")) {
            says("models", "optimize", "htdemucs");
        }
    }

    /** The published graph of htdemucs where the command keeps it; fetched if it must be. */
    Path graph() throws IOException {
        says("models", "pull", "htdemucs");
        return Path.of(says("models", "path", "htdemucs").strip()).resolve("htdemucs.onnx");
    }

    /** The same, unless the caller names another. */
    static Path graphUnless(Optional<Path> other) throws IOException {
        return other.isPresent()
                ? other.get()
                : new OurCommand(Checkout.current().flowstate()).graph();
    }

    private String says(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(flowstate.toString()));
        command.addAll(List.of(arguments));
        Path said = Files.createTempFile("flowstate-says-", ".txt");
        try {
            Usage.run(command, Map.of(), said);
            return Files.readString(said);
        } finally {
            Files.delete(said);
        }
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
