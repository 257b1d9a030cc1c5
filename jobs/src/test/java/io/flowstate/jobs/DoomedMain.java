package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/** The program of a {@link DoomedNode}: hands jobs in and runs them, its own and others', until it is killed. */
final class DoomedMain {
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

    static void main(String[] arguments) throws IOException, SQLException {
        DoomedNode.Plan plan = DoomedNode.Plan.parse(arguments);
        new DoomedMain(plan).live();
    }

    private void live() throws IOException {
        int songs = 0;
        while (songs < plan.jobs()) {
            submit(songs++);
        }
        house.work(plan.name(), new SlowProvider(stop, Songs.PER_BLOCK));
        if (stop.isAt(Moment.ANY)) {
            LockSupport.parkNanos(Duration.ofMillis(new SplittableRandom(plan.seed()).nextInt(MOST_MILLIS))
                    .toNanos());
            stop.tell(Moment.ANY);
        }
        while (true) {
            if (stop.isPassed()) {
                Stop.say("running " + house.running());
            } else if (!stop.hasCome() && house.left() == 0) {
                // The others took all of it, and the moment has not come yet.
                submit(songs++);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private void submit(int number) throws IOException {
        Job job = Songs.submit(house, "%s-%d.wav".formatted(plan.name(), number), plan.webhook());
        Stop.say("accepted " + job.id());
    }
}
