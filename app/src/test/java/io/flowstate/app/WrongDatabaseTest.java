package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is sent to an empty database does not empty the store of the right one. */
final class WrongDatabaseTest {
    @TempDir
    Path ground;

    @Test
    void a_server_starts_again_on_its_store_and_not_with_another_database() throws IOException {
        Path data = ground.resolve("data");
        RealHouse house = new RealHouse(ground, TinyDemucs.small()).set(StoreKeys.DATA_FOLDER, data.toString());
        house.serve().close();
        house.serve().close();
        Files.move(data.resolve("flowstate.db"), ground.resolve("mislaid.db"));

        assertThatThrownBy(house::serve).isInstanceOfSatisfying(FlowError.class, error -> {
            assertThat(error.code()).isEqualTo(Code.BAD_CONFIG);
            assertThat(error.message()).contains("belongs to another database");
        });

        Files.delete(data.resolve("flowstate.db"));
        Files.move(ground.resolve("mislaid.db"), data.resolve("flowstate.db"));
        house.serve().close();
    }
}
