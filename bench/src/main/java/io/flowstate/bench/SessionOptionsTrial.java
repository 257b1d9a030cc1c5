package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which options of ONNX Runtime suit the graph: the evidence of docs/decisions/0003. */
@Command(
        name = "graph",
        header = "Time one window of htdemucs under different options of ONNX Runtime.",
        description = WindowTrial.HOW)
final class SessionOptionsTrial implements Callable<Integer> {
    @Mixin
    WindowTrial trial = new WindowTrial();

    @Option(names = "--only", split = ",", description = "Names of variants to try. Default: all.")
    List<String> only = List.of();

    private static Map<String, WindowRun.Options> variants() {
        int cores = Runtime.getRuntime().availableProcessors();
        Map<String, WindowRun.Options> variants = new LinkedHashMap<>();
        variants.put("chosen", new WindowRun.Options(true, false, false, false, cores, 0));
        variants.put("denormals", new WindowRun.Options(true, false, false, true, cores, 0));
        variants.put("defaults", new WindowRun.Options(true, true, true, true, cores, 0));
        variants.put("pattern", new WindowRun.Options(true, true, false, false, cores, 0));
        variants.put("spinning", new WindowRun.Options(true, false, true, false, cores, 0));
        variants.put("no-arena", new WindowRun.Options(false, false, false, false, cores, 0));
        variants.put("blocks-of-4", new WindowRun.Options(true, false, false, false, cores, 4));
        variants.put("one-thread", new WindowRun.Options(true, false, false, false, 1, 0));
        return variants;
    }

    @Override
    public Integer call() throws IOException {
        Path file = trial.graph();
        Map<String, WindowTrial.Variant> wanted = new LinkedHashMap<>();
        variants().forEach((name, options) -> {
            if (only.isEmpty() || only.contains(name)) {
                wanted.put(name, new WindowTrial.Variant(file, options));
            }
        });
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            trial.print(wanted, work);
        }
        return 0;
    }
}
