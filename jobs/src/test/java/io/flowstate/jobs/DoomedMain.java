package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.blob.DiskBlobs;
import io.flowstate.testkit.Await;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.SplittableRandom;

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
        this.house = new House(Databases.open(plan.folder(), plan.postgres()), plan.folder(), blobs);
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
            Await.rest(Duration.ofMillis(new SplittableRandom(plan.seed()).nextInt(MOST_MILLIS)));
            stop.tell(Moment.ANY);
        }
        while (true) {
            if (stop.isPassed()) {
                Stop.say("running " + house.running());
            } else if (!stop.hasCome() && house.left() == 0) {
                // The others took all of it, and the moment has not come yet.
                submit(songs++);
            }
            Await.rest(Duration.ofMillis(20));
        }
    }

    private void submit(int number) throws IOException {
        Job job = Songs.submit(house, "%s-%d.wav".formatted(plan.name(), number), plan.webhook());
        Stop.say("accepted " + job.id());
    }
}
