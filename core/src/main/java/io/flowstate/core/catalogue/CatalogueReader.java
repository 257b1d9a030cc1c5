package io.flowstate.core.catalogue;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Stem;
import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Deployment.Latency;
import io.flowstate.core.catalogue.Deployment.Limits;
import io.flowstate.core.catalogue.Deployment.Price;
import io.flowstate.core.catalogue.Model.Licence;
import io.flowstate.core.catalogue.Model.ModelFile;
import io.flowstate.core.catalogue.Model.Source;
import io.flowstate.core.yaml.Problems;
import io.flowstate.core.yaml.YamlObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads the catalogue that FlowState ships, with the user's own entries laid over it. All mistakes of both files are reported together. */
public final class CatalogueReader {
    private static final String SHIPPED = "catalogue.yaml";

    private final Problems problems = new Problems();

    private CatalogueReader() {}

    /** The shipped catalogue alone. */
    public static Catalogue shipped() {
        return new CatalogueReader().read(Optional.empty());
    }

    /**
     * @param fileName of the user's catalogue, for messages
     * @throws FlowError {@code BAD_CONFIG} with every mistake
     */
    public static Catalogue withUserFile(String fileName, String yaml) {
        CatalogueReader reader = new CatalogueReader();
        return reader.read(Optional.of(YamlObject.parse(fileName, yaml, reader.problems)));
    }

    private Catalogue read(Optional<YamlObject> user) {
        YamlObject shipped = YamlObject.parse(SHIPPED, shippedText(), problems);
        YamlObject root = user.map(shipped::overlaidBy).orElse(shipped);
        Map<String, YamlObject> modelEntries = root.objects("models");
        Map<String, Model> models = new LinkedHashMap<>();
        modelEntries.forEach((id, entry) -> model(id, entry).ifPresent(model -> models.put(id, model)));
        Map<String, Deployment> deployments = new LinkedHashMap<>();
        YamlObject group = root.object("deployments");
        root.objects("deployments").forEach((id, entry) -> {
            String provider = id.substring(0, Math.max(0, id.indexOf('/')));
            String model = id.substring(id.indexOf('/') + 1);
            if (provider.isEmpty() || !modelEntries.containsKey(model)) {
                group.problem(
                        id,
                        "must be provider/model with a model of the catalogue"
                                + Problems.hint(model, modelEntries.keySet()));
            }
            deployment(provider, Optional.ofNullable(models.get(model)), entry)
                    .ifPresent(each -> deployments.put(id, each));
        });
        Map<Task, Map<String, List<String>>> preference = preference(root.object("preference"));
        root.done();
        problems.throwIfAny();
        return new Catalogue(models, deployments, preference);
    }

    private static Optional<Model> model(String id, YamlObject entry) {
        Map<String, ModelFile> files = new LinkedHashMap<>();
        entry.objects("files").forEach((role, file) -> files.put(role, file(file)));
        List<Source> sources = new ArrayList<>();
        entry.objectList("sources").forEach(source -> source(source, files).ifPresent(sources::add));
        Optional<Task> task = entry.requiredValue("task", Task::of);
        String title = entry.requiredText("title");
        String family = entry.requiredText("family");
        List<Stem> stems = stems(entry, task);
        Licence licence = licence(entry.object("licence"));
        long memory = memory(entry, files);
        String quality = entry.text("quality").orElse("");
        entry.done();
        return task.map(known -> new Model(id, title, known, family, stems, licence, files, sources, memory, quality));
    }

    /** What the engine must know before it loads the files; a model without any runs elsewhere. */
    private static long memory(YamlObject entry, Map<String, ModelFile> files) {
        Optional<Long> memory = entry.size("memory");
        return (files.isEmpty() ? memory : entry.required("memory", memory)).orElse(0L);
    }

    private static List<Stem> stems(YamlObject entry, Optional<Task> task) {
        List<Stem> stems = entry.list("stems", Stem::of);
        if (task.filter(Task.STEMS::equals).isPresent()) {
            entry.required("stems", Optional.of(stems));
        }
        if (new HashSet<>(stems).size() < stems.size()) {
            entry.problem("stems", "names a stem twice");
        }
        return stems;
    }

