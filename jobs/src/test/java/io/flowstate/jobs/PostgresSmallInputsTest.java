package io.flowstate.jobs;

import io.flowstate.storage.Database;
import io.flowstate.testkit.TestPostgres;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresSmallInputsTest extends SmallInputsContract {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    @Override
    Database open(Path folder) {
        return Databases.postgres(postgres.address());
    }
}
