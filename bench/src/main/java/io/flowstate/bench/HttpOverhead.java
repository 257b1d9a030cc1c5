package io.flowstate.bench;

import io.flowstate.testkit.TestAudio;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a request costs apart from inference: the whole server before a provider that does nothing. */
@Command(
        name = "http",
        header = "Measure the server's own cost: small requests, and a large upload against a plain copy.",
        description = {
            "The server runs in a JVM with a heap of 64 MB. The plain copy is a loop in another JVM that takes the same bytes from the same kind of socket",
            "and writes them to a file in the same folder; both are measured in turns."
        })
final class HttpOverhead implements Callable<Integer> {
    private static final List<String> HEAP = List.of("-XX:+UseSerialGC", "-Xmx64m", "-XX:+ExitOnOutOfMemoryError");
    private static final int SMALL_BYTES = 1024;
    private static final int WAV_HEADER_BYTES = 44;
    private static final String BOUNDARY = "----bench";

    @Option(
            names = "--requests",
            description =
                    "Small requests for each number of connections, after as many to warm up. Default: ${DEFAULT-VALUE}.")
    int requests = 4000;

    @Option(names = "--upload-mb", description = "Size of the large upload. Default: ${DEFAULT-VALUE}.")
    int uploadMegabytes = 200;

    @Option(names = "--rounds", description = "Large uploads of each kind. Default: ${DEFAULT-VALUE}.")
    int rounds = 5;

    @Override
    public Integer call() throws IOException {
        try (Checkout.Workplace work = Checkout.Workplace.open();
                ChildServer server = new ChildServer(
                        NoOpServer.class,
                        HEAP,
                        NoOpServer.Node.alone(work.file("spool")).arguments(),
                        work.file("server.log"))) {
            for (int connections : List.of(1, 16)) {
                small(server, connections);
            }
            try (ChildServer plain = new ChildServer(
                    PlainReceiver.class, HEAP, List.of(work.folder().toString()), work.file("plain.log"))) {
                large(server, plain, work);
            }
            System.out.printf("Peak RSS of the server, heap of 64 MB at most: %.0f MB%n", server.peakRssBytes() / 1e6);
        }
        return 0;
    }

    private void small(ChildServer server, int connections) throws IOException {
        byte[] request = smallRequest();
        drive(server.port(), connections, request);
        Disturbance.Start start = Disturbance.Start.now();
        Duration before = server.cpu();
        long begun = System.nanoTime();
        double[] millis = drive(server.port(), connections, request);
        double seconds = (System.nanoTime() - begun) / 1e9;
        double cpu = server.cpu().minus(before).toNanos() / 1e9;
        System.out.printf(
                "1 KB, %2d connections: p50 %.2f ms, p99 %.2f ms, CPU of the server %.2f ms a request, %.0f requests/s   %s%n",
                connections,
                Statistics.quantile(millis, 0.5),
                Statistics.quantile(millis, 0.99),
                1000 * cpu / millis.length,
                millis.length / seconds,
                start.until(Disturbance.Start.now(), cpu));
    }

    /** A WAV of exactly a kilobyte as the body. */
    private static byte[] smallRequest() throws IOException {
        byte[] wav = TestAudio.wav(TestAudio.noise(2, (SMALL_BYTES - WAV_HEADER_BYTES) / 4, 1), Clips.RATE_HZ);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(HttpConnection.head("audio/wav", wav.length));
        request.write(wav);
        return request.toByteArray();
    }

    /** Latencies in milliseconds of all requests, which the connections share evenly, one thread each. */
    private double[] drive(int port, int connections, byte[] request) throws IOException {
        int each = requests / connections;
        List<Future<double[]>> all = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            FutureTask<double[]> one = new FutureTask<>(() -> driveOne(port, each, request));
            Thread.ofPlatform().start(one);
            all.add(one);
        }
        double[] millis = new double[each * connections];
        for (int i = 0; i < connections; i++) {
            System.arraycopy(get(all.get(i)), 0, millis, i * each, each);
        }
        return millis;
    }

    private static double[] driveOne(int port, int count, byte[] request) throws IOException {
        double[] millis = new double[count];
        try (HttpConnection connection = new HttpConnection(port)) {
            for (int i = 0; i < count; i++) {
                long begun = System.nanoTime();
                connection.exchange(request);
                millis[i] = (System.nanoTime() - begun) / 1e6;
            }
        }
        return millis;
    }

    private static double[] get(Future<double[]> future) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            throw new IOException(failed);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }

    private void large(ChildServer server, ChildServer plain, Checkout.Workplace work) throws IOException {
        long frames = uploadMegabytes * 1_000_000L / 4;
        Path song = Clips.write(
                Checkout.current().audio(), TestAudio.noise(2, Clips.RATE_HZ, 1), frames, work.file("large.wav"));
        byte[] before = "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"large.wav\"\r\n\r\n"
                .formatted(BOUNDARY)
                .getBytes(StandardCharsets.US_ASCII);
        byte[] after = "\r\n--%s--\r\n".formatted(BOUNDARY).getBytes(StandardCharsets.US_ASCII);
        List<Double> copied = new ArrayList<>();
        List<Double> raw = new ArrayList<>();
        List<Double> form = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double[] seconds = {
                upload(plain.port(), "audio/wav", new byte[0], song, new byte[0]),
                upload(server.port(), "audio/wav", new byte[0], song, new byte[0]),
                upload(server.port(), "multipart/form-data; boundary=" + BOUNDARY, before, song, after)
            };
            if (round > 0) {
                copied.add(seconds[0]);
                raw.add(seconds[1]);
                form.add(seconds[2]);
            }
        }
        System.out.printf(
                "%d MB: plain copy %.3f s; as the body %.3f s, ratio %.2f; in a form %.3f s, ratio %.2f (bar 1.5)%n",
                uploadMegabytes,
                Statistics.median(copied),
                Statistics.median(raw),
                ratio(raw, copied),
                Statistics.median(form),
                ratio(form, copied));
    }

    private static double ratio(List<Double> measured, List<Double> copied) {
        double[] ratios = new double[measured.size()];
        Arrays.setAll(ratios, i -> measured.get(i) / copied.get(i));
        return Statistics.quantile(ratios, 0.5);
    }

    private static double upload(int port, String mediaType, byte[] before, Path file, byte[] after)
            throws IOException {
        long begun = System.nanoTime();
        try (HttpConnection connection = new HttpConnection(port)) {
            connection.upload(mediaType, before, file, after);
        }
        return (System.nanoTime() - begun) / 1e9;
    }
}
