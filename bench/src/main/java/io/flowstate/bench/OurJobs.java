package io.flowstate.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.routing.Policy;
import io.flowstate.jobs.Submission;
import io.flowstate.jobs.Worker;
import io.flowstate.storage.Database;
import io.flowstate.testkit.TestAudio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.LoggerFactory;

/** Whole jobs without HTTP, each handed in, run and ended on this node: a process that does as many as it is told. */
final class OurJobs {
    /** Who hands in. */
    static final int THREADS = 4;

    private OurJobs() {}

    /** @param arguments of a {@link NoOpServer.Node} */
    public static void main(String[] arguments) throws IOException {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        NoOpServer.Node node = NoOpServer.Node.parse(arguments);
        try (NoOpHouse house = new NoOpHouse(node.data(), node.database(), node.writes());
                Worker _ = house.work()) {
            Submission one = submission(node.data());
            Laps.serve(count -> {
                long end = house.runs.get() + count;
                Laps.share(count, THREADS, _ -> house.jobs.submit(one));
                while (house.runs.get() < end || waiting(house.database) > 0) {
                    Laps.rest(2);
                }
            });
        }
    }

    /** A kilobyte of WAV, of which one stem is wanted. */
    static Submission submission(Path folder) throws IOException {
        byte[] wav = smallWav();
        Path file = Files.write(folder.resolve("song.wav"), wav);
        StemsRequest all = StemsRequest.of(new AudioInput("song.wav", file));
        StemsRequest vocals = new StemsRequest(
                all.input(),
                new StemSelection.Some(Set.of(Stem.of("vocals"))),
                all.model(),
                all.overlap(),
                all.shifts(),
                all.seed(),
                all.output(),
                all.clip(),
                all.allowTruncated());
        return new Submission(
                "bench",
                vocals,
                Policy.DEFAULT,
                new Submission.Sent("song.wav", file, wav.length, "00"),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static byte[] smallWav() {
        int header = 44;
        return TestAudio.wav(TestAudio.noise(2, (1024 - header) / 4, 1), Clips.RATE_HZ);
    }

    /** Jobs that are not over. */
    static int waiting(Database database) {
        return database.read(sql -> sql.createQuery("select count(*) from scheduled_task")
                .mapTo(int.class)
                .one());
    }
}
