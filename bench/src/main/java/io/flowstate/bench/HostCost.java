package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the command costs around the graph: whether memory grows with the track, and which share of the processor time is not the graph's. */
@Command(
        name = "host",
        header = "Measure memory of a long track against a short one, and the processor time that is not the graph's.",
        description = {
            "The share is the CPU time of a run with a no-op graph of the same shapes, divided by that of a run with htdemucs. It is an upper bound:",
            "the start of the program, the model store and the no-op graph's own work count as host."
        })
final class HostCost implements Callable<Integer> {
    private static final int SHORT_MINUTES = 1;

    @Option(
            names = "--minutes",
            description =
                    "Length of the long track for the no-op graph; its stems take 64 MB of disk a minute. Default: ${DEFAULT-VALUE}.")
    int minutes = 60;

    @Option(
            names = "--real-minutes",
            description = "Length of the long track for htdemucs; 0 leaves it out. Default: ${DEFAULT-VALUE}.")
    int realMinutes = 0;

    @Option(
            names = "--rounds",
            description = "Runs of each graph over one minute, in turns. Default: ${DEFAULT-VALUE}.")
    int rounds = 3;

    private final List<Usage> noOp = new ArrayList<>();
    private final List<Usage> real = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        new OurCommand(Checkout.current().flowstate()).prepare();
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            NoOpModel model = NoOpModel.in(work.folder());
            Path shortTrack = track(SHORT_MINUTES, work);
            // Its graph is fitted to the machine once and not again.
            run(NoOpModel.ID, SHORT_MINUTES, shortTrack, model.environment(), work);
            for (int round = 0; round < rounds; round++) {
                noOp.add(run(NoOpModel.ID, SHORT_MINUTES, shortTrack, model.environment(), work));
                real.add(run("htdemucs", SHORT_MINUTES, shortTrack, Map.of(), work));
            }
            System.out.printf("CPU that is not the graph's: %.1f %% (bar 8 %%)%n", 100 * median(noOp) / median(real));
            growth(
                    "no-op graph",
                    minutes,
                    noOp,
                    run(NoOpModel.ID, minutes, track(minutes, work), model.environment(), work));
            if (realMinutes > 0) {
                growth(
                        "htdemucs",
                        realMinutes,
                        real,
                        run("htdemucs", realMinutes, track(realMinutes, work), Map.of(), work));
            }
        }
        return 0;
    }

    private static double median(List<Usage> runs) {
        return Statistics.median(runs.stream().map(Usage::cpuSeconds).toList());
    }

    private static void growth(String graph, int minutes, List<Usage> shortRuns, Usage longRun) {
        double before = Statistics.median(
                shortRuns.stream().map(run -> run.peakRssBytes() / 1e6).toList());
        double after = longRun.peakRssBytes() / 1e6;
        System.out.printf(
                "%s, peak RSS: %d min %.0f MB, %d min %.0f MB, ratio %.3f (bar 1.1)%n",
                graph, SHORT_MINUTES, before, minutes, after, after / before);
    }

    private static Path track(int minutes, Checkout.Workplace work) throws IOException {
        Checkout checkout = Checkout.current();
        float[][] song = Clips.read(checkout.audio(), checkout.song());
        return Clips.write(
                checkout.audio(), song, 60L * minutes * Clips.RATE_HZ, work.file("%d-minutes.wav".formatted(minutes)));
    }

    private static Usage run(
            String model, int minutes, Path track, Map<String, String> environment, Checkout.Workplace work)
            throws IOException {
        Path out = work.file("out");
        List<String> command = new ArrayList<>(new OurCommand(Checkout.current().flowstate()).command(track, out));
        command.addAll(List.of("--model", model));
        Disturbance.Start start = Disturbance.Start.now();
        Usage usage = Usage.of(command, environment, work.file("run.log"));
        Disturbance disturbance = start.until(Disturbance.Start.now(), usage.cpuSeconds());
        Checkout.Workplace.remove(out);
        System.err.println(Comparison.line(
                "%s, %d min".formatted(model, minutes), new Comparison.Run(usage, disturbance, Map.of())));
        return usage;
    }
}
