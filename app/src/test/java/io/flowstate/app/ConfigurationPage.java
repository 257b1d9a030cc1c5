package io.flowstate.app;

/** Prints docs/configuration.md from the keys, so that the page cannot say anything else than the program. */
final class ConfigurationPage {
    private ConfigurationPage() {}

    static String print() {
        StringBuilder page = new StringBuilder("""
                # Configuration

                FlowState runs without any. What is to differ goes into `flowstate.yaml`, which is looked for in this order: `--config FILE`, the file that `FLOWSTATE_CONFIG` names,
                `flowstate/flowstate.yaml` in your configuration folder (`XDG_CONFIG_HOME`, else `~/.config`). One that merely lies in the current folder is not read: it may have come
                with somebody's music, and the file can name programs to run and addresses that tokens are sent to. An environment variable beats the file, an option of the command
                beats both. `flowstate config` shows what is in force and who said so.

                ```yaml
                server:
                  port: 8080
                  drain: 2m
                models:
                  folder: /srv/models
                ```

                Durations are written like `250ms`, `30s`, `5m`, `2h`, sizes like `512 MiB`; a relative path in the file starts at the file's folder. Mistakes are told all at once, with
                their place: `flowstate.yaml:12:7 server.drain: must be a duration like 30s, 5m or 250ms, was "30 sec"`.

                """);
        String group = "";
        for (Key<?> key : Keys.ALL) {
            if (!key.group().equals(group)) {
                group = key.group();
                page.append("## %s%n%n| key | default | environment | |%n|---|---|---|---|%n".formatted(group));
            }
            StringBuilder variables = new StringBuilder("`%s`".formatted(key.variable()));
            key.aliases().forEach(alias -> variables.append(", `%s`".formatted(alias)));
            page.append("| `%s` | %s | %s | %s |%n"
                    .formatted(
                            key.name(),
                            key.fallback().isEmpty() ? "none" : "`" + key.fallback() + "`",
                            variables,
                            key.secret() ? key.help() + " Never shown." : key.help()));
            boolean last = Keys.ALL.indexOf(key) == Keys.ALL.size() - 1;
            if (!last && !Keys.ALL.get(Keys.ALL.indexOf(key) + 1).group().equals(group)) {
                page.append('\n');
            }
        }
        page.append("""

                ## Environment only
                | variable | |
                |---|---|
                | `FLOWSTATE_CONFIG` | The configuration file. |
                | `FLOWSTATE_HOME` | Folder for what FlowState keeps (models), instead of `XDG_CACHE_HOME/flowstate` or `~/.cache/flowstate`. |
                | `FLOWSTATE_JAVA_OPTS` | Further options for the JVM, e.g. `-Xmx1g`; read by the launcher. |
                """);
        return page.toString();
    }
}