    private static Licence licence(YamlObject entry) {
        Licence licence = new Licence(
                entry.requiredText("weights"),
                entry.text("code").orElse(""),
                entry.requiredFlag("commercial_use"),
                entry.text("notice").orElse(""),
                entry.text("terms").orElse(""));
        entry.done();
        return licence;
    }

    private static ModelFile file(YamlObject entry) {
        String name = entry.requiredText("name");
        if (name.contains("/") || name.contains("\\") || name.startsWith(".")) {
            entry.problem("name", "must be a plain file name, was \"%s\"".formatted(name));
        }
        String sha256 = entry.requiredValue("sha256", CatalogueReader::sha256).orElse("");
        long size =
                entry.required("size", entry.integer("size", 1, Long.MAX_VALUE)).orElse(1L);
        entry.done();
        return new ModelFile(name, sha256, size);
    }

    private static String sha256(String text) {
        String hex = text.toLowerCase(Locale.ROOT);
        if (!hex.matches("[0-9a-f]{64}")) {
            throw FlowError.of(Code.BAD_CONFIG, "must be 64 hexadecimal digits, was \"%s\"", text);
        }
        return hex;
    }

    private static Optional<Source> source(YamlObject entry, Map<String, ModelFile> files) {
        Map<String, String> paths = paths(entry.object("paths"), files);
        OptionalLong size =
                entry.integer("size", 1, Long.MAX_VALUE).map(OptionalLong::of).orElseGet(OptionalLong::empty);
        List<Source> named = new ArrayList<>();
        for (Source.Kind kind : Source.Kind.values()) {
            entry.text(kind.id()).ifPresent(locator -> named.add(new Source(kind, locator, paths, size)));
        }
        if (named.size() != 1) {
            entry.problem("must name exactly one of npm, maven, pypi, hub, https, file");
        }
        entry.done();
        return named.stream().findFirst();
    }

    private static Map<String, String> paths(YamlObject entry, Map<String, ModelFile> files) {
        Map<String, String> paths = new LinkedHashMap<>();
        files.forEach((role, file) -> paths.put(role, entry.text(role).orElse(file.name())));
        entry.done();
        return paths;
    }

    private static Optional<Deployment> deployment(String provider, Optional<Model> model, YamlObject entry) {
        boolean leavesMachine = entry.requiredFlag("leaves_machine");
        Price price = price(entry.object("price"));
        Latency latency = latency(entry.object("latency"));
        Limits limits = limits(entry.object("limits"));
        entry.done();
        return model.map(known -> new Deployment(provider, known, price, latency, limits, leavesMachine));
    }

    private static Price price(YamlObject entry) {
        Price price = new Price(
                entry.decimal("usd_per_audio_minute", 0, 1_000_000),
                entry.requiredText("source"),
                entry.required("as_of", entry.date("as_of")).orElse(LocalDate.EPOCH));
        entry.done();
        return price;
    }

    private static Latency latency(YamlObject entry) {
        Latency latency = new Latency(
                entry.duration("cold").orElse(Duration.ZERO),
                entry.required("start", entry.duration("start")).orElse(Duration.ZERO),
                entry.decimal("per_audio_second", 0, 1_000_000)
                        .orElse(BigDecimal.ZERO)
                        .doubleValue(),
                entry.decimal("spread", 1, 1_000).orElse(BigDecimal.ONE).doubleValue());
        entry.done();
        return latency;
    }

    private static Limits limits(YamlObject entry) {
        Limits limits = new Limits(entry.duration("max_audio"));
        entry.done();
        return limits;
    }

    private static Map<Task, Map<String, List<String>>> preference(YamlObject entry) {
        Map<Task, Map<String, List<String>>> preference = new EnumMap<>(Task.class);
        for (Task task : Task.values()) {
            YamlObject row = entry.object(task.id());
            preference.put(task, Map.of("realtime", row.words("realtime"), "background", row.words("background")));
            row.done();
        }
        entry.done();
        return preference;
    }

    private static String shippedText() {
        try (InputStream in = CatalogueReader.class.getResourceAsStream(SHIPPED)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + SHIPPED);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
