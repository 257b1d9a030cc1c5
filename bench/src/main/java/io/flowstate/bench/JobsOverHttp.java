package io.flowstate.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Jobs as clients see them: how long one takes to be accepted, how many go through in a second, and how soon one that waits hears of a change. */
final class JobsOverHttp {
    private static final double WAKE_BAR_MILLIS = 100;

    private final Checkout.Workplace work;
    private final int jobs;
    private final int wakes;
    private final Bars bars;

    JobsOverHttp(Checkout.Workplace work, int jobs, int wakes, Bars bars) {
        this.work = work;
        this.jobs = jobs;
        this.wakes = wakes;
        this.bars = bars;
    }

    void on(String title, int count, @Nullable BenchPostgres postgres) throws IOException {
        String name = "%s, %s".formatted(title, count == 1 ? "1 node" : count + " nodes");
        try (JobNodes nodes = new JobNodes(work.file("http-" + title + count), count, postgres, true)) {
            double[] _ = submit(nodes, jobs, 16);
            nodes.awaitIdle();
            for (int connections : new int[] {1, 16}) {
                measure(name, nodes, connections);
            }
        }
        try (JobNodes nodes = new JobNodes(work.file("wake-" + title + count), count, postgres, false)) {
            wake(name + ", long poll on the node of the change", nodes, nodes.all.getFirst());
            if (count > 1) {
                wake(name + ", long poll on another node", nodes, nodes.all.getLast());
            }
        }
    }

    private void measure(String name, JobNodes nodes, int connections) throws IOException {
        int some = connections == 1 ? jobs / 4 : jobs;
        Disturbance.Start start = Disturbance.Start.now();
        double before = nodes.cpu().toNanos() / 1e9;
        long begun = System.nanoTime();
        double[] millis = submit(nodes, some, connections);
        double accepting = (System.nanoTime() - begun) / 1e9;
        nodes.awaitIdle();
        double seconds = (System.nanoTime() - begun) / 1e9;
        double cpu = nodes.cpu().toNanos() / 1e9 - before;
        System.out.printf(
                "%-20s %2d clients: accepted p50 %5.1f ms, p99 %5.1f ms, %4.0f/s; done %4.0f jobs/s; CPU %.2f ms a job   %s%n",
                name,
                connections,
                Statistics.quantile(millis, 0.5),
                Statistics.quantile(millis, 0.99),
                some / accepting,
                some / seconds,
                1000 * cpu / some,
                start.until(Disturbance.Start.now(), cpu));
    }

    /** Milliseconds from each request to its 202; the connections go to the nodes in turns. */
    private static double[] submit(JobNodes nodes, int count, int connections) throws IOException {
        byte[] request = JobNodes.submission();
        double[] millis = new double[count];
        AtomicInteger next = new AtomicInteger();
        AtomicInteger opened = new AtomicInteger();
        Laps.share(connections, connections, _ -> {
            int node = opened.getAndIncrement() % nodes.all.size();
            try (HttpConnection connection =
                    new HttpConnection(nodes.all.get(node).port())) {
                for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                    long begun = System.nanoTime();
                    connection.exchange(request);
                    millis[i] = (System.nanoTime() - begun) / 1e6;
                }
            }
        });
        return millis;
    }

    /** From the moment at which a job is canceled on the first node, its request included, to the answer that somebody has waited for. */
    private void wake(String name, JobNodes nodes, ChildServer where) throws IOException {
        double[] millis = new double[wakes];
        for (int i = -wakes / 2; i < wakes; i++) {
            double took = wakeOnce(nodes.all.getFirst(), where);
            if (i >= 0) {
                millis[i] = took;
            }
        }
        double longest = Arrays.stream(millis).max().orElseThrow();
        System.out.printf(
                "%s: p50 %.1f ms, p99 %.1f ms, longest %.1f ms of %d, %s%n",
                name,
                Statistics.quantile(millis, 0.5),
                Statistics.quantile(millis, 0.99),
                longest,
                wakes,
                bars.verdict(Statistics.quantile(millis, 0.99), WAKE_BAR_MILLIS));
    }

    private static double wakeOnce(ChildServer changer, ChildServer waiter) throws IOException {
        try (HttpConnection first = new HttpConnection(changer.port());
                HttpConnection other = new HttpConnection(waiter.port())) {
            String job = first.ask(JobNodes.submission());
            String id = JobNodes.idOf(job);
            FutureTask<Long> waiting = new FutureTask<>(() -> {
                String _ = other.get("/v1/jobs/%s?wait=30s&revision=%d".formatted(id, JobNodes.revisionOf(job)));
                return System.nanoTime();
            });
            Thread.ofPlatform().start(waiting);
            // Long enough for the request to be waiting; nothing says when it is.
            Laps.rest(40);
            long begun = System.nanoTime();
            String _ = first.post("/v1/jobs/%s/cancel".formatted(id));
            return (Laps.get(waiting) - begun) / 1e6;
        }
    }
}
