package io.flowstate.app;

import ai.onnxruntime.OrtEnvironment;
import io.flowstate.audio.FfmpegTools;
import io.flowstate.core.ByteCount;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source;
import io.flowstate.engine.OnnxRuntime;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Looks at the machine, the bundled programs, the models and the settings, one finding for each. */
final class Examination {
    private static final Set<String> TELLING_FEATURES = Set.of(
            "avx",
            "avx2",
            "fma",
            "f16c",
            "avx512f",
            "avx512_vnni",
            "avx_vnni",
            "amx_int8",
            "asimd",
            "asimddp",
            "sve",
            "i8mm");

    private final Terminal terminal;
    private final Settings settings;
    private final House house;

    /** @param advice what to do; empty when all is well */
    record Finding(String subject, boolean ok, String what, String advice) {
        static Finding ok(String subject, String what) {
            return new Finding(subject, true, what, "");
        }

        static Finding problem(String subject, String what, String advice) {
            return new Finding(subject, false, what, advice);
        }
    }

    Examination(Terminal terminal, Settings settings, House house) {
        this.terminal = terminal;
        this.settings = settings;
        this.house = house;
    }

    List<Finding> all() {
        List<Finding> findings = new ArrayList<>(machine());
        findings.add(memory(Memory.ofMachine(), Optional.of(settings), localModels()));
        findings.add(config());
        Variables.unknown(terminal)
                .forEach(unknown -> findings.add(
                        Finding.problem("environment", unknown, "Correct its name, or unset it: it changes nothing.")));
        Finding runtime = onnxRuntime();
        findings.add(runtime);
        findings.add(ffmpeg());
        findings.add(disk());
        findings.add(DataExamination.of(settings, new Places(terminal)));
        for (Model model : house.catalogue().models().values()) {
            findings.add(model(model));
            if (runtime.ok()) {
                findings.addAll(graphs(model));
            }
        }
        return findings;
    }

    /** When the settings or the catalogue are so wrong that nothing else can be looked at. */
    static List<Finding> ofMachineAlone(FlowError wrong) {
        List<Finding> findings = new ArrayList<>(machine());
        findings.add(memory(Memory.ofMachine(), Optional.empty(), List.of()));
        findings.add(
                Finding.problem("configuration", wrong.message(), wrong.advice().orElse("Correct it.")));
        return findings;
    }

    private static List<Finding> machine() {
        return List.of(java(), processor());
    }

    private List<Model> localModels() {
        return house.catalogue().deployments().values().stream()
                .filter(deployment -> !deployment.leavesMachine())
                .map(Deployment::model)
                .toList();
    }

    private static Finding java() {
        return Finding.ok(
                "java",
                "%s, %s, %s"
                        .formatted(
                                Runtime.version(), System.getProperty("java.vendor"), System.getProperty("java.home")));
    }

    private static Finding processor() {
        int cores = Runtime.getRuntime().availableProcessors();
        Set<String> features = new TreeSet<>(cpuFlags());
        features.retainAll(TELLING_FEATURES);
        String what = "%d cores, %s%s"
                .formatted(
                        cores,
                        System.getProperty("os.arch"),
                        features.isEmpty() ? "" : ", with " + String.join(" ", features));
        return Finding.ok("processor", what);
    }

    private static List<String> cpuFlags() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                    .findFirst()
                    .map(line -> Arrays.asList(
                            line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
                    .orElse(List.of());
        } catch (IOException elsewhere) {
            return List.of();
        }
    }

    /** Whether every model that runs here fits: into what the engine may use, and into what is free now. */
    static Finding memory(Memory memory, Optional<Settings> settings, Collection<Model> models) {
        String what = "%s%s; the JVM's heap takes at most %s"
                .formatted(
                        ByteCount.memory(memory.total()),
                        memory.available().isPresent()
                                ? ", %s available"
                                        .formatted(ByteCount.memory(
                                                memory.available().getAsLong()))
                                : "",
                        ByteCount.memory(Memory.ofHeap()));
        Optional<Model> largest = models.stream().max(Comparator.comparingLong(Model::memoryBytes));
        if (settings.isEmpty() || largest.isEmpty()) {
            return Finding.ok("memory", what);
        }
        Model model = largest.get();
        long budget = memory.budget(settings.get());
        String need = "%s; %s takes %s and models may take %s"
                .formatted(what, model.id(), ByteCount.memory(model.memoryBytes()), ByteCount.memory(budget));
        if (model.memoryBytes() > budget) {
            return Finding.problem("memory", need, "Give the machine or container more, or raise engine.memory.");
        }
        return memory.available().orElse(Long.MAX_VALUE) < model.memoryBytes()
                ? Finding.problem("memory", need, "End other programs, or give the machine or container more.")
                : Finding.ok("memory", need);
    }

    private Finding config() {
        return Finding.ok("configuration", settings.file().map(Path::toString).orElse("no file, the defaults hold"));
    }

