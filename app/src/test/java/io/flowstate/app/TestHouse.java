package io.flowstate.app;

import io.flowstate.audio.FfmpegTools;
import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.spi.AudioProbe;
import io.flowstate.core.spi.Telemetry;
import io.flowstate.engine.rewrite.RewrittenGraphs;
import io.flowstate.models.DiskModelStore;
import io.flowstate.models.ModelStoreConfig;
import io.flowstate.testkit.FakeProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** A house in which everything is real but the engine and the decoder. Its one model comes from a folder, so that nothing is fetched. */
final class TestHouse implements House {
    /** A file that begins so is not audio for this house. */
    static final String NOT_AUDIO = "not audio";

    final FakeProvider provider = new FakeProvider("local");
    private final Catalogue catalogue;
    private final DiskModelStore models;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    /** @param folder for the store and for the model's source */
    TestHouse(Path folder) {
        this(folder, folder.resolve("models"));
    }

    /** @param store where models are kept */
    TestHouse(Path folder, Path store) {
        try {
            byte[] weights = "weights".getBytes(StandardCharsets.UTF_8);
            Path source = Files.createDirectories(folder.resolve("source"));
            Files.write(source.resolve("htdemucs.onnx"), weights);
            this.catalogue =
                    CatalogueReader.withUserFile("test", """
                    models:
                      htdemucs:
                        files: {graph: {name: htdemucs.onnx, sha256: %s, size: %d}}
                        sources: [{file: "%s", paths: {graph: htdemucs.onnx}}]
                    """.formatted(sha256(weights), weights.length, source));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        this.models = new DiskModelStore(ModelStoreConfig.in(store), Clock.systemUTC());
    }

    @Override
    public Catalogue catalogue() {
        return catalogue;
    }

    @Override
    public Gateway gateway() {
        return new Gateway(catalogue, List.of(provider), probe(), Telemetry.NONE, Clock.systemUTC(), timer);
    }

    @Override
    public DiskModelStore models() {
        return models;
    }

    @Override
    public RewrittenGraphs rewrittenGraphs() {
        return new RewrittenGraphs(models, 1);
    }

    @Override
    public FfmpegTools ffmpeg() {
        return FfmpegTools.in(Path.of(System.getProperty("flowstate.natives"), "ffmpeg"));
    }

    @Override
    public Served serve() {
        throw new AssertionError("no test serves from here");
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private static AudioProbe probe() {
        return TestHouse::facts;
    }

    private static AudioFacts facts(AudioInput input, Cancellation cancellation) {
        try {
            if (Files.readString(input.file()).startsWith(NOT_AUDIO)) {
                throw FlowError.of(Code.AUDIO_UNREADABLE, "%s is not audio.", input.name())
                        .advice("Send music.");
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        return new AudioFacts("wav", "pcm_s16le", 44_100, 2, Optional.of(Duration.ofSeconds(1)));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
