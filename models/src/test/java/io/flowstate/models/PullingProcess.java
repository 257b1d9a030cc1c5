package io.flowstate.models;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.Progress;
import io.flowstate.models.ModelStoreConfig.Clients;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** Another JVM that pulls one model: {@code PullingProcess store hub path bytes}. Says {@code waiting} when somebody else holds the lock and {@code done} at the end. */
final class PullingProcess {
    private PullingProcess() {}

    public static void main(String[] arguments) {
        Weights weights = Weights.of(arguments[2], Integer.parseInt(arguments[3]));
        DiskModelStore store =
                TestStores.of(TestStores.config(Path.of(arguments[0]), URI.create(arguments[1]), Clients.onPath()));
        store.ensure(
                weights.model("tiny", weights.source(Kind.HUB, "org/repo")),
                progress -> {
                    if (progress.phase() == Progress.Phase.QUEUED) {
                        System.out.println("waiting");
                    }
                },
                new Cancellation());
        System.out.println("done");
    }

    static Process start(Path store, URI hub, String path, int bytes, Path output) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(List.of(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-cp",
                        classPath,
                        PullingProcess.class.getName(),
                        store.toString(),
                        hub.toString(),
                        path,
                        Integer.toString(bytes)))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }
}