    private static Finding onnxRuntime() {
        try {
            OrtEnvironment environment = OnnxRuntime.environment();
            return Finding.ok(
                    "onnxruntime",
                    "%s, providers %s".formatted(environment.getVersion(), OrtEnvironment.getAvailableProviders()));
        } catch (LinkageError | RuntimeException broken) {
            return Finding.problem(
                    "onnxruntime",
                    "its library cannot be loaded: " + broken.getMessage(),
                    "Check that lib/native/onnxruntime is complete and fits this system; build again with ./flowstate.");
        }
    }

    private Finding ffmpeg() {
        FfmpegTools tools = house.ffmpeg();
        try {
            String version = first(tools.says("-version"), Pattern.compile("ffmpeg version (\\S+)"));
            String licence = first(tools.says("-L"), Pattern.compile("the GNU ((?:Lesser )?General Public License)"));
            return Finding.ok("ffmpeg", "%s, %s, %s".formatted(version, licence, tools.ffmpeg()));
        } catch (FlowError broken) {
            return Finding.problem(
                    "ffmpeg",
                    "%s: %s".formatted(tools.ffmpeg(), broken.message()),
                    "Build again with ./flowstate, or name programs that work: audio.ffmpeg and audio.ffprobe.");
        }
    }

    private static String first(String text, Pattern wanted) {
        Matcher found = wanted.matcher(text.replaceAll("\\s+", " "));
        return found.find() ? found.group(1) : "unknown";
    }

    private Finding disk() {
        Path folder = house.models().folder();
        long missing = house.catalogue().models().values().stream()
                .filter(model -> house.models().find(model).isEmpty())
                .mapToLong(Model::sizeBytes)
                .sum();
        Path existing = existing(folder);
        Optional<String> refusal = refusal(existing);
        if (refusal.isPresent()) {
            return Finding.problem("disk", refusal.get(), "Set models.folder or FLOWSTATE_HOME.");
        }
        try {
            FileStore store = Files.getFileStore(existing);
            String what = "%s free for models in %s".formatted(ByteCount.text(store.getUsableSpace()), folder);
            long needed = missing == 0 ? 0 : 2 * missing + settings.get(Keys.MODELS_MIN_FREE);
            return store.getUsableSpace() >= needed
                    ? Finding.ok("disk", what)
                    : Finding.problem(
                            "disk",
                            what,
                            "The models to fetch need %s; free some space.".formatted(ByteCount.text(needed)));
        } catch (IOException unknown) {
            return Finding.problem(
                    "disk", "%s: %s".formatted(folder, Reason.of(unknown)), "Set models.folder or FLOWSTATE_HOME.");
        }
    }

    /** The folder, or the nearest above it that is there. */
    static Path existing(Path folder) {
        Path existing = folder;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        return existing;
    }

    /** Only trying tells: where everybody may write, as root in /proc, there may still be no room for folders. */
    static Optional<String> refusal(Path folder) {
        try {
            Files.delete(Files.createTempDirectory(folder, ".flowstate"));
            return Optional.empty();
        } catch (FileSystemException refused) {
            return Optional.of("no folder can be made in %s (%s)".formatted(folder, Reason.kind(refused)));
        } catch (IOException refused) {
            return Optional.of("no folder can be made in %s (%s)".formatted(folder, Reason.of(refused)));
        }
    }

    private Finding model(Model model) {
        String subject = model.id();
        if (house.models().find(model).isPresent()) {
            return Finding.ok(subject, "here, " + ByteCount.text(model.sizeBytes()));
        }
        Optional<FlowError> outOfReach = house.models().outOfReach(model);
        if (outOfReach.isPresent()) {
            FlowError why = outOfReach.get();
            return Finding.problem(subject, why.message(), why.advice().orElseThrow());
        }
        List<String> clients = model.sources().stream()
                .flatMap(source -> client(source).stream())
                .toList();
        boolean canFetch =
                clients.size() < model.sources().size() || clients.stream().anyMatch(this::isOnPath);
        return canFetch
                ? Finding.ok(subject, "not here yet; it is fetched when it is first needed")
                : Finding.problem(
                        subject,
                        "not here, and %s, which could fetch it, is not on PATH".formatted(String.join(", ", clients)),
                        "Install %s, or copy the models folder of another machine.".formatted(clients.getFirst()));
    }

    /** How the graphs of a model that is here stand; which version of the runtime they are fitted to, only the runtime can tell. */
    private List<Finding> graphs(Model model) {
        return house.models()
                .find(model)
                .map(installed -> new FittedGraphs(house.rewrittenGraphs(), installed))
                .map(fitted -> fitted.roles().stream()
                        .map(role -> Finding.ok(model.id(), fitted.told(role)))
                        .toList())
                .orElse(List.of());
    }

    /** The program that a source needs, if it needs one. */
    private static Optional<String> client(Source source) {
        return switch (source.kind()) {
            case NPM -> Optional.of("npm");
            case MAVEN -> Optional.of("mvn");
            case PYPI -> Optional.of("python3");
            case HUB, HTTPS, FILE -> Optional.empty();
        };
    }

    private boolean isOnPath(String program) {
        return Arrays.stream(terminal.environment().getOrDefault("PATH", "").split(java.io.File.pathSeparator))
                .map(folder -> Path.of(folder, program))
                .anyMatch(Files::isExecutable);
    }
}
