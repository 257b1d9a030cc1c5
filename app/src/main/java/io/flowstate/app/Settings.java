package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.yaml.Problems;
import io.flowstate.core.yaml.YamlObject;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The effective configuration: for every key the value of the strongest source, which are, in this order, options of the command, environment variables, the file,
 * the defaults. Immutable.
 */
final class Settings {
    private static final String DOTS = "•••";
    private static final String OPTION = "option --";

    /** The file's name in the user's configuration folder. */
    static final String FILE_NAME = "flowstate.yaml";

    /**
     * A key's effective value.
     *
     * @param shown as it was written; dots for a secret
     * @param origin {@code default}, {@code file:line:column}, {@code environment NAME} or {@code option --name}
     */
    record Setting(Key<?> key, Object value, String shown, String origin) {}

    /** Text for a key, and who gave it. */
    private record Given(String text, String origin, Path from) {
        boolean isOption() {
            return origin.startsWith(OPTION);
        }
    }

    private final Map<Key<?>, Setting> settings;
    private final Optional<Path> file;

    private Settings(Map<Key<?>, Setting> settings, Optional<Path> file) {
        this.settings = settings;
        this.file = file;
    }

    /**
     * @param file named by an option; it must then exist. Otherwise FLOWSTATE_CONFIG names one, or it lies in the user's configuration folder
     * @param options text by key, as options of the command gave it
     * @throws FlowError {@code BAD_CONFIG} with every mistake of every source; {@code BAD_REQUEST} for an option's
     */
    static Settings read(Terminal terminal, Optional<Path> file, Map<Key<?>, String> options) {
        Problems problems = new Problems();
        Optional<Path> found = find(terminal, file);
        Map<Key<?>, Given> inFile =
                found.map(path -> readFile(terminal, path, problems)).orElse(Map.of());
        Map<Key<?>, Setting> settings = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) {
            Given given = fromOption(terminal, key, options)
                    .or(() -> fromEnvironment(terminal, key))
                    .or(() -> Optional.ofNullable(inFile.get(key)))
                    .orElseGet(() -> new Given(key.fallback(), "default", terminal.folder()));
            parse(key, given, problems).ifPresent(setting -> settings.put(key, setting));
        }
        problems.throwIfAny();
        return new Settings(settings, found);
    }

    @SuppressWarnings("unchecked") // a setting's value was made by its key's own parser
    <T> T get(Key<T> key) {
        Setting setting = settings.get(key);
        if (setting == null) {
            throw new IllegalArgumentException(key.name() + " is not in Keys.ALL");
        }
        return (T) setting.value();
    }

    /** All of them, in the order of the docs. */
    List<Setting> all() {
        return List.copyOf(settings.values());
    }

    /** The file that was read, if there is one. */
    Optional<Path> file() {
        return file;
    }

    private static Optional<Path> find(Terminal terminal, Optional<Path> named) {
        Optional<Path> required = named.or(
                        () -> terminal.variable("FLOWSTATE_CONFIG").map(Path::of))
                .map(terminal.folder()::resolve);
        if (required.isPresent()) {
            if (!Files.isReadable(required.get())) {
                throw FlowError.of(Code.BAD_CONFIG, "There is no configuration file %s.", required.get())
                        .advice("Correct --config or FLOWSTATE_CONFIG, or leave them out to use the defaults.");
            }
            return required;
        }
        Optional<Path> configFolder = terminal.variable("XDG_CONFIG_HOME")
                .map(Path::of)
                .filter(Path::isAbsolute)
                .or(() -> terminal.home().map(home -> home.resolve(".config")))
                .map(folder -> folder.resolve("flowstate"));
        Optional<Path> ofUser =
                configFolder.map(folder -> folder.resolve(FILE_NAME)).filter(Files::isReadable);
        warnOfOneHere(terminal, ofUser);
        return ofUser;
    }

    /** A file that came along with somebody's music must not choose the programs that run here or where a token is sent. */
    private static void warnOfOneHere(Terminal terminal, Optional<Path> read) {
        Path here = terminal.folder().resolve(FILE_NAME);
        if (Files.exists(here) && !read.equals(Optional.of(here))) {
            terminal.err()
                    .printf(
                            "flowstate: the %s in this folder is not read. If you trust it: --config %s%n",
                            FILE_NAME, FILE_NAME);
        }
    }

    private static Map<Key<?>, Given> readFile(Terminal terminal, Path file, Problems problems) {
        YamlObject root = YamlObject.parse(terminal.shown(file), text(file), problems);
        Path from = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(terminal.folder());
        Map<String, YamlObject> groups = new LinkedHashMap<>();
        Map<Key<?>, Given> given = new HashMap<>();
        for (Key<?> key : Keys.ALL) {
            YamlObject group = groups.computeIfAbsent(key.group(), root::object);
            group.text(key.shortName())
                    .ifPresent(text -> given.put(
                            key, new Given(text, group.place(key.shortName()).orElse("file"), from)));
        }
        groups.values().forEach(YamlObject::done);
        root.done();
        return given;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException notText) {
            throw FlowError.of(Code.BAD_CONFIG, "%s is not text in UTF-8.", file)
                    .causedBy(notText);
        } catch (IOException unreadable) {
            throw FlowError.of(Code.BAD_CONFIG, "%s cannot be read: %s.", file, Reason.of(unreadable))
                    .causedBy(unreadable);
        }
    }

    private static Optional<Given> fromOption(Terminal terminal, Key<?> key, Map<Key<?>, String> options) {
        return Optional.ofNullable(options.get(key))
                .map(text -> new Given(text, OPTION + key.shortName().replace('_', '-'), terminal.folder()));
    }

    private static Optional<Given> fromEnvironment(Terminal terminal, Key<?> key) {
        return Stream.concat(Stream.of(key.variable()), key.aliases().stream())
                .flatMap(name -> terminal.variable(name).stream()
                        .map(text -> new Given(text, "environment " + name, terminal.folder())))
                .findFirst();
    }

    private static <T> Optional<Setting> parse(Key<T> key, Given given, Problems problems) {
        String shown = key.secret() && !given.text().isEmpty() ? DOTS : given.text();
        try {
            Object value = key.parser().parse(given.text(), given.from());
            return Optional.of(new Setting(key, value, shown, given.origin()));
        } catch (RuntimeException wrong) {
            if (given.isOption()) {
                throw FlowError.of(Code.BAD_REQUEST, "%s %s, was \"%s\".", given.origin(), key.rule(), shown)
                        .field(key.name())
                        .causedBy(wrong);
            }
            problems.add("%s %s: %s, was \"%s\"".formatted(given.origin(), key.name(), key.rule(), shown));
            return Optional.empty();
        }
    }
}
