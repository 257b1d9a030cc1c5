package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;

import io.flowstate.testkit.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** A process whose folder is a small disk: a job is run while the disk is full, and finished when there is room again. It says what it sees. */
final class FullDiskMain {
    private static final Duration A_WHILE = Duration.ofMillis(1_500);

    private FullDiskMain() {}

    static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        long room = Long.parseLong(arguments[1]);
        Path ballast = folder.resolve("ballast");
        try (House house = new House(Databases.sqlite(folder), folder);
                Receiver receiver = new Receiver("127.0.0.1")) {
            Transitions.watch(house.database);
            house.work("node", new SlowProvider(Stop.nowhere(), Songs.PER_BLOCK.multipliedBy(10)));
            Job job = Songs.submit(house, "song.wav", receiver.url().toString());
            awaitThat(() -> house.running() > 0);
            fill(ballast, room);
            Await.rest(A_WHILE);
            Stop.say("full: " + (house.now(job).status() == Job.Status.SUCCEEDED ? "done" : "not done"));
            Files.delete(ballast);
            house.awaitQuiet();
            Job over = house.now(job);
            Stop.say("then: " + over.status().id() + over.error().orElse(""));
            Stop.say("clean: " + Aftermath.of(house, Set.of(job.id()), receiver).isClean());
        }
        Runtime.getRuntime().halt(0);
    }

    /** Takes all but so many bytes. */
    private static void fill(Path file, long room) throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream to = Files.newOutputStream(file)) {
            while (file.toFile().getUsableSpace() > room) {
                to.write(block);
            }
        } catch (IOException full) {
            Stop.say("full to the last byte");
        }
    }
}
