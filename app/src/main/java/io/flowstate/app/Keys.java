package io.flowstate.app;

import static io.flowstate.app.KeyKinds.AUTO;
import static io.flowstate.app.KeyKinds.duration;
import static io.flowstate.app.KeyKinds.flag;
import static io.flowstate.app.KeyKinds.number;
import static io.flowstate.app.KeyKinds.path;
import static io.flowstate.app.KeyKinds.secret;
import static io.flowstate.app.KeyKinds.size;
import static io.flowstate.app.KeyKinds.uri;
import static io.flowstate.app.KeyKinds.whole;
import static io.flowstate.app.KeyKinds.words;

import io.flowstate.core.Secret;
import io.flowstate.core.yaml.Quantities;
import io.flowstate.server.ServerConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** Every configuration key with its default; docs/configuration.md is printed from here. {@code auto} leaves the choice to FlowState. */
final class Keys {
    static final Key<Optional<Path>> CATALOGUE_FILE =
            path("catalogue.file", "A catalogue of your own, laid over the shipped one; auto: none.");

    static final Key<Optional<Path>> MODELS_FOLDER = path(
            "models.folder",
            "Where model files are kept; auto: models/ in FLOWSTATE_HOME, else in the user's cache folder (XDG_CACHE_HOME/flowstate or ~/.cache/flowstate).");
    static final Key<Boolean> MODELS_OFFLINE =
            flag("models.offline", "false", "Never fetch a model; what is not here is an error.");
    static final Key<URI> MODELS_HUB_ENDPOINT = uri(
                    "models.hub_endpoint", "https://huggingface.co", "Where hub sources are fetched from.")
            .alsoFrom("HF_ENDPOINT");
    static final Key<Optional<Secret>> MODELS_HUB_TOKEN = secret(
                    "models.hub_token", "Access token for gated models; sent to models.hub_endpoint only.")
            .alsoFrom("HF_TOKEN");
    static final Key<Long> MODELS_MIN_FREE =
            size("models.min_free", "256 MiB", "Disk space that a download must leave free.");
    static final Key<Duration> MODELS_STALL_LIMIT =
            duration("models.stall_limit", "30s", "A connection that is silent for this long counts as dropped.");
    static final Key<Duration> MODELS_CLIENT_SILENCE = duration(
            "models.client_silence",
            "5m",
            "How long npm, mvn or pip may neither speak nor write before they are stopped.");

    static final Key<Optional<Path>> AUDIO_FFMPEG = path(
            "audio.ffmpeg", "The ffmpeg program that decodes and encodes; auto: the one that comes with FlowState.");
    static final Key<Optional<Path>> AUDIO_FFPROBE =
            path("audio.ffprobe", "The ffprobe program of the same build; auto: the one that comes with FlowState.");
    static final Key<Duration> AUDIO_STALL_LIMIT = duration(
            "audio.stall_limit", "1m", "An ffmpeg process that has input and gives nothing for this long is stopped.");
    static final Key<Duration> AUDIO_CPU_LIMIT =
            duration("audio.cpu_limit", "30m", "The most processor time that one ffmpeg process may use.");

    static final Key<OptionalInt> ENGINE_THREADS = new Key<>(
            "engine.threads",
            AUTO,
            "Threads that one separation computes with; auto: one for each processor core.",
            "must be auto or a whole number 1..256",
            (text, from) -> text.equals(AUTO) ? OptionalInt.empty() : OptionalInt.of((int) whole(text, 1, 256)));
    static final Key<OptionalLong> ENGINE_MEMORY = new Key<>(
            "engine.memory",
            AUTO,
            "Memory that loaded models may take together; auto: what the machine or container has, less 1 GiB; half of it where that is more.",
            "must be auto or a size like 4 GiB",
            (text, from) -> text.equals(AUTO) ? OptionalLong.empty() : OptionalLong.of(Quantities.size(text)));
    static final Key<Integer> ENGINE_QUEUE = number(
            "engine.queue",
            "16",
            0,
            10_000,
            "How many requests may wait for the engine; one more is answered with 429.");
    static final Key<Duration> ENGINE_IDLE_UNLOAD =
            duration("engine.idle_unload", "10m", "A model that nobody used for this long is unloaded.");

