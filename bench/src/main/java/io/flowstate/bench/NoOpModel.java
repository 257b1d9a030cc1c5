package io.flowstate.bench;

import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * A model with the inputs and outputs of htdemucs that computes almost nothing, made known to the built command by a catalogue of its own: what is left to measure is
 * everything around the graph.
 */
record NoOpModel(Path catalogue, Path home) {
    static final String ID = "noop";

    /** @param folder where the graph, its catalogue and its cache are made */
    static NoOpModel in(Path folder) throws IOException {
        Path graph = TinyDemucs.fullSize().writeTo(folder.resolve("noop.onnx"));
        Path catalogue = folder.resolve("catalogue.yaml");
        Files.writeString(catalogue, """
                models:
                  noop:
                    title: The shapes of htdemucs and none of its work
                    task: stems
                    family: demucs
                    stems: [drums, bass, other, vocals]
                    licence:
                      code: Apache-2.0
                      weights: none
                      commercial_use: true
                      notice: There are no weights.
                      terms: bench
                    files:
                      graph: {name: noop.onnx, sha256: %s, size: %d}
                    sources:
                      - file: %s
                        paths: {graph: noop.onnx}
                    memory: 500 MiB
                    quality: none
                deployments:
                  local/noop:
                    leaves_machine: false
                    price: {usd_per_audio_minute: 0, source: runs in this process, as_of: 2026-11-22}
                    latency: {cold: 1s, start: 1s, per_audio_second: 0.1, spread: 1}
                    limits: {max_audio: 12h}
                """.formatted(sha256(graph), Files.size(graph), folder));
        return new NoOpModel(catalogue, folder.resolve("home"));
    }

    /** For the command that is to use it. */
    Map<String, String> environment() {
        return Map.of("FLOWSTATE_CATALOGUE_FILE", catalogue.toString(), "FLOWSTATE_HOME", home.toString());
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
