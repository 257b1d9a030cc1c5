package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.MovableClock;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A clock that is put an hour forward or back while jobs run and wait: this machine's, by which SQLite's times are, and the PostgreSQL server's. */
final class ClockJumpTest {
    /** Between two blocks, so that a job takes several leases. */
    private static final Duration LEASES = Duration.ofMillis(300);

    private static TestPostgres server;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws IOException {
        server = new TestPostgres();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, -1})
    void a_machine_s_clock_that_jumps_begins_no_job_again_and_holds_none_up(long hours) throws IOException {
        MovableClock clock = new MovableClock(Instant.parse("2026-06-01T12:00:00Z"));
        Database database = Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), clock);
        try (House house = new House(database, folder)) {
            Gate gate = new Gate();
            house.local.next(Script.start().openAll().await(gate));
            house.worker(1);
            Job running = house.submit();
            gate.awaitReached();
            Job waiting = house.submit();

            clock.move(Duration.ofHours(hours));
            Job late = house.submit();
            gate.open();

            assertThat(house.awaitEnd(running).status()).isEqualTo(Job.Status.SUCCEEDED);
            assertThat(house.awaitEnd(waiting).status()).isEqualTo(Job.Status.SUCCEEDED);
            assertThat(house.awaitEnd(late).status()).isEqualTo(Job.Status.SUCCEEDED);
            assertThat(house.local.seen()).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, -1})
    void a_server_s_clock_that_jumps_loses_and_doubles_no_job(long hours) throws Exception {
        String address = server.addressWithMovableClock();
        try (Receiver receiver = new Receiver("127.0.0.1");
                House one = open(address);
                House other = open(address)) {
            Transitions.watch(one.database);
            one.work("one", new SlowProvider(Stop.nowhere(), Songs.PER_BLOCK.multipliedBy(20)));
            other.work("other", new SlowProvider(Stop.nowhere(), Songs.PER_BLOCK.multipliedBy(20)));
            Set<String> accepted = new HashSet<>();
            for (int song = 0; song < 8; song++) {
                accepted.add(Songs.submit(
                                one,
                                "song-%d.wav".formatted(song),
                                receiver.url().toString())
                        .id());
            }
            JobsContract.awaitThat(() -> one.running() > 0 && other.running() > 0);

            TestPostgres.moveClock(one.database, hours);
            one.awaitQuiet();

            KilledNodesContract.check(Moment.ANY, Aftermath.of(one, accepted, receiver));
        }
    }

    @Test
    void a_node_that_came_after_the_server_s_clock_went_back_is_not_taken_for_dead() throws Exception {
        String address = server.addressWithMovableClock();
        try (House before = open(address)) {
            before.worker("before", 1, before.local);
            TestPostgres.moveClock(before.database, -1);
            try (House after = open(address)) {
                awaitTheSameTime(before, after);
                Gate gate = new Gate();
                before.local.next(Script.start().openAll().await(gate));
                Job held = before.submit();
                gate.awaitReached();
                after.worker("after", 1, new SlowProvider(Stop.nowhere(), LEASES));
                Job job = before.submit();

                assertThat(before.awaitEnd(job).status()).isEqualTo(Job.Status.SUCCEEDED);
                gate.open();

                assertThat(before.now(job).attempt()).isEqualTo(1);
                assertThat(before.awaitEnd(held).attempt()).isEqualTo(1);
            }
        }
    }

    private static void awaitTheSameTime(House one, House other) {
        JobsContract.awaitThat(() -> Duration.between(
                                one.database.clock().instant(),
                                other.database.clock().instant())
                        .abs()
                        .compareTo(Duration.ofMinutes(1))
                < 0);
    }

    private House open(String address) throws IOException {
        return new House(DoomedMain.database(folder, Optional.of(address)), folder);
    }
}
