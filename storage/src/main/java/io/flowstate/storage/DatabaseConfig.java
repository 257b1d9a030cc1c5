package io.flowstate.storage;

import io.flowstate.core.Secret;
import java.nio.file.Path;
import java.util.Optional;

/** Which database. */
public sealed interface DatabaseConfig {
    /**
     * SQLite in a folder of this machine, for one process.
     *
     * @param folder made if it is missing
     */
    record Embedded(Path folder) implements DatabaseConfig {}

    /**
     * PostgreSQL, for any number of processes.
     *
     * @param url {@code postgresql://host:port/database?parameter=value}, as of the driver, without user and password
     * @param connections the most that this process opens besides the one that listens
     */
    record Postgres(String url, Optional<String> user, Optional<Secret> password, int connections)
            implements DatabaseConfig {}
}
