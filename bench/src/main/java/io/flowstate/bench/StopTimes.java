package io.flowstate.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How soon htdemucs stops when nobody wants its result any more. */
@Command(
        name = "stop",
        header = "Measure how soon work ends after Ctrl-C, and after an HTTP client has left.",
        description = {
            "The command: from the signal to the end of the process, which has to leave no file behind.",
            "The server: from the closing of the connection until /metrics says that nothing runs or waits, asked every 5 ms.",
            "Both come at a random moment of some windows of htdemucs; the command's after its first window, the server's from the beginning."
        })
final class StopTimes implements Callable<Integer> {
    private static final long WORK_MILLIS = 6_000;
    private static final long GLANCE_MILLIS = 5;
    private static final Pattern BUSY =
            Pattern.compile("(?m)^flowstate_deployment_(running|queued)\\{deployment=\"local/htdemucs\"} [^0]");

    @Option(names = "--rounds", description = "Stops of each kind. Default: ${DEFAULT-VALUE}.")
    int rounds = 10;

    @Option(names = "--seed", description = "Of the moments at which it is stopped. Default: ${DEFAULT-VALUE}.")
    long seed = 1;

    private final HttpClient client = HttpClient.newHttpClient();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Checkout checkout = Checkout.current();
        new OurCommand(checkout.flowstate()).prepare();
        SplittableRandom moments = new SplittableRandom(seed);
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            Path song = Clips.write(
                    checkout.audio(),
                    Clips.read(checkout.audio(), checkout.song()),
                    60L * Clips.RATE_HZ,
                    work.file("song.wav"));
            tell("Ctrl-C to the end of the process", interrupted(checkout, song, work, moments));
            tell("client leaves to nothing runs", abandoned(checkout, song, work, moments));
        }
        return 0;
    }

    private List<Double> interrupted(Checkout checkout, Path song, Checkout.Workplace work, SplittableRandom moments)
            throws IOException, InterruptedException {
        List<Double> seconds = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            Path out = Files.createDirectories(work.file("out"));
            // A shell makes what it starts in its background deaf to SIGINT.
            List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
            command.addAll(
                    List.of(checkout.flowstate().toString(), "stems", song.toString(), "-o", out.toString(), "--json"));
            Process process = new ProcessBuilder(command).start();
            try (BufferedReader said = process.errorReader(StandardCharsets.UTF_8)) {
                awaitLine(said, "separating");
                Thread.sleep(moments.nextLong(WORK_MILLIS));
                long signal = System.nanoTime();
                new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .start()
                        .waitFor();
                int code = process.waitFor();
                seconds.add((System.nanoTime() - signal) / 1e9);
                requireStopped(code, out);
            } finally {
                process.destroyForcibly();
            }
            Checkout.Workplace.remove(out);
        }
        return seconds;
    }

    private static void requireStopped(int code, Path out) throws IOException {
        try (Stream<Path> left = Files.walk(out)) {
            List<Path> files = left.filter(Files::isRegularFile).toList();
            if (code != 130 || !files.isEmpty()) {
                throw new IOException("not stopped as promised: exit code %d, left %s".formatted(code, files));
            }
        }
    }

    private List<Double> abandoned(Checkout checkout, Path song, Checkout.Workplace work, SplittableRandom moments)
            throws IOException, InterruptedException {
        Process server = new ProcessBuilder(checkout.flowstate().toString(), "serve", "--port", "0")
                .redirectError(work.file("server.log").toFile())
                .start();
        try (BufferedReader said = server.inputReader(StandardCharsets.UTF_8)) {
            String line = awaitLine(said, "http://");
            URI address = URI.create(line.substring(line.indexOf("http://")));
            List<Double> seconds = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
                    caller.getOutputStream().write(HttpConnection.head("audio/wav", Files.size(song)));
                    Files.copy(song, caller.getOutputStream());
                    awaitBusy(address, true);
                    Thread.sleep(moments.nextLong(WORK_MILLIS));
                }
                long left = System.nanoTime();
                awaitBusy(address, false);
                seconds.add((System.nanoTime() - left) / 1e9);
            }
            return seconds;
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private void awaitBusy(URI address, boolean busy) throws IOException, InterruptedException {
        HttpRequest metrics =
                HttpRequest.newBuilder(address.resolve("/metrics")).build();
        while (BUSY.matcher(client.send(metrics, BodyHandlers.ofString()).body())
                        .find()
                != busy) {
            Thread.sleep(GLANCE_MILLIS);
        }
    }

    private static String awaitLine(BufferedReader said, String word) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.contains(word)) {
                return line;
            }
        }
        throw new IOException("it ended without saying \"%s\"".formatted(word));
    }

    private static void tell(String what, List<Double> seconds) throws IOException {
        double[] values = seconds.stream().mapToDouble(Double::doubleValue).toArray();
        System.out.printf(
                "%s: median %.2f s, longest %.2f s of %d (bar 1 s); load %.1f%n",
                what,
                Statistics.quantile(values, 0.5),
                Statistics.quantile(values, 1),
                values.length,
                Disturbance.Start.now().loadAverage());
    }
}
