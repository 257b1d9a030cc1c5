package io.flowstate.jobs;

import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.testkit.TestPostgres;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/** How tests open databases. */
final class Databases {
    private static final int CONNECTIONS = 8;

    private Databases() {}

    /** As one machine has it. */
    static Database sqlite(Path folder) {
        return Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), Clock.systemUTC());
    }

    /** As several machines have it. */
    static Database postgres(String address) {
        return postgres(address, Clock.systemUTC());
    }

    /** @param machine what the node's own clock shows */
    static Database postgres(String address, Clock machine) {
        return Database.open(
                new DatabaseConfig.Postgres(address, Optional.of(TestPostgres.USER), Optional.empty(), CONNECTIONS),
                machine);
    }

    /** @param postgres the address of a database, or nothing for SQLite in the folder */
    static Database open(Path folder, Optional<String> postgres) {
        return postgres.map(Databases::postgres).orElseGet(() -> sqlite(folder));
    }
}
