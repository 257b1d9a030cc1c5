package io.flowstate.app;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Check;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Quality;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.routing.Policy.Priority;
import io.flowstate.core.yaml.YamlObject;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flowstate stems}: turns options into one request per input and hands them to {@link StemsBatch}. */
@Command(
        name = "stems",
        header = "Separate music into its stems.",
        description = {
            "Writes one audio file for each stem. The model is fetched when it is first needed; after that no network is used.",
            "An INPUT is an audio file, or a folder of which every audio file is taken, those in its subfolders too (hidden ones and *-stems left out).",
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
            "",
            "Exit codes: 0 all done; 1 some input failed, the others are done; 2 usage; 3 setup (no model, no disk, offline); 130 stopped."
        })
final class StemsCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final House.Builder houses;
    private final Clock clock;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Parameters(paramLabel = "INPUT", arity = "1..*", description = "Audio files and folders.")
    List<Path> inputs = List.of();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "Folder for the results; it is made when it is missing. Default: the current one.")
    Path out = Path.of("");

    @Option(
            names = "--stems",
            paramLabel = "NAMES",
            completionCandidates = Candidates.Stems.class,
            split = ",",
            description = "Just these, e.g. vocals,drums. Default: all that the model has.")
    List<String> stems = List.of();

    @Option(
            names = "--two-stems",
            paramLabel = "NAME",
            completionCandidates = Candidates.Stems.class,
            description = "This stem, and everything else together as no_NAME.")
    Optional<String> twoStems = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            completionCandidates = Candidates.Formats.class,
            description = "wav, flac, mp3, opus or m4a. Default: wav.")
    String format = "wav";

    @Option(
            names = "--bits",
            paramLabel = "BITS",
            completionCandidates = Candidates.Bits.class,
            description = "Sample encoding of wav and flac: 16, 24 or 32f (float, wav only). Default: 24.")
    String bits = AudioFormat.DEFAULT.bits().id();

    @Option(
            names = "--bitrate",
            paramLabel = "KBPS",
            description = "For mp3 (default 320), opus (192) and m4a (256); e.g. --bitrate 128.")
    Optional<Integer> bitrate = Optional.empty();

    @Option(
            names = "--clip",
            paramLabel = "MODE",
            completionCandidates = Candidates.ClipModes.class,
            description =
                    "For samples over full scale: clamp limits them, rescale turns all stems down alike, none leaves them"
                            + " (32f and lossy formats only). Default: clamp.")
    String clip = "clamp";

    @Option(
            names = "--quality",
            paramLabel = "QUALITY",
            completionCandidates = Candidates.Qualities.class,
            description = "fast (overlap 0.1), standard (0.25) or best (0.25, and two shifts: twice as long)."
                    + " --overlap and --shifts overrule it. Default: standard.")
    String quality = Quality.STANDARD.id();

    @Option(
            names = "--overlap",
            paramLabel = "SHARE",
            description =
                    "Share of a segment that the next one covers again, 0 to 0.95; more is slower and a little better. Default: by quality.")
    Optional<Double> overlap = Optional.empty();

    @Option(
            names = "--shifts",
            paramLabel = "N",
            description =
                    "Separate N times at random offsets and average, 1 to 10: N times slower, a little better. Default: by quality.")
    Optional<Integer> shifts = Optional.empty();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of these offsets; the same seed gives the same result. Default: 0.")
    long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with. Default: one for each processor core (engine.threads).")
    Optional<String> threads = Optional.empty();

    @Option(
            names = "--name",
            paramLabel = "TEMPLATE",
            description = "How results are called, below the folder of -o: a path with {track}, {stem}, {ext},"
                    + " {folder} (where the input lies in the folder you named) and {n} (its number)."
                    + " Default: '{track}-stems/{stem}.{ext}'; another: --name '{track}/{stem}.{ext}'.")
    String name = NameTemplate.DEFAULT.text();

    @Option(
            names = "--allow-truncated",
            description =
                    "Separate what is there when a file ends before its announced length, instead of refusing it.")
    boolean allowTruncated;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            completionCandidates = Candidates.Models.class,
            description =
                    "A model or deployment, e.g. htdemucs or local/htdemucs; see: flowstate models list. Default: the best that may run.")
    Optional<String> model = Optional.empty();

    @Option(
            names = "--max-cost",
            paramLabel = "USD",
            description = "Use no deployment that would cost more for one input, e.g. --max-cost 0.05.")
    Optional<BigDecimal> maxCost = Optional.empty();

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            description = "Give each input at most this long, e.g. --deadline 90s.")
    Optional<String> deadline = Optional.empty();

    @Option(names = "--local-only", description = "The audio must not leave this machine.")
    boolean localOnly;

    @Option(
            names = "--commercial-use",
            description = "Use only models whose licence allows commercial use of the results.")
    boolean commercialUse;

    @Option(
            names = "--json",
            description = "One JSON object for each input on standard output, also for those that failed.")
    boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress and no table: only errors, and the terms of a model that is fetched.")
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
        Settings settings = global.settings(terminal, overrides);
        Tracks tracks = Tracks.of(terminal, inputs);
        try (House house = houses.build(settings)) {
            Catalogue catalogue = house.catalogue();
            request(new AudioInput("", terminal.folder()), catalogue); // its checks tell of wrong options at once
            StemsBatch.Options options = new StemsBatch.Options(
                    input -> request(input, catalogue),
                    policy(),
                    terminal.folder().resolve(out).normalize(),
                    new NameTemplate(name),
                    json,
                    quiet);
            List<String> names = selection(catalogue).parts(catalogue.stems(model)).stream()
                    .map(StemSelection.Part::name)
                    .toList();
            options.naming().requireDistinct(options.out(), tracks.found(), names, format());
            StemsBatch batch = new StemsBatch(terminal, house, options, clock);
            try {
                tracks.found().stream()
                        .map(track -> options.naming().resolve(options.out(), track, names.getFirst(), format()))
                        .forEach(TrackOutputs::requireWritable);
            } catch (FlowError sealed) {
                return batch.refuse(tracks, sealed);
            }
            return batch.run(tracks);
        }
    }

    private StemsRequest request(AudioInput input, Catalogue catalogue) {
        Quality wanted = Quality.of(quality);
        return new StemsRequest(
                input,
                selection(catalogue),
                model,
                overlap.orElse(wanted.overlap()),
                shifts.orElse(wanted.shifts()),
                seed,
                new AudioFormat(
                        AudioFormat.Container.of(format),
                        AudioFormat.Bits.of(bits),
                        bitrate.map(OptionalInt::of).orElseGet(OptionalInt::empty)),
                ClipMode.of(clip),
                allowTruncated);
    }

    private String format() {
        return AudioFormat.Container.of(format).id();
    }

    private StemSelection selection(Catalogue catalogue) {
        Check.that(stems.isEmpty() || twoStems.isEmpty(), "two-stems", "cannot be used together with --stems");
        Set<Stem> valid = catalogue.stems(model);
        if (twoStems.isPresent()) {
            return new StemSelection.Against(Stem.of(twoStems.get().strip(), valid));
        }
        if (stems.isEmpty()) {
            return new StemSelection.All();
        }
        Set<Stem> some = EnumSet.noneOf(Stem.class);
        stems.forEach(stem -> some.add(Stem.of(stem.strip(), valid)));
        return new StemSelection.Some(some);
    }

    private Policy policy() {
        return new Policy(
                Priority.REALTIME, maxCost, deadline.map(StemsCommand::duration), Set.of(), localOnly, commercialUse);
    }

    private static Duration duration(String text) {
        try {
            return YamlObject.parseDuration(text);
        } catch (IllegalArgumentException wrong) {
            throw FlowError.of(Code.BAD_REQUEST, "deadline must be a duration like 90s or 5m, was \"%s\".", text)
                    .field("deadline")
                    .causedBy(wrong);
        }
    }
}
