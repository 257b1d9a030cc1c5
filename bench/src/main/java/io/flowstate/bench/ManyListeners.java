package io.flowstate.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Many listeners to the events of one job on one node: whether all hear of its end, when the last one does, and what they cost meanwhile. */
final class ManyListeners {
    private static final int IDLE_SECONDS = 10;
    private static final int LONGEST_WAIT_MILLIS = 60_000;

    private final Checkout.Workplace work;
    private final int count;

    ManyListeners(Checkout.Workplace work, int count) {
        this.work = work;
        this.count = count;
    }

    void on(String title, @Nullable BenchPostgres postgres) throws IOException {
        try (JobNodes nodes = new JobNodes(work.file("listeners-" + title), 1, postgres, false)) {
            ChildServer node = nodes.all.getFirst();
            // Once for the compiler.
            listen(title, nodes, node, count / 10, 0);
            System.out.println(listen(title, nodes, node, count, IDLE_SECONDS));
        }
    }

    private static String listen(String title, JobNodes nodes, ChildServer node, int count, int idleSeconds)
            throws IOException {
        String id;
        try (HttpConnection submitting = new HttpConnection(node.port())) {
            id = JobNodes.idOf(submitting.ask(JobNodes.submission()));
        }
        AtomicInteger connected = new AtomicInteger();
        List<FutureTask<Long>> all = new ArrayList<>();
        double before = nodes.cpu().toNanos() / 1e9;
        for (int i = 0; i < count; i++) {
            FutureTask<Long> one = new FutureTask<>(() -> heardAt(node, id, connected));
            Thread.ofVirtual().start(one);
            all.add(one);
        }
        for (int waited = 0; connected.get() < count && waited < LONGEST_WAIT_MILLIS; waited += 10) {
            Laps.rest(10);
            for (FutureTask<Long> one : all) {
                if (one.isDone()) {
                    throw new IOException("a listener was told too early: " + Laps.get(one));
                }
            }
        }
        double settled = nodes.cpu().toNanos() / 1e9;
        Laps.rest(1000L * idleSeconds);
        double idle = (nodes.cpu().toNanos() / 1e9 - settled) / Math.max(1, idleSeconds);
        String holds = held(node);
        double quiet = nodes.cpu().toNanos() / 1e9;
        long begun = System.nanoTime();
        try (HttpConnection canceling = new HttpConnection(node.port())) {
            String _ = canceling.post("/v1/jobs/%s/cancel".formatted(id));
        }
        double[] millis = new double[count];
        for (int i = 0; i < count; i++) {
            millis[i] = (Laps.get(all.get(i)) - begun) / 1e6;
        }
        double told = nodes.cpu().toNanos() / 1e9 - quiet;
        return "%s, %d listeners, all told: p50 %.0f ms, last %.0f ms; CPU %.2f ms to connect each, %.1f %% of a core while all wait, %.2f s to tell all; %s"
                .formatted(
                        title,
                        count,
                        Statistics.quantile(millis, 0.5),
                        Arrays.stream(millis).max().orElseThrow(),
                        1000 * (settled - before) / count,
                        100 * idle,
                        told,
                        holds);
    }

    /** When a listener was told that the job is canceled; one that is not told fails the measurement. */
    private static long heardAt(ChildServer node, String id, AtomicInteger connected) throws IOException {
        try (HttpConnection connection = new HttpConnection(node.port());
                BufferedReader lines = new BufferedReader(new InputStreamReader(
                        connection.stream("/v1/jobs/%s/events".formatted(id)), StandardCharsets.UTF_8))) {
            StringBuilder said = new StringBuilder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.append(line).append('\n');
                if (line.startsWith("data:") && line.contains("\"status\":\"canceled\"")) {
                    return System.nanoTime();
                }
                if (line.startsWith("data:")) {
                    connected.incrementAndGet();
                }
            }
            throw new IOException("a listener was cut off after: " + said);
        }
    }

    private static String held(ChildServer node) throws IOException {
        String status = Files.readString(Path.of("/proc/%d/status".formatted(node.pid())));
        try (var files = Files.list(Path.of("/proc/%d/fd".formatted(node.pid())))) {
            return "RSS %.0f MB, %s threads, %d files"
                    .formatted(kilobytes(status, "VmRSS:") / 1e3, number(status, "Threads:"), files.count());
        }
    }

    private static double kilobytes(String status, String name) {
        return Double.parseDouble(number(status, name));
    }

    private static String number(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .orElseThrow()
                .replaceAll("\\D", "");
    }
}
