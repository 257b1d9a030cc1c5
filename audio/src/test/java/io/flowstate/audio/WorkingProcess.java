package io.flowstate.audio;

import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Another JVM that decodes, resamples and encodes, says so, and then waits to be killed. */
final class WorkingProcess {
    private WorkingProcess() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Cancellation never = new Cancellation();
        AudioInput input = new AudioInput("song", Path.of(arguments[0]));
        AudioFiles files = Workshop.files();
        float[][] samples = new float[2][1000];
        try (ClipReader reader = files.open(input, files.probe(input, never), new Layout(48_000, 2), false, never);
                ClipWriter writer = files.create(
                        OutputStream.nullOutputStream(),
                        Workshop.format(Container.MP3),
                        new Layout(48_000, 2),
                        48_000,
                        1L << 30,
                        never)) {
            writer.write(samples, 0, reader.read(samples, 0, 1000));
            System.out.println("working");
            new CountDownLatch(1).await();
        }
    }

    static Process start(Path song) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dflowstate.natives=" + System.getProperty("flowstate.natives"),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        WorkingProcess.class.getName(),
                        song.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
