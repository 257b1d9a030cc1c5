package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that cannot be reached for a while, as when it is restarted. {@code bench/faults} keeps it away for longer. */
final class DatabaseAwayTest {
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

    @Test
    void a_run_is_not_thrown_away_for_it_and_what_waits_is_run_afterwards() throws IOException {
        Gate before = new Gate();
        try (Wire wire = new Wire(server.port());
                House house = new House(server.database(wire.port()), folder);
                Worker _ = patient(house)) {
            house.local.next(Script.start().openAll().writeAll(new byte[] {1}).await(before));
            Job running = house.submit();
            before.awaitReached();
            Job waiting = house.submit();

            wire.cut();
            before.open();
            assertThatThrownBy(house::submit)
                    .isInstanceOfSatisfying(
                            FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.STORE_UNAVAILABLE));
            wire.mend();

            house.awaitQuiet();
            assertThat(house.now(running).status()).isEqualTo(Job.Status.SUCCEEDED);
            assertThat(house.now(running).attempt()).isEqualTo(1);
            assertThat(house.read(house.now(running), "bass")).containsExactly(1);
            assertThat(house.now(waiting).status()).isEqualTo(Job.Status.SUCCEEDED);
        }
    }

    @Test
    void a_failure_meanwhile_is_noted_afterwards() throws IOException {
        Gate before = new Gate();
        try (Wire wire = new Wire(server.port());
                House house = new House(server.database(wire.port()), folder);
                Worker _ = patient(house)) {
            house.local.next(Script.start().openAll().await(before).fail(FlowError.of(Code.OUT_OF_MEMORY, "Too big.")));
            Job running = house.submit();
            before.awaitReached();

            wire.cut();
            before.open();
            JobsContract.awaitThat(() -> house.local.running() == 0);
            wire.mend();

            house.awaitQuiet();
            assertThat(house.now(running).error().orElseThrow()).contains("Too big.");
            assertThat(house.now(running).attempt()).isEqualTo(1);
        }
    }

    @Test
    void nodes_that_take_each_other_for_dead_because_of_it_do_no_harm() throws Exception {
        Aftermath after = OutageTrial.run(folder, Duration.ofSeconds(2));

        KilledNodesContract.check(Moment.ANY, after);
    }

    /** One whose lease outlasts the time without a database. */
    private static Worker patient(House house) {
        JobsConfig quick = house.config("patient", 1);
        JobsConfig config = new JobsConfig(
                quick.node(),
                quick.scratch(),
                1,
                Map.of(),
                quick.keepInput(),
                quick.keepOutput(),
                quick.keepJob(),
                quick.maxBytes(),
                Duration.ofSeconds(10),
                4,
                0,
                quick.poll(),
                quick.checkpoint());
        return Worker.start(house.database, house.blobs, house.gateway(house.local), house.egress, config);
    }
}
