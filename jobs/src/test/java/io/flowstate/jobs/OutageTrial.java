package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;

import io.flowstate.storage.Database;
import io.flowstate.testkit.Await;
import io.flowstate.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** Nodes whose database cannot be reached for a while, in the midst of their work. */
public final class OutageTrial {
    private static final int JOBS = 12;
    private static final int NODES = 2;

    private OutageTrial() {}

    /** On a PostgreSQL of its own, with two nodes of this process. */
    public static Aftermath run(Path folder, Duration away) throws IOException {
        try (TestPostgres server = new TestPostgres();
                Wire wire = new Wire(server.port());
                Database database = Databases.postgres(wire.over(server.address()));
                Receiver receiver = new Receiver("127.0.0.1");
                House house = new House(database, folder)) {
            Transitions.watch(database);
            Set<String> accepted = new HashSet<>();
            for (int song = 0; song < JOBS; song++) {
                accepted.add(Songs.submit(
                                house,
                                "song-%d.wav".formatted(song),
                                receiver.url().toString())
                        .id());
            }
            for (int node = 0; node < NODES; node++) {
                house.work("node-" + node, new SlowProvider(Stop.nowhere(), Songs.PER_BLOCK));
            }
            awaitThat(() -> house.running() > 0);
            wire.cut();
            Await.rest(away);
            wire.mend();
            house.awaitQuiet();
            return Aftermath.of(house, accepted, receiver);
        }
    }
}
