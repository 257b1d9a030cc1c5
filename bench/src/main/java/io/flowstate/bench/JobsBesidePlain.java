package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whole jobs beside a plain program on the same library, in turns: what each costs of the processor, the database's processes included. */
final class JobsBesidePlain {
    private static final double MOST = 2;
    private static final List<String> HEAP = List.of("-XX:+UseSerialGC", "-Xmx256m");

    private final Checkout.Workplace work;
    private final int count;
    private final int rounds;
    private final int warmUp;
    private final Bars bars;

    /**
     * @param warmUp jobs of each program before the first lap that counts. The compiler of Java works beside a program for as long as there is code that it has not seen run often enough,
     *     and takes part of the processor's time meanwhile, from whoever has more code for longer
     */
    JobsBesidePlain(Checkout.Workplace work, int count, int rounds, int warmUp, Bars bars) {
        this.work = work;
        this.warmUp = warmUp;
        this.count = count;
        this.rounds = rounds;
        this.bars = bars;
    }

    /** One program with what its laps took. */
    private record Side(String name, ChildServer process, List<Double> cpuMillis, List<Double> perSecond) {
        Side(String name, ChildServer process) {
            this(name, process, new ArrayList<>(), new ArrayList<>());
        }
    }

    void onSqlite() throws IOException {
        compare("SQLite", null);
    }

    void on(BenchPostgres postgres) throws IOException {
        compare("PostgreSQL", postgres);
    }

    private void compare(String title, @Nullable BenchPostgres postgres) throws IOException {
        try (ChildServer plain = plain(title, postgres);
                ChildServer bare = ours(title, "ours", postgres, false);
                ChildServer writing = ours(title, "ours-writing", postgres, true)) {
            List<Side> sides = List.of(
                    new Side("plain db-scheduler", plain),
                    new Side("job without outputs", bare),
                    new Side("job with an output of 1 KB", writing));
            Disturbance.Start begun = Disturbance.Start.now();
            double used = 0;
            for (int round = -Math.ceilDiv(warmUp, count); round < rounds; round++) {
                for (Side side : sides) {
                    used += lap(side, postgres, round >= 0);
                }
            }
            print(title, sides, begun.until(Disturbance.Start.now(), used));
        }
    }

    private ChildServer plain(String title, @Nullable BenchPostgres postgres) throws IOException {
        Path folder = Files.createDirectories(work.file("plain-" + title));
        return new ChildServer(
                PlainJobs.class,
                HEAP,
                List.of(postgres == null ? folder.toString() : postgres.address()),
                work.file("plain-" + title + ".log"));
    }

    private ChildServer ours(String title, String name, @Nullable BenchPostgres postgres, boolean writes)
            throws IOException {
        Path folder = Files.createDirectories(work.file(name + "-" + title));
        NoOpServer.Node node = new NoOpServer.Node(
                folder,
                folder.resolve("data"),
                postgres == null ? Optional.empty() : Optional.of(postgres.address()),
                true,
                writes);
        return new ChildServer(OurJobs.class, HEAP, node.arguments(), work.file(name + "-" + title + ".log"));
    }

    /** Gives the seconds of processor time that it took. */
    private double lap(Side side, @Nullable BenchPostgres postgres, boolean counts) throws IOException {
        double before = cpuSeconds(side, postgres);
        long begun = System.nanoTime();
        side.process.lap(count);
        double seconds = (System.nanoTime() - begun) / 1e9;
        double cpu = cpuSeconds(side, postgres) - before;
        if (counts) {
            side.cpuMillis.add(1000 * cpu / count);
            side.perSecond.add(count / seconds);
        }
        return cpu;
    }

    private static double cpuSeconds(Side side, @Nullable BenchPostgres postgres) throws IOException {
        double own = side.process.cpu().toNanos() / 1e9;
        return postgres == null ? own : own + postgres.cpu().toNanos() / 1e9;
    }

    private void print(String title, List<Side> sides, Disturbance disturbance) {
        Side plain = sides.getFirst();
        System.out.printf(
                "%s, %d laps of %d jobs each in turns, medians (minima)   %s%n", title, rounds, count, disturbance);
        for (Side side : sides) {
            System.out.printf(
                    "  %-27s CPU %5.2f (%5.2f) ms a job, %5.0f jobs/s%s%n",
                    side.name,
                    Statistics.median(side.cpuMillis),
                    side.cpuMillis.stream().min(Double::compare).orElseThrow(),
                    Statistics.median(side.perSecond),
                    side.name.equals(plain.name) ? "" : ratio(side, plain));
        }
    }

    private String ratio(Side side, Side plain) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < side.cpuMillis.size(); round++) {
            ratios.add(side.cpuMillis.get(round) / plain.cpuMillis.get(round));
        }
        double median = Statistics.median(ratios);
        return ", CPU / plain %.2f, %s".formatted(median, bars.verdict(median, MOST));
    }
}
