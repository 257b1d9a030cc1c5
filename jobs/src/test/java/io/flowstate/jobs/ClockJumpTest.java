package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.MovableClock;
import io.flowstate.testkit.Script;
import io.flowstate.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A clock that is put an hour forward or back while jobs run and wait: this machine's, by which SQLite's times are, and the PostgreSQL server's. */
final class ClockJumpTest {
    /** Between two blocks, so that a job takes several leases. */
    private static final Duration LEASES = Duration.ofMillis(300);

    @RegisterExtension
    static final TestPostgres server = new TestPostgres();

    @TempDir
    Path folder;

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
            awaitThat(() -> one.running() > 0 && other.running() > 0);

            server.moveClock(address, hours);
            one.awaitQuiet();

            KilledNodesContract.check(Moment.ANY, Aftermath.of(one, accepted, receiver));
        }
    }

    @Test
    void a_node_that_came_after_the_server_s_clock_went_back_is_not_taken_for_dead() throws Exception {
        String address = server.addressWithMovableClock();
        try (House before = open(address)) {
            before.worker("before", 1, before.local);
            server.moveClock(address, -1);
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

    @Test
    void a_node_whose_own_clock_is_an_hour_ahead_takes_nobody_for_dead_and_nothing_for_late() throws Exception {
        String address = server.address();
        Clock wrong = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));
        try (House right = new House(Databases.postgres(address), folder);
                House ahead = new House(Databases.postgres(address, wrong), folder)) {
            Gate gate = new Gate();
            right.local.next(Script.start().openAll().await(gate));
            right.worker("right", 1, right.local);
            Job held = right.submit();
            gate.awaitReached();
            long soon = right.database.clock().instant().plusSeconds(1_800).toEpochMilli();

            Job waiting = right.submit();
            right.database.change(
                    tx -> tx.sql().execute("update job set deadline_at = ? where id = ?", soon, waiting.id()));
            Jobs.endLate(ahead.database);
            ahead.worker("ahead", 1, new SlowProvider(Stop.nowhere(), LEASES));
            Job done = right.awaitEnd(waiting);
            right.database.change(
                    tx -> tx.sql().execute("update job set expires_at = ? where id = ?", soon, done.id()));
            new Sweeper(ahead.database, ahead.blobs, Duration.ofDays(30)).sweep();
            gate.open();

            assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
            assertThat(right.read(right.now(done), "vocals")).isNotEmpty();
            assertThat(right.awaitEnd(held).status()).isEqualTo(Job.Status.SUCCEEDED);
            assertThat(right.now(held).attempt()).isEqualTo(1);
            assertThat(right.now(held).times().finished().orElseThrow())
                    .isBefore(right.database.clock().instant());
        }
    }

    private static void awaitTheSameTime(House one, House other) {
        awaitThat(() -> Duration.between(
                                one.database.clock().instant(),
                                other.database.clock().instant())
                        .abs()
                        .compareTo(Duration.ofMinutes(1))
                < 0);
    }

    private House open(String address) throws IOException {
        return new House(Databases.postgres(address), folder);
    }
}
