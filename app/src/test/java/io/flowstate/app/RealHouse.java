package io.flowstate.app;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.ClipReader;
import io.flowstate.audio.FfmpegTools;
import io.flowstate.audio.Layout;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.testkit.TinyDemucs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder in which everything is real: the command with its own wiring, in this process or, packaged, in another; model store, decoder, engine and server. Only the graph
 * is a small one that computes next to nothing, and it is copied from a folder, so that nothing is fetched.
 */
final class RealHouse {
    /** The folder that commands are called in. */
    final Path here;

    /** Where the server keeps uploads. */
    final Path spool;

    /** Where models are kept. */
    final Path store;

    private final Path ground;
    private final Map<String, String> environment = new HashMap<>();
    private String weights = "";

    /** What a command ended with. */
    record Ran(int code, String out, String err) {}

    RealHouse(Path ground, TinyDemucs graph) throws IOException {
        this.ground = ground.toRealPath();
        this.here = Files.createDirectories(this.ground.resolve("here"));
        this.spool = Files.createDirectories(this.ground.resolve("spool"));
        this.store = this.ground.resolve("home/models");
        environment.put("HOME", this.ground.resolve("user").toString());
        environment.put("XDG_CACHE_HOME", this.ground.resolve("user/.cache").toString());
        environment.put("FLOWSTATE_HOME", this.ground.resolve("home").toString());
        set(Keys.CATALOGUE_FILE, catalogueFile().toString());
        set(Keys.SERVER_SPOOL, spool.toString());
        set(Keys.SERVER_PORT, "0");
        set(Keys.MODELS_MIN_FREE, "1 MiB");
        model(graph);
    }

    /** A setting for all that is started from now on. */
    RealHouse set(Key<?> key, String value) {
        environment.put(key.variable(), value);
        return this;
    }

    /** An environment variable that no key has. */
    RealHouse variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Gives the JVM of started programs options of its own. */
    RealHouse onJvm(String options) {
        environment.put("FLOWSTATE_JAVA_OPTS", options);
        return this;
    }

    /** Makes this graph the one model, to be copied from a folder. */
    void model(TinyDemucs graph) throws IOException {
        Path file =
                graph.writeTo(Files.createDirectories(graphFile().getParent()).resolve("htdemucs.onnx"));
        weights = entryOf(file);
        source("{file: \"%s\", paths: {graph: htdemucs.onnx}}".formatted(file.getParent()));
    }

    /** Lets the same model come from elsewhere; an entry as the catalogue has it. */
    void source(String source) throws IOException {
        catalogue("""
                models:
                  htdemucs:
                    memory: 500 MiB
                    files: {graph: %s}
                    sources: [%s]
                """.formatted(weights, source));
    }

    /** Makes this the user's own catalogue. */
    void catalogue(String yaml) throws IOException {
        Files.writeString(catalogueFile(), yaml);
    }

    /** How a catalogue names a file. */
    static String entryOf(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        return "{name: %s, sha256: %s, size: %d}".formatted(file.getFileName(), sha256(bytes), bytes.length);
    }

    /** What the model is copied from. */
    Path graphFile() {
        return ground.resolve("source/htdemucs.onnx");
    }

    Path ground() {
        return ground;
    }

    private Path catalogueFile() {
        return ground.resolve("catalogue.yaml");
    }

    /** A file in the folder that commands are called in. */
    Path file(String name, byte[] content) throws IOException {
        return Files.write(here.resolve(name), content);
    }

    /** Every file below the folder that commands are called in, hidden ones too. */
    List<String> left() {
        return filesBelow(here);
    }

    static List<String> filesBelow(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(path -> folder.relativize(path).toString())
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException vanished) {
            // Something was removed while it was looked at; whoever waits looks again.
            return List.of("?");
        }
    }

    /** Whether a file is one that nobody takes for a result: hidden, and named as unfinished. */
    static boolean isHalf(String name) {
        return String.valueOf(Path.of(name).getFileName()).matches("\\..*\\.part");
    }

    /** Runs a command in this process. */
    Ran run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = terminal(out, err);
        int code = new Cli(terminal, settings -> new Wiring(terminal, settings), Clock.systemUTC()).run(arguments);
        return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Starts the server in this process. */
    LiveServer serve() {
        Terminal terminal = terminal(new ByteArrayOutputStream(), new ByteArrayOutputStream());
        House house = new Wiring(terminal, Settings.read(terminal, Optional.empty(), Map.of()));
        House.Served served = house.serve();
        return new LiveServer(served.address(), () -> {
            served.drainAndStop();
            house.close();
        });
    }

    /** Starts the packaged program. */
    Program start(String... arguments) throws IOException {
        return Program.start(
                here,
                environment,
                Stream.concat(Stream.of(Program.LAUNCHER), Arrays.stream(arguments))
                        .toList());
    }

    /** Starts the program from this test's class path, which is there before the layout is. */
    Program startUnpackaged(String... arguments) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> main = List.of(java, "-cp", System.getProperty("java.class.path"), Main.class.getName());
        return Program.start(
                here,
                environment,
                Stream.concat(main.stream(), Arrays.stream(arguments)).toList());
    }

    /** Starts a shell script to which {@code $0} is the packaged program. */
    Program startInShell(String script) throws IOException {
        return Program.start(here, environment, List.of("unshare", "--mount", "sh", "-c", script, Program.LAUNCHER));
    }

    private Terminal terminal(ByteArrayOutputStream out, ByteArrayOutputStream err) {
        return new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0,
                environment,
                here,
                ground);
    }

    static AudioFiles audio() {
        return new AudioFiles(FfmpegTools.in(Path.of(System.getProperty("flowstate.natives"), "ffmpeg")));
    }

    /** Decodes a file to its end, which a cut one does not have, and counts its frames. */
    static long framesOf(Path file) {
        AudioInput input = new AudioInput(String.valueOf(file.getFileName()), file);
        Cancellation never = new Cancellation();
        float[][] block = new float[2][8192];
        try (ClipReader reader =
                audio().open(input, audio().probe(input, never), new Layout(44_100, 2), false, never)) {
            long frames = 0;
            for (int got = reader.read(block, 0, 8192); got >= 0; got = reader.read(block, 0, 8192)) {
                frames += got;
            }
            return frames;
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
