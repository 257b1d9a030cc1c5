package io.flowstate.jobs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A process of its own that hands in jobs and runs them until it is killed. Thread-safe. */
final class DoomedNode {
    private static final int LIMIT_SECONDS = 60;

    private final Process process;
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final Thread reader;
    private volatile boolean killed;
    private volatile int running = 1;

    /**
     * What a node is to do.
     *
     * @param postgres the address of a database, or nothing for SQLite in the folder
     * @param moment at which it stops
     * @param jobs how many it hands in
     * @param seed of the time after which any moment has come
     */
    record Plan(
            Path folder, String name, Optional<String> postgres, Moment moment, int jobs, String webhook, long seed) {
        private List<String> arguments() {
            return List.of(
                    folder.toString(),
                    name,
                    postgres.orElse(""),
                    moment.name(),
                    String.valueOf(jobs),
                    webhook,
                    String.valueOf(seed));
        }

        static Plan parse(String[] arguments) {
            return new Plan(
                    Path.of(arguments[0]),
                    arguments[1],
                    Optional.of(arguments[2]).filter(url -> !url.isEmpty()),
                    Moment.valueOf(arguments[3]),
                    Integer.parseInt(arguments[4]),
                    arguments[5],
                    Long.parseLong(arguments[6]));
        }
    }

    private DoomedNode(Process process, BlockingQueue<DoomedNode> standing) {
        this.process = process;
        this.reader = Thread.ofVirtual().start(() -> listen(standing));
    }

    /** @param standing where the node puts itself when it stands at its moment, or has died of itself */
    static DoomedNode start(Plan plan, BlockingQueue<DoomedNode> standing) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DoomedMain.class.getName()));
        command.addAll(plan.arguments());
        return new DoomedNode(
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start(),
                standing);
    }

    private void listen(BlockingQueue<DoomedNode> standing) {
        try (BufferedReader told =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = told.readLine(); line != null; line = told.readLine()) {
                String[] words = line.split(" ", 2);
                switch (words[0].toLowerCase(Locale.ROOT)) {
                    case "accepted" -> accepted.add(words[1]);
                    case "running" -> running = Integer.parseInt(words[1]);
                    case "at" -> standing.add(this);
                    default -> {
                        // A warning of some library.
                    }
                }
            }
        } catch (IOException gone) {
            // As when it is killed while it speaks.
        }
        if (!killed) {
            standing.add(this);
        }
    }

    /** Waits for the first that stands at its moment. */
    static DoomedNode awaitOne(BlockingQueue<DoomedNode> standing) throws InterruptedException {
        DoomedNode first = standing.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (first == null || !first.process.isAlive()) {
            throw new AssertionError("no node got to its moment");
        }
        return first;
    }

    /** Stops the whole process, as a debugger, a hypervisor or a laptop's lid does. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    void wake() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill -%s: %d".formatted(name, code));
        }
    }

    /** Whether it has said, after it went on, that nothing runs there any more. */
    boolean isIdle() {
        return running == 0;
    }

    /** Lets it go on from its moment. */
    void goOn() throws IOException {
        process.outputWriter().write('\n');
        process.outputWriter().flush();
    }

    /** The jobs that it was told are accepted. */
    Set<String> accepted() {
        return Set.copyOf(accepted);
    }

    /** As by kill -9; what it said before has been heard then. */
    void kill() throws InterruptedException {
        killed = true;
        process.destroyForcibly().waitFor();
        reader.join();
    }
}
