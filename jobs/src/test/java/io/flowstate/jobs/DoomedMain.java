package io.flowstate.jobs;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioInput;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/** The program of a {@link DoomedNode}: hands jobs in and runs them, its own and others', until it is killed. */
final class DoomedMain {
    static final Set<Stem> STEMS = Set.of(Stem.BASS, Stem.VOCALS);
    static final Duration PER_BLOCK = Duration.ofMillis(8);
    private static final int MOST_MILLIS = 900;

    private final DoomedNode.Plan plan;
    private final Stop stop;
    private final House house;

    private DoomedMain(DoomedNode.Plan plan) throws IOException, SQLException {
        this.plan = plan;
        this.stop = Stop.inChild(plan.moment());
        StoppingDriver.install(stop);
        BlobStore blobs = new StoppingBlobs(new DiskBlobs(plan.folder().resolve("blobs")), stop);
        this.house = new House(database(plan.folder(), plan.postgres()), plan.folder(), blobs);
    }

    static Database database(Path folder, Optional<String> postgres) {
        return Database.open(
                postgres.<DatabaseConfig>map(
                                url -> new DatabaseConfig.Postgres(url, Optional.of("postgres"), Optional.empty(), 8))
                        .orElseGet(() -> new DatabaseConfig.Embedded(folder.resolve("data"))),
                Clock.systemUTC());
    }

    /** The job's input, which is also what it is recognised by. */
    static String song(String inputName) {
        return "the song in " + inputName;
    }

    static void main(String[] arguments) throws IOException, SQLException {
        DoomedNode.Plan plan = DoomedNode.Plan.parse(arguments);
        new DoomedMain(plan).live();
    }

    private void live() throws IOException {
        house.work(plan.name(), new SlowProvider(stop, PER_BLOCK));
        int songs = 0;
        while (songs < plan.jobs()) {
            submit(songs++);
        }
        if (stop.isAt(Moment.ANY)) {
            LockSupport.parkNanos(Duration.ofMillis(new SplittableRandom(plan.seed()).nextInt(MOST_MILLIS))
                    .toNanos());
            stop.tell(Moment.ANY);
        }
        while (true) {
            if (house.left() == 0) {
                // The others took all of it, and the moment has not come yet.
                submit(songs++);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private void submit(int number) throws IOException {
        String name = "%s-%d.wav".formatted(plan.name(), number);
        Path file = Files.writeString(Files.createTempFile(house.scratch.folder(), "song-", ".wav"), song(name));
        StemsRequest request = new StemsRequest(
                new AudioInput(name, file),
                new StemSelection.Some(STEMS),
                Optional.empty(),
                0.25,
                1,
                0,
                AudioFormat.DEFAULT,
                ClipMode.CLAMP,
                false);
        Job job = house.jobs.submit(new Submission(
                House.OWNER,
                request,
                Policy.DEFAULT,
                new Submission.Sent(name, file, Files.size(file), "00"),
                List.of(),
                Optional.of(new Job.Hook(URI.create(plan.webhook()), Set.of("succeeded", "failed", "canceled"))),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
        Stop.say("accepted " + job.id());
    }
}
