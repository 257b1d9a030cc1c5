package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.Database;
import io.flowstate.testkit.TestPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that is killed while a receiver has its message and has not answered yet. */
final class KilledWhileSendingTest {
    @RegisterExtension
    static final TestPostgres server = new TestPostgres();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void its_message_is_sent_again_with_the_same_id_and_what_it_tried_is_not_counted(boolean several) throws Exception {
        Optional<String> postgres = several ? Optional.of(server.address()) : Optional.empty();
        try (Database database = Databases.open(folder, postgres)) {
            Transitions.watch(database);
        }
        try (Receiver receiver = new Receiver("127.0.0.1")) {
            receiver.hold();
            DoomedNode node = DoomedNode.start(
                    new DoomedNode.Plan(
                            folder,
                            "sender",
                            postgres,
                            Moment.DELIVERING,
                            1,
                            receiver.url().toString(),
                            0),
                    new LinkedBlockingQueue<>());
            try {
                awaitThat(() -> receiver.arrived().size() == 1);
            } finally {
                node.kill();
            }
            receiver.release();

            try (House house = new House(Databases.open(folder, postgres), folder)) {
                house.work("successor", new SlowProvider(Stop.nowhere(), Songs.PER_BLOCK));
                house.awaitQuiet();

                KilledNodesContract.check(Moment.ENDED, Aftermath.of(house, node.accepted(), receiver));
                // Once more, unless this machine is so busy that the successor takes its own attempt for lost.
                List<Receiver.Arrived> arrived = receiver.arrived();
                assertThat(arrived).hasSizeGreaterThan(1);
                assertThat(arrived)
                        .map(Receiver.Arrived::id)
                        .containsOnly(arrived.getFirst().id());
                assertThat(arrived)
                        .map(Receiver.Arrived::body)
                        .containsOnly(arrived.getFirst().body());
                assertThat(attempts(house))
                        .as("what the dead one tried is not counted")
                        .isOne();
            }
        }
    }

    private static int attempts(House house) {
        return house.database.read(
                sql -> sql.createQuery("select sum(attempts) from webhook_delivery where failures = 0")
                        .mapTo(int.class)
                        .one());
    }
}
