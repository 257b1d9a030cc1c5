package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.jobs.Vitals;
import io.flowstate.testkit.FakeProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real server on a free port before the real gateway; only the providers and the probe behind it are fakes. A test class that registers one as an extension gets a fresh
 * one for each test, closed after it.
 */
final class TestServer implements AutoCloseable, AfterEachCallback {
    static final int IN_FLIGHT = 4;
    static final Duration IDLE = Duration.ofMillis(700);
    private static final String TWO_PLACES = """
            deployments:
              worker/htdemucs:
                leaves_machine: true
                price:
                  source: not known yet
                  as_of: 2026-11-22
                latency: {start: 10ms}
            """;

    final FakeProvider local = new FakeProvider("local");
    final FakeProvider worker = new FakeProvider("worker");
    final Server server;
    final TestJobs jobs;
    final Metrics metrics = new Metrics();
    private final Path spool;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    TestServer() {
        this(IDLE, Duration.ofSeconds(5), Clock.systemUTC());
    }

    TestServer(Duration idle, Duration drain, Clock clock) {
        this(config(newFolder(), idle, drain), clock);
    }

    /** One that keeps things; they go with it. */
    TestServer(TestStore store) {
        this(config(newFolder(), IDLE, Duration.ofSeconds(5)), Clock.systemUTC(), store, Node.ALONE);
    }

    /** One of a node that is not alone. */
    TestServer(Node node) {
        this(
                config(newFolder(), IDLE, Duration.ofSeconds(5)),
                Clock.systemUTC(),
                new TestStore(Clock.systemUTC()),
                node);
    }

    TestServer(ServerConfig config, Clock clock) {
        this(config, clock, new TestStore(Clock.systemUTC()), Node.ALONE);
    }

    private TestServer(ServerConfig config, Clock clock, TestStore store, Node node) {
        this.spool = config.spoolFolder();
        Gateway gateway = new Gateway(
                CatalogueReader.withUserFile("test.yaml", TWO_PLACES),
                List.of(local, worker),
                TestServer::probe,
                metrics,
                clock,
                timer);
        this.jobs = new TestJobs(store, gateway);
        metrics.watch(() -> Vitals.read(store.database), TestStore.MOST_BYTES, jobs.tallies);
        this.server = Server.start(config, node, gateway, jobs.house(), metrics, clock, "1.2.3");
    }

    /** Small limits, so that going over them is quick. */
    private static ServerConfig config(Path spool, Duration idle, Duration drain) {
        return new ServerConfig(
                "127.0.0.1",
                0,
                spool,
                4 << 20,
                Duration.ofSeconds(20),
                16 << 10,
                2 << 10,
                IN_FLIGHT,
                idle,
                drain,
                false,
                Set.of("Music.Example"),
                Set.of("http://friend.example", "HTTP://Other-Friend.example/"));
    }

    private static void delete(Path folder) {
        try {
            Files.deleteIfExists(folder);
        } catch (IOException notEmpty) {
            throw new UncheckedIOException(notEmpty);
        }
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("spool");
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    private static AudioFacts probe(AudioInput input, Cancellation cancellation) {
        try {
            if (Files.size(input.file()) < 100_000
                    && Files.readString(input.file(), StandardCharsets.ISO_8859_1)
                            .startsWith("not audio")) {
                throw FlowError.of(Code.AUDIO_UNREADABLE, "%s is not audio.", input.name())
                        .field("file");
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        return new AudioFacts("wav", "pcm_s16le", 44_100, 2, Optional.of(Duration.ofSeconds(60)));
    }

    int port() {
        return server.port();
    }

    URI uri(String pathAndQuery) {
        return URI.create("http://127.0.0.1:%d%s".formatted(port(), pathAndQuery));
    }

    HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    /** A raw body of audio. */
    HttpResponse<String> stems(String query, String body) {
        return send(audio(query, body).build());
    }

    HttpRequest.Builder audio(String query, String body) {
        return HttpRequest.newBuilder(uri("/v1/stems" + query))
                .header("Content-Type", "audio/wav")
                .POST(BodyPublishers.ofString(body, StandardCharsets.ISO_8859_1));
    }

    HttpResponse<String> post(String path, String mediaType, String body) {
        return send(HttpRequest.newBuilder(uri(path))
                .header("Content-Type", mediaType)
                .POST(BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                .build());
    }

    HttpResponse<String> send(HttpRequest request) {
        return send(request, BodyHandlers.ofString());
    }

    <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return client.send(request, handler);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new AssertionError(stop);
        }
    }

    HttpClient client() {
        return client;
    }

    /** Waits for what another thread is about to do; fails after ten seconds. */
    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain until " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    boolean spoolIsEmpty() {
        try (Stream<Path> files = Files.list(spool)) {
            return files.findAny().isEmpty();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** The only file of this name in the spool. */
    Path spooled(String name) {
        try (Stream<Path> all = Files.walk(spool)) {
            return all.filter(file -> file.endsWith(name)).findAny().orElseThrow();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** How many bytes lie in the spool now. */
    long spooledBytes() {
        try (Stream<Path> all = Files.walk(spool)) {
            return all.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException | UncheckedIOException vanished) {
            return 0;
        }
    }

    @Override
    public void afterEach(ExtensionContext test) {
        close();
    }

    /** Stops, and checks what every test promises: nothing runs and nothing lies about. */
    @Override
    public void close() {
        await("the spool is empty", this::spoolIsEmpty);
        server.close();
        jobs.close();
        assertThat(local.running() + worker.running()).isZero();
        metrics.close();
        timer.shutdownNow();
        client.close();
        delete(spool);
    }
}
