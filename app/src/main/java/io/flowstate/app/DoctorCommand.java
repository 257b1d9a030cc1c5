package io.flowstate.app;

import io.flowstate.core.FlowError;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code flowstate doctor}: shows what {@link Examination} finds. */
@Command(
        name = "doctor",
        header = "Check that everything is here that FlowState needs.",
        description = {"Looks only; changes nothing and uses no network. Exit code 3 when there is a problem.", ""},
        footer = {"", "Examples:", "  flowstate doctor", "  flowstate doctor --json", "  flowstate doctor --verbose"})
final class DoctorCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final House.Builder houses;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Option(names = "--json", description = "As a JSON object.")
    boolean json;

    DoctorCommand(Terminal terminal, House.Builder houses) {
        this.terminal = terminal;
        this.houses = houses;
    }

    @Override
    public Integer call() {
        List<Examination.Finding> findings = examine();
        if (json) {
            printJson(findings);
        } else {
            findings.forEach(this::print);
        }
        return findings.stream().allMatch(Examination.Finding::ok) ? Failures.OK : Failures.SETUP;
    }

    private List<Examination.Finding> examine() {
        Settings settings;
        try {
            settings = global.settings(terminal, Map.of());
        } catch (FlowError wrong) {
            return Examination.ofMachineAlone(wrong);
        }
        try (House house = houses.build(settings)) {
            return new Examination(terminal, settings, house).all();
        } catch (FlowError wrong) {
            return Examination.ofMachineAlone(wrong);
        }
    }

    private void print(Examination.Finding finding) {
        print(finding.ok() ? "ok" : "PROBLEM", finding.subject(), finding.what());
        if (!finding.ok()) {
            print("", "", finding.advice());
        }
    }

    /** What has several lines stands in its column with all of them. */
    private void print(String state, String subject, String text) {
        terminal.out().printf("%-8s %-14s %s%n", state, subject, text.replace("\n", "\n" + " ".repeat(24)));
    }

    private void printJson(List<Examination.Finding> findings) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("ok", findings.stream().allMatch(Examination.Finding::ok));
        ArrayNode list = root.putArray("findings");
        for (Examination.Finding finding : findings) {
            ObjectNode entry = list.addObject()
                    .put("subject", finding.subject())
                    .put("ok", finding.ok())
                    .put("what", finding.what());
            if (!finding.ok()) {
                entry.put("advice", finding.advice());
            }
        }
        terminal.out().println(root);
    }
}
