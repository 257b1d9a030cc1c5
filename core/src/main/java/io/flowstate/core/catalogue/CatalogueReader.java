package io.flowstate.core.catalogue;

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
     * @throws io.flowstate.core.FlowError {@code BAD_CONFIG} with every mistake
     */
    public static Catalogue withUserFile(String fileName, String yaml) {
        CatalogueReader reader = new CatalogueReader();
        return reader.read(Optional.of(YamlObject.parse(fileName, yaml, reader.problems)));
    }

    private Catalogue read(Optional<YamlObject> user) {
        YamlObject shipped = YamlObject.parse(SHIPPED, shippedText(), problems);
        YamlObject root = user.map(shipped::overlaidBy).orElse(shipped);
        Map<String, Model> models = new LinkedHashMap<>();
        root.objects("models").forEach((id, entry) -> model(id, entry).ifPresent(model -> models.put(id, model)));
        Map<String, Deployment> deployments = new LinkedHashMap<>();
        root.objects("deployments")
                .forEach((id, entry) -> deployment(id, entry, models).ifPresent(each -> deployments.put(id, each)));
        Map<Task, Map<String, List<String>>> preference = preference(root.object("preference"));
        root.done();
        problems.throwIfAny();
        return new Catalogue(models, deployments, preference);
    }

    private Optional<Model> model(String id, YamlObject entry) {
        Map<String, ModelFile> files = new LinkedHashMap<>();
        entry.objects("files").forEach((role, file) -> files.put(role, file(file)));
        List<Source> sources = new ArrayList<>();
        entry.objectList("sources").forEach(source -> source(source, files).ifPresent(sources::add));
        List<Stem> stems = new ArrayList<>();
        for (String word : entry.words("stems")) {
            try {
                stems.add(Stem.of(word));
            } catch (io.flowstate.core.FlowError unknown) {
                entry.problem("stems", unknown.message());
            }
        }
        Optional<Task> task = entry.requiredValue("task", Task::of);
        String title = entry.requiredText("title");
        String family = entry.requiredText("family");
        Licence licence = licence(entry.object("licence"));
        long memory = entry.size("memory").orElse(0L);
        if (!entry.has("memory")) {
            entry.problem("memory", "is missing: what the model takes while it runs");
        }
        String quality = entry.text("quality").orElse("");
        entry.done();
        return task.map(known -> new Model(id, title, known, family, stems, licence, files, sources, memory, quality));
    }

    private static Licence licence(YamlObject entry) {
        Licence licence = new Licence(
                entry.requiredText("weights"),
                entry.text("code").orElse(""),
                entry.requiredFlag("commercial_use"),
                entry.text("notice").orElse(""),
                entry.text("url").orElse(""));
        entry.done();
        return licence;
    }

    private static ModelFile file(YamlObject entry) {
        String name = entry.requiredText("name");
        if (name.contains("/") || name.contains("\\") || name.startsWith(".")) {
            entry.problem("name", "must be a plain file name");
        }
        String sha256 = entry.requiredText("sha256").toLowerCase(Locale.ROOT);
        if (!sha256.matches("[0-9a-f]{64}")) {
            entry.problem("sha256", "must be 64 hexadecimal digits");
        }
        long size = entry.integer("size", 1, Long.MAX_VALUE).orElse(1L);
        if (!entry.has("size")) {
            entry.problem("size", "is missing");
        }
        entry.done();
        return new ModelFile(name, sha256, size);
    }

    private static Optional<Source> source(YamlObject entry, Map<String, ModelFile> files) {
        Optional<Source> source = Optional.empty();
        OptionalLong size =
                entry.integer("size", 1, Long.MAX_VALUE).map(OptionalLong::of).orElseGet(OptionalLong::empty);
        for (Source.Kind kind : Source.Kind.values()) {
            Optional<String> locator = entry.text(kind.name().toLowerCase(Locale.ROOT));
            if (locator.isPresent() && source.isPresent()) {
                entry.problem(kind.name().toLowerCase(Locale.ROOT), "a source has just one kind");
            }
            if (locator.isPresent()) {
                source = Optional.of(new Source(kind, locator.get(), paths(entry.object("paths"), files), size));
            }
        }
        if (source.isEmpty()) {
            entry.problem("source", "must name one of npm, maven, pypi, hub, https, file");
        }
        entry.done();
        return source;
    }

    private static Map<String, String> paths(YamlObject entry, Map<String, ModelFile> files) {
        Map<String, String> paths = new LinkedHashMap<>();
        files.forEach((role, file) -> paths.put(role, entry.text(role).orElse(file.name())));
        entry.done();
        return paths;
    }

    private Optional<Deployment> deployment(String id, YamlObject entry, Map<String, Model> models) {
        String[] parts = id.split("/", 2);
        Price price = price(entry.object("price"));
        Latency latency = latency(entry.object("latency"));
        YamlObject limitsEntry = entry.object("limits");
        Limits limits = new Limits(limitsEntry.duration("max_audio"));
        limitsEntry.done();
        boolean leaves = entry.requiredFlag("leaves_machine");
        entry.done();
        Model model = parts.length == 2 ? models.get(parts[1]) : null;
        if (model == null) {
            problems.add("deployments.%s: must be provider/model with a model of this catalogue".formatted(id));
            return Optional.empty();
        }
        return Optional.of(new Deployment(parts[0], model, price, latency, limits, leaves));
    }

    private static Price price(YamlObject entry) {
        Optional<BigDecimal> perMinute = entry.decimal("usd_per_audio_minute");
        Price price = new Price(
                perMinute, entry.requiredText("source"), entry.date("as_of").orElse(LocalDate.EPOCH));
        if (!entry.has("as_of")) {
            entry.problem("as_of", "is missing: a price needs the date on which it was looked up");
        }
        entry.done();
        return price;
    }

    private static Latency latency(YamlObject entry) {
        Latency latency = new Latency(
                entry.duration("cold").orElse(Duration.ZERO),
                entry.duration("start").orElse(Duration.ZERO),
                entry.decimal("per_audio_second").orElse(BigDecimal.ZERO).doubleValue(),
                entry.decimal("spread").orElse(BigDecimal.ONE).doubleValue());
        entry.done();
        return latency;
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
