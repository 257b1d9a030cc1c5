package io.flowstate.models;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore.Derived;
import io.flowstate.core.spi.Progress;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Another JVM that holds the folder of what was derived from one model: {@code DerivingProcess store model}. Says {@code waiting} when somebody else holds it and {@code holding} when it does, which lasts to the end of its input. */
final class DerivingProcess {
    private DerivingProcess() {}

    public static void main(String[] arguments) throws IOException {
        Model model = Weights.of("graph.onnx", 1).model(arguments[1]);
        Progress.Listener waiting = _ -> System.out.println("waiting");
        try (Derived _ = TestStores.in(Path.of(arguments[0])).derived(model, waiting, new Cancellation())) {
            System.out.println("holding");
            System.in.readAllBytes();
        }
    }

    static Process start(Path store, Model model) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(List.of(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-cp",
                        classPath,
                        DerivingProcess.class.getName(),
                        store.toString(),
                        model.id()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
