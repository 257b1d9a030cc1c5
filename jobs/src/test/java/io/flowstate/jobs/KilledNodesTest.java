package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioInput;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.routing.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes are killed at any moment, again and again: no job is lost, none is finished twice, each gives what an undisturbed run gives, and the sweep leaves nothing lying
 * about. {@code -Dflowstate.kills=100} makes it a longer run.
 */
final class KilledNodesTest {
    private static final int KILLS = Integer.getInteger("flowstate.kills", 4);
    private static final int JOBS = 2 * KILLS;
    private static final int MOST_MILLIS = 900;
    private static final long SEED = Long.getLong("flowstate.seed", 42);

    @TempDir
    Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);

    @Test
    void on_one_disk() throws Exception {
        List<Job> jobs;
        try (House house = new House(DoomedNode.database(folder, Optional.empty()), folder)) {
            jobs = submit(house);
        }
        for (int kill = 0; kill < KILLS; kill++) {
            DoomedNode node = DoomedNode.start(folder, Optional.empty(), "node-" + kill);
            node.awaitStart();
            rest();
            node.kill();
        }
        DoomedNode last = DoomedNode.start(folder, Optional.empty(), "last");
        last.awaitIdle();
        last.kill();

        try (House house = new House(DoomedNode.database(folder, Optional.empty()), folder)) {
            check(house, jobs);
        }
    }

    @Test
    void three_nodes_on_one_database() throws Exception {
        try (TestPostgres server = new TestPostgres()) {
            Optional<String> url = Optional.of(server.address());
            List<DoomedNode> nodes = new ArrayList<>();
            try (House house = new House(DoomedNode.database(folder, url), folder)) {
                List<Job> jobs = submit(house);
                for (int node = 0; node < 3; node++) {
                    nodes.add(DoomedNode.start(folder, url, "node-" + node));
                }
                for (int kill = 0; kill < KILLS; kill++) {
                    int victim = random.nextInt(nodes.size());
                    nodes.get(victim).awaitStart();
                    rest();
                    nodes.get(victim).kill();
                    nodes.set(victim, DoomedNode.start(folder, url, "successor-" + kill));
                }
                nodes.getFirst().awaitIdle();

                check(house, jobs);
            } finally {
                for (DoomedNode node : nodes) {
                    node.kill();
                }
            }
        }
    }

    private void rest() {
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(MOST_MILLIS)).toNanos());
    }

    private List<Job> submit(House house) throws IOException {
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < JOBS; i++) {
            Path file = Files.writeString(folder.resolve("song-%d.wav".formatted(i)), "song " + i);
            Submission plain = house.submission(House.OWNER, Policy.DEFAULT);
            StemsRequest two = new StemsRequest(
                    new AudioInput("song.wav", file),
                    new StemSelection.Some(Set.of(Stem.BASS, Stem.VOCALS)),
                    Optional.empty(),
                    0.25,
                    1,
                    0,
                    AudioFormat.DEFAULT,
                    ClipMode.CLAMP,
                    false);
            jobs.add(house.jobs.submit(new Submission(
                    plain.owner(),
                    two,
                    plain.policy(),
                    new Submission.Sent("song.wav", file, Files.size(file), "00"),
                    plain.tags(),
                    plain.webhook(),
                    plain.keepInput(),
                    plain.keepOutput(),
                    plain.idempotency())));
        }
        return jobs;
    }

    private static void check(House house, List<Job> jobs) throws IOException {
        int attempts = 0;
        for (int i = 0; i < jobs.size(); i++) {
            Job done = house.now(jobs.get(i));
            attempts += done.attempt();
            assertThat(done.status()).as("seed %d, %s", SEED, done).isEqualTo(Job.Status.SUCCEEDED);
            for (String name : List.of("bass", "vocals")) {
                byte[] expected = DoomedNode.expected(("song " + i).getBytes(StandardCharsets.UTF_8), name);
                assertThat(house.read(done, name)).as("seed %d", SEED).isEqualTo(expected);
            }
        }
        assertThat(attempts).as("some were begun again, or nothing was tested").isGreaterThan(jobs.size());
        int waiting = house.database.read(sql -> sql.createQuery("select count(*) from scheduled_task")
                .mapTo(int.class)
                .one());
        assertThat(waiting).isZero();
        checkNothingLiesAbout(house);
    }

    private static void checkNothingLiesAbout(House house) throws IOException {
        Sweeper sweeper = new Sweeper(house.database, house.blobs, Duration.ofDays(30));
        sweeper.sweep(Duration.ofDays(-1));
        sweeper.reconcile(Duration.ofDays(-1));
        List<String> wanted = house.database.read(sql -> sql.createQuery(
                        "select blob from piece union select input_blob from job where input_blob is not null")
                .mapTo(String.class)
                .list());
        assertThat(house.blobs.list("", "", 10_000).stream().map(entry -> entry.key()))
                .containsExactlyInAnyOrderElementsOf(wanted);
        for (String key : wanted) {
            try (InputStream bytes = house.blobs.read(key, 0, 1)) {
                assertThat(bytes.read()).isNotNegative();
            }
        }
    }
}
