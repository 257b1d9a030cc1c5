package io.flowstate.app;

import io.flowstate.core.AudioInput;
import io.flowstate.core.Check;
import io.flowstate.core.FlowError;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.routing.Policy;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flowstate stems}: turns options into one request per input and hands them to {@link StemsBatch}. */
@Command(
        name = "stems",
        header = "Separate music into its stems.",
        description = {
            "Writes one audio file for each stem. The model is fetched when it is first needed; after that no network is used.",
            "An INPUT is an audio file, or a folder of which every audio file is taken, those in its subfolders too. Left out are hidden ones,"
                    + " *-stems, the folder of -o below it, and results of an earlier run with the same --name (--verbose tells which).",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flowstate stems song.flac",
            "      song-stems/drums.wav, bass.wav, other.wav, vocals.wav",
            "  flowstate stems song.mp3 --two-stems vocals --format mp3 --bitrate 256",
            "      song-stems/vocals.mp3 and song-stems/no_vocals.mp3",
            "  flowstate stems albums -o separated --name '{folder}/{track}/{stem}.{ext}' --format flac --bits 16",
            "      every track below albums, in the same folders below separated",
            "  flowstate stems *.wav --stems vocals,drums --bits 32f --clip none --json > result.jsonl",
            "      samples just as the model gives them, and a line of JSON for each input",
            "  flowstate stems song.flac --quality best",
            "      twice as long, and a little better",
            "  flowstate stems song.flac --overlap 0.5 --shifts 4 --seed 7",
            "      six times slower, a little better, and the same every time",
            "  flowstate stems songs --quiet --threads 2 --deadline 10m --allow-truncated",
            "      on two cores, at most ten minutes for each, incomplete files too",
            "  flowstate stems song.flac --model htdemucs --local-only --max-cost 0",
            "      with this model, on this machine, for nothing",
            "  flowstate stems song.flac --commercial-use",
            "      only with a model whose licence allows to sell the result",
            "  flowstate stems albums --server http://studio:7070",
            "      on another machine, where flowstate serve runs",
            "",
            "Exit codes: 0 all done; 1 some input failed, the others are done; 2 usage; 3 setup (no model, no disk, no server); 130 or 143 stopped."
        })
final class StemsCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final House.Builder houses;
    private final Clock clock;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    SeparationOptions wanted = new SeparationOptions();

    @Mixin
    NamedInputs inputs = new NamedInputs();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with. Default: one for each processor core (engine.threads).")
    Optional<String> threads = Optional.empty();

    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "Let this server do the work, as jobs, and fetch what comes of them; e.g. http://studio:7070. Default: this machine does it.")
    Optional<String> server = Optional.empty();

    @Option(
            names = "--json",
            description = "One JSON object for each input on standard output, also for those that failed.")
    boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description =
                    "No progress and no table: only errors (with --json none but those in the objects), and the terms of a model that is fetched.")
    boolean quiet;

    StemsCommand(Terminal terminal, House.Builder houses, Clock clock) {
        this.terminal = terminal;
        this.houses = houses;
        this.clock = clock;
    }

    @Override
    public Integer call() {
        Map<Key<?>, String> overrides = new HashMap<>();
        threads.ifPresent(count -> overrides.put(Keys.ENGINE_THREADS, count));
        server.ifPresent(address -> overrides.put(Keys.CLIENT_SERVER, address));
        Settings settings = global.settings(terminal, overrides);
        Tracks tracks = Tracks.of(terminal, inputs.named(), new NameTemplate(output.name), out());
        return server.isPresent() ? onServer(settings, tracks) : here(settings, tracks);
    }

    private int here(Settings settings, Tracks tracks) {
        try (House house = houses.build(settings)) {
            Catalogue catalogue = house.catalogue();
            request(new AudioInput("", terminal.folder()), catalogue); // its checks tell of wrong options at once
            List<String> names = selection(catalogue).parts(catalogue.stems(wanted.routing.model)).stream()
                    .map(StemSelection.Part::name)
                    .toList();
            Separator separator = new LocalSeparator(
                    terminal, house, input -> request(input, catalogue), wanted.routing.policy(), clock);
            return run(tracks, names, separator);
        }
    }

    private int onServer(Settings settings, Tracks tracks) {
        Check.that(threads.isEmpty(), "threads", "is for this machine and cannot be used together with --server");
        Map<String, String> parameters = new HashMap<>(wanted.parameters());
        parameters.put("priority", Policy.Priority.REALTIME.id());
        try (JobsClient client = new JobsClient(settings.get(Keys.CLIENT_SERVER))) {
            return run(
                    tracks,
                    wanted.possibleOutputs(),
                    new ServerSeparator(client, tracks.found(), parameters, wanted.format.audio()));
        }
    }

    private Path out() {
        return terminal.folder().resolve(output.out).normalize();
    }

    /** @param names every output that a track may get */
    private int run(Tracks tracks, List<String> names, Separator separator) {
        StemsBatch.Options options =
                new StemsBatch.Options(out(), output.out, new NameTemplate(output.name), json, quiet);
        String extension = wanted.format.audio().container().id();
        options.naming().requireDistinct(options.out(), tracks.found(), names, extension);
        StemsBatch batch = new StemsBatch(terminal, separator, options, clock);
        try {
            tracks.found().stream()
                    .map(track -> options.naming().resolve(options.out(), track, names.getFirst(), extension))
                    .forEach(TrackOutputs::requireWritable);
        } catch (FlowError sealed) {
            return batch.refuse(tracks, sealed);
        }
        return batch.run(tracks);
    }

    private StemsRequest request(AudioInput input, Catalogue catalogue) {
        return wanted.request(input, selection(catalogue));
    }

    private StemSelection selection(Catalogue catalogue) {
        wanted.requireOneSelection();
        Set<Stem> valid = catalogue.stems(wanted.routing.model);
        if (wanted.twoStems.isPresent()) {
            return new StemSelection.Against(
                    Stem.of("two_stems", wanted.twoStems.get().strip(), valid));
        }
        if (wanted.stems.isEmpty()) {
            return new StemSelection.All();
        }
        Set<Stem> some = EnumSet.noneOf(Stem.class);
        wanted.stems.forEach(stem -> some.add(Stem.of("stems", stem.strip(), valid)));
        return new StemSelection.Some(some);
    }
}
