package io.flowstate.jobs;

import io.flowstate.storage.Database;
import io.flowstate.testkit.TestPostgres;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresManyExpiredTest extends ManyExpiredContract {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    @Override
    Database database(Path folder) {
        return Databases.postgres(postgres.address());
    }
}
