package io.flowstate.storage;

import io.flowstate.core.FlowError;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** A process of its own that opens a data folder when it is told to, and has it open for as long as it lives. */
final class SecondProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader told;

    private SecondProcess(Process process) {
        this.process = process;
        this.told = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Returns when the process is ready to open the folder. */
    static SecondProcess start(Path folder) throws IOException {
        SecondProcess started = new SecondProcess(new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SecondProcess.class.getName(),
                        folder.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        started.answer();
        return started;
    }

    void open() throws IOException {
        process.outputWriter().write('\n');
        process.outputWriter().flush();
    }

    /** What it says next; how it went, when it was told to open the folder. */
    String answer() throws IOException {
        return Optional.ofNullable(told.readLine()).orElseThrow(() -> new IOException("the process died of itself"));
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    static void main(String[] arguments) throws IOException {
        say("ready");
        if (System.in.read() < 0) {
            return;
        }
        try (Database database = Database.open(new DatabaseConfig.Embedded(Path.of(arguments[0])), Clock.systemUTC())) {
            say("open "
                    + database.read(sql -> sql.createQuery("select count(*) from database_id")
                            .mapTo(int.class)
                            .one()));
            while (System.in.read() >= 0) {
                // Until whoever started it is gone.
            }
        } catch (FlowError refused) {
            say(refused.message());
        }
    }

    @SuppressWarnings("SystemOut") // the pipe to the test
    private static void say(String line) {
        System.out.println(line);
    }
}
