package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.FakeProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that has no files of its own, as S3 has none, lends a job's input as a copy. */
final class CopiedInputTest {
    @TempDir
    Path folder;

    @Test
    void the_copy_of_an_input_is_made_for_its_run_and_goes_with_it() throws IOException {
        try (House house = new House(Databases.sqlite(folder), folder)) {
            JobsConfig config = house.config("node", 1);
            FakeProvider provider = new FakeProvider("local");
            Job job = house.submit();

            try (Worker _ = Worker.start(
                    house.database, new RemoteBlobs(house.blobs), house.gateway(provider), house.egress, config)) {
                assertThat(house.awaitEnd(job).status()).isEqualTo(Job.Status.SUCCEEDED);
            }

            try (Stream<Path> left = Files.list(config.scratch())) {
                assertThat(left).isEmpty();
            }
        }
    }
}
