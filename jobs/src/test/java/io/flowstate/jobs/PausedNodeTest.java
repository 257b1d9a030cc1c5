package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.Database;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import io.flowstate.testkit.TestPostgres;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node that is paused past its lease, and goes on when another one has done its work. */
final class PausedNodeTest {
    /** Instead of the half minute after which the server gives up on a transaction that says nothing. */
    private static final String IMPATIENT = "?options=-c%20idle_in_transaction_session_timeout=1500";

    @RegisterExtension
    static final TestPostgres server = new TestPostgres();

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = {"SEPARATING", "WRITING", "ENDING"})
    void a_node_that_was_paused_cannot_overwrite_its_successor(Moment moment) throws Exception {
        try (Receiver receiver = new Receiver("127.0.0.1")) {
            Optional<String> postgres = Optional.of(server.address() + IMPATIENT);
            try (Database database = Databases.open(folder, postgres)) {
                Transitions.watch(database);
            }
            BlockingQueue<DoomedNode> standing = new LinkedBlockingQueue<>();
            DoomedNode node = DoomedNode.start(
                    new DoomedNode.Plan(
                            folder,
                            "paused",
                            postgres,
                            moment,
                            1,
                            receiver.url().toString(),
                            0),
                    standing);
            try (House house = new House(Databases.open(folder, postgres), folder)) {
                assertThat(DoomedNode.awaitOne(standing)).isSameAs(node);
                node.pause();

                house.work("successor", new SlowProvider(Stop.nowhere(), Songs.PER_BLOCK));
                house.awaitQuiet();
                assertThat(house.left()).isZero();
                node.wake();
                node.goOn();
                awaitThat(node::isIdle);
                node.kill();
                house.awaitQuiet();

                Aftermath after = Aftermath.of(house, node.accepted(), receiver);
                KilledNodesContract.check(moment, after);
            } finally {
                node.kill();
            }
        }
    }

    @Test
    void a_node_that_was_paused_before_it_began_leaves_the_job_to_the_one_that_runs_it() throws Exception {
        try (Receiver receiver = new Receiver("127.0.0.1")) {
            Optional<String> postgres = Optional.of(server.address());
            String webhook = receiver.url().toString();
            BlockingQueue<DoomedNode> standing = new LinkedBlockingQueue<>();
            DoomedNode node = DoomedNode.start(
                    new DoomedNode.Plan(folder, "paused", postgres, Moment.BEGINNING, 1, webhook, 0), standing);
            try (House house = new House(Databases.open(folder, postgres), folder)) {
                assertThat(DoomedNode.awaitOne(standing)).isSameAs(node);
                node.pause();
                Gate gate = new Gate();
                house.local.next(Script.start().openAll().await(gate));
                house.worker("successor", 1, house.local);
                gate.awaitReached();
                Job taken = house.jobs
                        .list(House.OWNER, JobFilter.ALL, Optional.empty(), 1)
                        .jobs()
                        .getFirst()
                        .job();

                node.wake();
                node.goOn();
                Job next = Songs.submit(house, "next.wav", webhook);
                assertThat(house.awaitEnd(next).status()).isEqualTo(Job.Status.SUCCEEDED);
                gate.open();

                assertThat(house.awaitEnd(taken).status()).isEqualTo(Job.Status.SUCCEEDED);
                assertThat(house.now(taken).attempt()).isEqualTo(1);
                house.awaitQuiet();
                assertThat(house.left()).isZero();
            } finally {
                node.kill();
            }
        }
    }
}
