package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Stem;
import io.flowstate.storage.blob.S3Blobs;
import io.flowstate.testkit.FaultyWire;
import io.flowstate.testkit.FaultyWire.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An S3-compatible store that fails under a running job, more often in a row than a request is tried: what comes of the job in the end is what an undisturbed run gives. */
final class FaultyS3Test {
    /** Of one request, after which the store counts as away. */
    private static final int ATTEMPTS = 3;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private TestS3 store;
    private FaultyWire wire;
    private S3Blobs blobs;
    private House house;

    @BeforeEach
    void open() throws Exception {
        store = new TestS3();
        wire = new FaultyWire(store.port());
        blobs = TestS3.blobs(wire.port(), Duration.ofSeconds(1), ATTEMPTS);
        house = new House(DoomedMain.database(folder, Optional.empty()), folder, blobs);
    }

    @AfterEach
    void close() throws Exception {
        house.close();
        blobs.close();
        wire.close();
        store.close();
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
        Job done = house.jobs.awaitEnd(House.OWNER, job.id(), PATIENCE);

        assertThat(wire.unmet()).as("all faults have been met: " + what).isZero();
        assertThat(done.status()).as(done.error().orElse("")).isEqualTo(Job.Status.SUCCEEDED);
        for (Stem stem : Songs.STEMS) {
            assertThat(house.read(done, stem.id())).isEqualTo(Songs.expected(done, stem));
        }
    }
}