    static final Key<String> SERVER_HOST = new Key<>(
            "server.host",
            "127.0.0.1",
            "Address to listen on; anything but loopback needs server.insecure_public.",
            "must be a host name or address",
            (text, from) -> {
                if (text.isBlank()) {
                    throw new IllegalArgumentException(text);
                }
                return text.strip();
            });
    static final Key<Integer> SERVER_PORT =
            number("server.port", "7070", 0, 65_535, "Port to listen on; 0 takes a free one.");
    static final Key<Duration> SERVER_DRAIN = duration(
            "server.drain",
            "30s",
            "How long running work may go on after a stop signal; 0s: not at all.",
            Duration.ZERO);
    static final Key<Long> SERVER_MAX_BODY = size("server.max_body", "2 GiB", "The largest upload.");
    static final Key<Duration> SERVER_UPLOAD_GRACE =
            duration("server.upload_grace", "30s", "Time that every upload may take, whatever its size.");
    static final Key<Long> SERVER_UPLOAD_RATE = size(
            "server.upload_rate", "16 KiB", "Beyond that grace an upload must bring at least this much in a second.");
    static final Key<Long> SERVER_DOWNLOAD_RATE = size(
            "server.download_rate",
            "2 KiB",
            "Once an answer is made, a client must take at least this much of it in a second, beyond a rest of server.idle.");
    static final Key<Integer> SERVER_MAX_IN_FLIGHT = number(
            "server.max_in_flight",
            "64",
            1,
            10_000,
            "How many uploads, runs and downloads there may be at a time; one more is answered with 429 before it uploads.");
    static final Key<Duration> SERVER_IDLE =
            duration("server.idle", "30s", "How long a connection may be silent while one side waits for the other.");
    static final Key<Optional<Path>> SERVER_SPOOL = path(
            "server.spool",
            "Where uploads lie while they are worked on; auto: spool/ beside the models' folder in FLOWSTATE_HOME or the user's cache. Containers that share that folder need a spool each.");
    static final Key<Boolean> SERVER_INSECURE_PUBLIC = flag(
            "server.insecure_public",
            "false",
            "Allows an address that others can reach although nobody has to show a key. Only behind a proxy that checks them.");

    static final Key<Set<String>> SERVER_ALLOWED_HOSTS = words(
            "server.allowed_hosts", "Names, besides those of loopback, under which clients may address the server.");
    static final Key<Set<String>> SERVER_ALLOWED_ORIGINS =
            words("server.allowed_origins", "Web origins whose pages may call the server, e.g. http://localhost:3000.");

    static final Key<URI> CLIENT_SERVER = uri(
                    "client.server",
                    "http://127.0.0.1:" + ServerConfig.DEFAULT_PORT,
                    "The server that `flowstate jobs` talks to.")
            .alsoFrom("FLOWSTATE_SERVER");

    static final Key<LogFormat> LOG_FORMAT = new Key<>(
            "log.format",
            AUTO,
            "How serve logs: text, json (one object a line), or auto: text on a terminal, else json.",
            "must be auto, text or json",
            (text, from) -> LogFormat.valueOf(text.toUpperCase(Locale.ROOT)));

    /** How log lines look. */
    enum LogFormat {
        AUTO,
        TEXT,
        JSON
    }

    /** In the order of the docs. */
    static final List<Key<?>> ALL = Stream.of(
                    List.<Key<?>>of(
                            CATALOGUE_FILE,
                            MODELS_FOLDER,
                            MODELS_OFFLINE,
                            MODELS_HUB_ENDPOINT,
                            MODELS_HUB_TOKEN,
                            MODELS_MIN_FREE,
                            MODELS_STALL_LIMIT,
                            MODELS_CLIENT_SILENCE,
                            AUDIO_FFMPEG,
                            AUDIO_FFPROBE,
                            AUDIO_STALL_LIMIT,
                            AUDIO_CPU_LIMIT,
                            ENGINE_THREADS,
                            ENGINE_MEMORY,
                            ENGINE_QUEUE,
                            ENGINE_IDLE_UNLOAD,
                            SERVER_HOST,
                            SERVER_PORT,
                            SERVER_DRAIN,
                            SERVER_MAX_BODY,
                            SERVER_UPLOAD_GRACE,
                            SERVER_UPLOAD_RATE,
                            SERVER_DOWNLOAD_RATE,
                            SERVER_MAX_IN_FLIGHT,
                            SERVER_IDLE,
                            SERVER_SPOOL,
                            SERVER_INSECURE_PUBLIC,
                            SERVER_ALLOWED_HOSTS,
                            SERVER_ALLOWED_ORIGINS,
                            StoreKeys.SERVER_ROLES,
                            CLIENT_SERVER,
                            LOG_FORMAT),
                    StoreKeys.ALL)
            .flatMap(List::stream)
            .toList();

    private Keys() {}
}
