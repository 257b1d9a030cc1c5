package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.storage.Database;
import io.flowstate.testkit.Await;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import io.flowstate.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A database that cannot be reached for a while, as when it is restarted. {@code bench/faults} keeps it away for longer. */
final class DatabaseAwayTest {
    @RegisterExtension
    static final TestPostgres server = new TestPostgres();

    @TempDir
    Path folder;

    @Test
    void a_run_is_not_thrown_away_for_it_and_what_waits_is_run_afterwards() throws IOException {
        Gate before = new Gate();
        try (Wire wire = new Wire(server.port());
                House house = new House(Databases.postgres(wire.over(server.address())), folder);
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
                House house = new House(Databases.postgres(wire.over(server.address())), folder);
                Worker _ = patient(house)) {
            house.local.next(Script.start().openAll().await(before).fail(FlowError.of(Code.OUT_OF_MEMORY, "Too big.")));
            Job running = house.submit();
            before.awaitReached();

            wire.cut();
            before.open();
            awaitThat(() -> house.local.running() == 0);
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

    @Test
    void an_absence_that_outlasts_every_lease_costs_no_run_its_work_though_one_node_comes_back_first()
            throws Exception {
        String address = server.address();
        Gate gate = new Gate();
        try (Wire slow = new Wire(server.port());
                Wire quick = new Wire(server.port());
                House late = new House(Databases.postgres(slow.over(address)), folder);
                House early = new House(Databases.postgres(quick.over(address)), folder)) {
            late.local.next(Script.start().openAll().writeAll(new byte[] {1}).await(gate));
            Job running = late.submit();
            late.worker("late", 1, late.local);
            gate.awaitReached();
            early.worker("early", 1, early.local);

            slow.cut();
            quick.cut();
            Await.rest(Duration.ofSeconds(2));
            quick.mend();
            awaitThat(() -> isRun(early));
            Await.rest(Duration.ofSeconds(2));
            slow.mend();
            awaitHeartbeats(early, early.database.clock().instant());
            gate.open();

            early.awaitQuiet();
            assertThat(early.now(running).status()).isEqualTo(Job.Status.SUCCEEDED);
            assertThat(early.now(running).attempt()).isEqualTo(1);
        }
    }

    /** Whether the node is back at work. */
    private static boolean isRun(House house) {
        try {
            return house.awaitEnd(house.submit()).status() == Job.Status.SUCCEEDED;
        } catch (FlowError away) {
            return false;
        }
    }

    /** Until every node has given a sign of life since then for all that it runs, or it runs nothing. */
    private static void awaitHeartbeats(House house, Instant since) {
        awaitThat(() -> {
            try {
                return house.database.read(
                        sql -> sql.createQuery("select count(*) from scheduled_task where last_heartbeat <= :since")
                                        .bind("since", Timestamp.from(since))
                                        .mapTo(int.class)
                                        .one()
                                == 0);
            } catch (FlowError away) {
                return false;
            }
        });
    }

    @Test
    void a_job_that_is_removed_while_its_node_is_cut_off_runs_no_longer_than_that() throws IOException {
        String address = server.address();
        Gate never = new Gate();
        try (Wire wire = new Wire(server.port());
                Database direct = Databases.postgres(address);
                House house = new House(Databases.postgres(wire.over(address)), folder);
                Worker worker = patient(house)) {
            house.local.next(Script.start().openAll().await(never));
            house.submit();
            never.awaitReached();

            wire.cut();
            direct.change(tx -> {
                tx.sql().execute("delete from job");
                tx.sql().execute("delete from scheduled_task");
            });
            wire.mend();

            awaitThat(() -> worker.running() == 0);
        }
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
