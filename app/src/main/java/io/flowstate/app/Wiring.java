package io.flowstate.app;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.FfmpegTools;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.spi.Telemetry;
import io.flowstate.engine.EngineConfig;
import io.flowstate.engine.LocalProvider;
import io.flowstate.engine.OnnxRuntime;
import io.flowstate.engine.rewrite.RewrittenGraphs;
import io.flowstate.models.DiskModelStore;
import io.flowstate.models.ModelStoreConfig;
import io.flowstate.server.Metrics;
import io.flowstate.server.Role;
import io.flowstate.server.Server;
import io.flowstate.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** How the parts are put together: read from top to bottom it is the whole program. Used by one thread; {@link #close} may be called by another. */
final class Wiring implements House {
    private final Places places;
    private final Settings settings;
    private final Clock clock = Clock.systemUTC();
    private final Catalogue catalogue;
    private final FfmpegTools ffmpeg;
    private final AudioFiles audio;
    private final DiskModelStore models;
    /** Has no thread before its first task. */
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("timer").factory());

    private @Nullable Engine engine;

    /** What has threads: started only for commands that run something. */
    private record Engine(LocalProvider local, Gateway gateway) {}

    /** @throws FlowError {@code BAD_CONFIG} if the user's catalogue is wrong */
    Wiring(Terminal terminal, Settings settings) {
        this.places = new Places(terminal);
        this.settings = settings;
        this.catalogue =
                settings.get(Keys.CATALOGUE_FILE).map(Wiring::userCatalogue).orElseGet(CatalogueReader::shipped);
        this.ffmpeg = ffmpegTools();
        this.audio = new AudioFiles(ffmpeg);
        this.models = new DiskModelStore(modelStore(), clock);
    }

    @Override
    public Catalogue catalogue() {
        return catalogue;
    }

    @Override
    public DiskModelStore models() {
        return models;
    }

    @Override
    public RewrittenGraphs rewrittenGraphs() {
        return new RewrittenGraphs(models, threads());
    }

    @Override
    public FfmpegTools ffmpeg() {
        return ffmpeg;
    }

    @Override
    public Gateway gateway() {
        return engine(Telemetry.NONE).gateway();
    }

    private synchronized Engine engine(Telemetry telemetry) {
        Engine started = engine;
        if (started == null) {
            LocalProvider local = new LocalProvider(engineConfig(), models, audio, clock, timer);
            Gateway gateway = new Gateway(catalogue, List.of(local), audio, telemetry, clock, timer);
            started = new Engine(local, gateway);
            engine = started;
        }
        return started;
    }

    @Override
    public Served serve() {
        Metrics metrics = new Metrics();
        Gateway gateway;
        if (settings.get(StoreKeys.SERVER_ROLES).contains(Role.WORKER)) {
            // Now: a request that came before a stop may load its model after it, when this cannot be started any more.
            OnnxRuntime.environment();
            gateway = engine(metrics).gateway();
        } else {
            gateway = new Gateway(catalogue, List.of(new OnWorkers()), audio, metrics, clock, timer);
        }
        JobsWiring jobs = new JobsWiring(settings, places, gateway, metrics, clock);
        try {
            Server server = Server.start(
                    serverConfig(), jobs.node(), gateway, jobs.house(), metrics, clock, VersionCommand.version());
            return new RunningServer(server, jobs, metrics, settings);
        } catch (RuntimeException failed) {
            jobs.close();
            throw failed;
        }
    }

    private record RunningServer(Server server, JobsWiring jobs, Metrics metrics, Settings settings) implements Served {
        @Override
        public String address() {
            String host = settings.get(Keys.SERVER_HOST);
            return "http://%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, server.port());
        }

        /** Requests and jobs have the same time. */
        @Override
        public void drainAndStop() {
            server.drainAndStop(() -> jobs.drain(settings.get(Keys.SERVER_DRAIN)));
            jobs.close();
            metrics.close();
        }
    }

    @Override
    public synchronized void close() {
        Engine started = engine;
        if (started != null) {
            started.local().close();
            engine = null;
        }
        timer.shutdownNow();
    }

    private ModelStoreConfig modelStore() {
        return new ModelStoreConfig(
                settings.get(Keys.MODELS_FOLDER).orElseGet(places::models),
                settings.get(Keys.MODELS_OFFLINE),
                settings.get(Keys.MODELS_HUB_ENDPOINT),
                settings.get(Keys.MODELS_HUB_TOKEN),
                ModelStoreConfig.Clients.onPath(),
                settings.get(Keys.MODELS_MIN_FREE),
                settings.get(Keys.MODELS_STALL_LIMIT),
                settings.get(Keys.MODELS_CLIENT_SILENCE));
    }

    private FfmpegTools ffmpegTools() {
        Path bundled = bundle().resolve("ffmpeg");
        return new FfmpegTools(
                settings.get(Keys.AUDIO_FFMPEG).orElse(bundled.resolve("ffmpeg")),
                settings.get(Keys.AUDIO_FFPROBE).orElse(bundled.resolve("ffprobe")),
                settings.get(Keys.AUDIO_STALL_LIMIT),
                settings.get(Keys.AUDIO_CPU_LIMIT));
    }

    private EngineConfig engineConfig() {
        return new EngineConfig(
                threads(),
                Memory.ofMachine().budget(settings),
                settings.get(Keys.ENGINE_QUEUE),
                settings.get(Keys.ENGINE_IDLE_UNLOAD),
                places.scratch());
    }

    private int threads() {
        return settings.get(Keys.ENGINE_THREADS).orElse(Runtime.getRuntime().availableProcessors());
    }

    private ServerConfig serverConfig() {
        return new ServerConfig(
                settings.get(Keys.SERVER_HOST),
                settings.get(Keys.SERVER_PORT),
                settings.get(Keys.SERVER_SPOOL).orElseGet(places::spool),
                settings.get(Keys.SERVER_MAX_BODY),
                settings.get(Keys.SERVER_UPLOAD_GRACE),
                settings.get(Keys.SERVER_UPLOAD_RATE),
                settings.get(Keys.SERVER_DOWNLOAD_RATE),
                settings.get(Keys.SERVER_MAX_IN_FLIGHT),
                settings.get(Keys.SERVER_IDLE),
                settings.get(Keys.SERVER_DRAIN),
                settings.get(Keys.SERVER_INSECURE_PUBLIC),
                settings.get(Keys.SERVER_ALLOWED_HOSTS),
                settings.get(Keys.SERVER_ALLOWED_ORIGINS));
    }

    /** The native programs: beside the jars in the layout, or where the build unpacked them. */
    private static Path bundle() {
        return Optional.ofNullable(System.getProperty("flowstate.layout"))
                .map(layout -> Path.of(layout, "lib", "native"))
                .or(() -> Optional.ofNullable(System.getProperty("flowstate.natives"))
                        .map(Path::of))
                .orElse(Path.of("target", "natives"));
    }

    private static Catalogue userCatalogue(Path file) {
        try {
            return CatalogueReader.withUserFile(file.toString(), Files.readString(file));
        } catch (IOException unreadable) {
            throw FlowError.of(Code.BAD_CONFIG, "The catalogue %s cannot be read: %s.", file, Reason.of(unreadable))
                    .advice("Correct catalogue.file, or leave it out.")
                    .causedBy(unreadable);
        }
    }
}
