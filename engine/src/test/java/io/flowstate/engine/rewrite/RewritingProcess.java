package io.flowstate.engine.rewrite;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Another JVM that begins to rewrite the {@link TinyModel} of a folder, says {@value #IN_THE_MIDDLE} and gets no further. */
final class RewritingProcess {
    static final String IN_THE_MIDDLE = "in the middle";

    private RewritingProcess() {}

    public static void main(String[] arguments) throws IOException {
        TinyModel model = TinyModel.in(Path.of(arguments[0]), TinyModel.scaled(8, 16));
        model.load(model.by(new MulRule((graph, node) -> {
            System.out.println(IN_THE_MIDDLE);
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
            return false;
        })));
    }

    /** With this process's own options. */
    static Process start(Path folder) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-Donnxruntime.native.path=" + System.getProperty("onnxruntime.native.path"));
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                RewritingProcess.class.getName(),
                folder.toString()));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
