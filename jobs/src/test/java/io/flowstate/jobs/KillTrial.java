package io.flowstate.jobs;

import io.flowstate.storage.Database;
import io.flowstate.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Nodes that hand in jobs and run them are killed at a moment, one after the other; each has a successor, the last of which is this process and finishes what
 * is left. Then it is looked at what became of the jobs. Used by one thread.
 */
public final class KillTrial implements AutoCloseable {
    private static final int JOBS = 2;

    private final Path ground;
    private final Optional<TestPostgres> server;
    private final int nodes;
    private final long seed;
    private int rounds;

    private KillTrial(Path ground, Optional<TestPostgres> server, int nodes, long seed) {
        this.ground = ground;
        this.server = server;
        this.nodes = nodes;
        this.seed = seed;
    }

    /** On one disk, which has one node at a time. */
    public static KillTrial onSqlite(Path ground, long seed) {
        return new KillTrial(ground, Optional.empty(), 1, seed);
    }

    /** On a PostgreSQL of its own, with so many nodes at a time. */
    public static KillTrial onPostgres(Path ground, int nodes, long seed) throws IOException {
        return new KillTrial(ground, Optional.of(new TestPostgres()), nodes, seed);
    }

    /** Kills so many nodes at a moment, in a folder and on a database of this round's own. */
    public Aftermath kill(Moment moment, int kills) throws IOException, InterruptedException {
        Path folder = Files.createDirectory(ground.resolve("round-" + rounds++));
        Optional<String> postgres = server.map(TestPostgres::address);
        try (Database database = Databases.open(folder, postgres)) {
            Transitions.watch(database);
        }
        try (Receiver receiver = new Receiver("127.0.0.1")) {
            Set<String> accepted = new Round(folder, postgres, moment, receiver).run(kills);
            try (House house = new House(Databases.open(folder, postgres), folder)) {
                house.work("last", new SlowProvider(Stop.nowhere(), Songs.PER_BLOCK));
                house.awaitQuiet();
                return Aftermath.of(house, accepted, receiver);
            }
        }
    }

    private final class Round {
        private final Path folder;
        private final Optional<String> postgres;
        private final Moment moment;
        private final Receiver receiver;
        private final BlockingQueue<DoomedNode> standing = new LinkedBlockingQueue<>();
        private final List<DoomedNode> alive = new ArrayList<>();
        private final Set<String> accepted = new HashSet<>();
        private int started;

        Round(Path folder, Optional<String> postgres, Moment moment, Receiver receiver) {
            this.folder = folder;
            this.postgres = postgres;
            this.moment = moment;
            this.receiver = receiver;
        }

        Set<String> run(int kills) throws IOException, InterruptedException {
            try {
                while (started < Math.min(nodes, kills)) {
                    start();
                }
                for (int kill = 0; kill < kills; kill++) {
                    kill(DoomedNode.awaitOne(standing));
                    if (started < kills) {
                        start();
                    }
                }
                return accepted;
            } finally {
                for (DoomedNode each : List.copyOf(alive)) {
                    kill(each);
                }
            }
        }

        private void start() throws IOException {
            DoomedNode.Plan plan = new DoomedNode.Plan(
                    folder,
                    "node-" + started,
                    postgres,
                    moment,
                    JOBS,
                    receiver.url().toString(),
                    seed + 1_000L * rounds + started);
            alive.add(DoomedNode.start(plan, standing));
            started++;
        }

        private void kill(DoomedNode node) throws InterruptedException {
            node.kill();
            accepted.addAll(node.accepted());
            alive.remove(node);
        }
    }

    @Override
    public void close() throws IOException {
        if (server.isPresent()) {
            server.get().close();
        }
    }
}
