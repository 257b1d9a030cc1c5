package io.flowstate.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * {@code deploy/compose.yaml}, read as Docker reads it.
 *
 * @param services by name
 */
record Compose(Map<String, Service> services) {
    static final Path FOLDER = Path.of(System.getProperty("flowstate.root"), "deploy");
    private static final String OURS = "flowstate:";
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)(?::[?-]([^}]*))?}");

    /** @param volumes name or folder of each by where it is mounted */
    record Service(
            String name,
            String image,
            List<String> command,
            Map<String, String> environment,
            Map<String, String> volumes,
            Map<String, String> dependsOn) {
        /** A variable of its environment. */
        String given(String variable) {
            return Optional.ofNullable(environment.get(variable))
                    .orElseThrow(() -> new AssertionError("%s has no %s".formatted(name, variable)));
        }

        boolean isOurs() {
            return image.startsWith(OURS);
        }

        /** Whether it runs with this role, as its command says. */
        boolean hasRole(String role) {
            return isOurs() && command.equals(List.of("serve", "--roles", role));
        }
    }

    /** @param variables what {@code .env} would have */
    static Compose read(Map<String, String> variables) throws IOException {
        Object root = new Load(LoadSettings.builder().build()).loadFromString(text("compose.yaml"));
        Map<String, Service> services = new LinkedHashMap<>();
        map(map(root).get("services"))
                .forEach((name, service) -> services.put(name, service(name, map(service), variables)));
        return new Compose(services);
    }

    static String text(String file) throws IOException {
        return Files.readString(FOLDER.resolve(file));
    }

    /** Every variable that the file wants to be given. */
    static TreeSet<String> variables() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        Matcher matcher = VARIABLE.matcher(text("compose.yaml"));
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }

    Service service(String name) {
        return Optional.ofNullable(services.get(name)).orElseThrow(() -> new AssertionError("no service " + name));
    }

    List<Service> nodes(String role) {
        return services.values().stream().filter(each -> each.hasRole(role)).toList();
    }

    private static Service service(String name, Map<String, Object> service, Map<String, String> variables) {
        Map<String, String> environment = new LinkedHashMap<>();
        map(service.get("environment"))
                .forEach((key, value) -> environment.put(key, given(value.toString(), variables)));
        Map<String, String> volumes = new LinkedHashMap<>();
        words(service.get("volumes")).stream()
                .map(text -> text.split(":", 3))
                .forEach(part -> volumes.put(part[1], part[0]));
        Map<String, String> dependsOn = new LinkedHashMap<>();
        map(service.get("depends_on"))
                .forEach((other, how) -> dependsOn.put(other, String.valueOf(map(how).get("condition"))));
        return new Service(
                name,
                String.valueOf(service.get("image")),
                words(service.get("command")),
                environment,
                volumes,
                dependsOn);
    }

    private static String given(String text, Map<String, String> variables) {
        return VARIABLE.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(Optional.ofNullable(variables.get(found.group(1)))
                        .orElseThrow(() -> new AssertionError("nobody gives " + found.group()))));
    }

    private static Map<String, Object> map(@Nullable Object node) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (node instanceof Map<?, ?> entries) {
            entries.forEach((key, value) -> map.put(String.valueOf(key), value));
        }
        return map;
    }

    private static List<String> words(@Nullable Object node) {
        List<String> words = new ArrayList<>();
        if (node instanceof List<?> items) {
            items.forEach(item -> words.add(String.valueOf(item)));
        }
        return words;
    }
}
