package io.flowstate.bench;

import io.flowstate.audio.AudioFiles;
import io.flowstate.core.Quality;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What better stems cost: FlowState separates the same song with different options. */
@Command(
        name = "quality",
        header = "Separate one song with different options, in turns, and show what they cost and bring.",
        description = "SDR is the same in each round; the times of the last table are medians.",
        footer = "Example: bench/quality --truth DIR -- '--overlap 0.5' '--shifts 4'")
final class QualityTrial implements Callable<Integer> {
    private static final List<String> STEMS = List.of("drums", "bass", "other", "vocals");

    @Option(
            names = "--truth",
            required = true,
            description = "Folder with the true drums, bass, other and vocals of samples/song.flac as .flac.")
    Path truth = Path.of("");

    @Option(names = "--rounds", description = "How many times each runs. Default: ${DEFAULT-VALUE}.")
    int rounds = 1;

    @Parameters(
            paramLabel = "OPTIONS",
            description = "Options of flowstate stems, each set as one word, after --. Default: each --quality.")
    List<String> settings = Arrays.stream(Quality.values())
            .map(quality -> "--quality " + quality.id())
            .toList();

    private final AudioFiles audio = Checkout.current().audio();

    @Override
    public Integer call() throws IOException {
        OurCommand ours = new OurCommand(Checkout.current().flowstate());
        ours.prepare();
        Map<String, List<Comparison.Run>> runs = new LinkedHashMap<>();
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            for (int round = 1; round <= rounds; round++) {
                for (String setting : settings) {
                    Comparison.Run run = run(ours, setting, work);
                    runs.computeIfAbsent(setting, _ -> new ArrayList<>()).add(run);
                    System.err.printf("round %d  %s%n", round, Comparison.line(setting, run));
                }
            }
        }
        System.out.printf("| | wall | processor time | %s |%n", String.join(" | ", STEMS));
        System.out.println("|---".repeat(STEMS.size() + 3) + "|");
        runs.forEach((setting, each) -> System.out.println(row(setting, each)));
        return 0;
    }

    private Comparison.Run run(OurCommand ours, String setting, Checkout.Workplace work) throws IOException {
        Path out = work.file("out");
        List<String> command = new ArrayList<>(ours.command(Checkout.current().song(), out));
        command.addAll(List.of(setting.strip().split(" +")));
        Disturbance.Start start = Disturbance.Start.now();
        Usage usage = Usage.of(command, Map.of(), work.file("run.log"));
        Disturbance disturbance = start.until(Disturbance.Start.now(), usage.cpuSeconds());
        Map<String, Double> sdr = new LinkedHashMap<>();
        for (String stem : STEMS) {
            float[][] wanted = Clips.read(audio, truth.resolve(stem + ".flac"));
            sdr.put(
                    stem,
                    Clips.sdr(
                            wanted,
                            Clips.read(audio, ours.stem(Checkout.current().song(), out, stem))));
        }
        Checkout.Workplace.remove(out);
        return new Comparison.Run(usage, disturbance, sdr);
    }

    private static String row(String setting, List<Comparison.Run> runs) {
        return "| `%s` | %.1f s | %.1f s | %s |"
                .formatted(
                        setting,
                        median(runs, Usage::wallSeconds),
                        median(runs, Usage::cpuSeconds),
                        runs.getLast().sdr().values().stream()
                                .map(each -> String.format(Locale.ROOT, "%.2f", each))
                                .collect(Collectors.joining(" | ")));
    }

    private static double median(List<Comparison.Run> runs, ToDoubleFunction<Usage> of) {
        return Statistics.median(
                runs.stream().map(run -> of.applyAsDouble(run.usage())).toList());
    }
}
