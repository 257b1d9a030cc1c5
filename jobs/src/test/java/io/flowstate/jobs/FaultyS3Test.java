package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Stem;
import io.flowstate.testkit.FaultyWire;
import io.flowstate.testkit.FaultyWire.Fault;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An S3-compatible store that fails under a running job, more often in a row than a request is tried: what comes of the job in the end is what an undisturbed run gives. */
final class FaultyS3Test {
    /** Of one request, after which the store counts as away. */
    private static final int ATTEMPTS = 3;

    private static final Duration IMPATIENT = Duration.ofMillis(500);

    @TempDir
    Path folder;

    @RegisterExtension
    static final TestS3 store = new TestS3();

    private FaultyWire wire;
    private House house;

    @BeforeEach
    void open() throws Exception {
        wire = new FaultyWire(store.port());
        house = new House(Databases.sqlite(folder), folder, store.blobs(wire.port(), IMPATIENT, ATTEMPTS));
    }

    @AfterEach
    void close() throws Exception {
        house.close();
        wire.close();
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("it answers 500", "PUT", FaultyWire.error(500, "InternalError")),
                Arguments.of("it asks to slow down", "PUT", FaultyWire.error(503, "SlowDown")),
                Arguments.of("it keeps silent", "PUT", FaultyWire.silence()),
                Arguments.of("requests are cut off", "PUT", FaultyWire.cutRequest(100)),
                Arguments.of("answers are lost", "PUT", FaultyWire.lostAnswer()),
                Arguments.of("the input comes truncated", "GET", FaultyWire.shortAnswer(3)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void a_job_outlives_a_store_that_fails(String what, String method, Fault fault) throws Exception {
        Job job = Songs.submit(house, "song.wav", "http://127.0.0.1:9/");
        wire.plan(ATTEMPTS + 1, method, fault);

        house.worker("node", 1, new SlowProvider(Stop.nowhere(), Songs.PER_BLOCK));
        awaitThat(() -> {
            hurry();
            return house.now(job).status().isFinal();
        });

        Job done = house.now(job);

        assertThat(wire.unmet()).as("all faults have been met: " + what).isZero();
        assertThat(done.status()).as(done.error().orElse("")).isEqualTo(Job.Status.SUCCEEDED);
        for (Stem stem : Songs.STEMS) {
            assertThat(house.read(done, stem.id())).isEqualTo(Songs.expected(done, stem));
        }
    }

    /** A job that was put back for the store's sake does not wait until its pause is over. */
    private void hurry() {
        house.database.change(tx -> tx.sql()
                .execute(
                        "update scheduled_task set execution_time = ? where not picked",
                        Timestamp.from(Schedule.AT_ONCE)));
    }
}
