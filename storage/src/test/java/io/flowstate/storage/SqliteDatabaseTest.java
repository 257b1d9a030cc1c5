package io.flowstate.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteDatabaseTest extends DatabaseContract {
    @TempDir
    Path folder;

    private Database database;

    @BeforeEach
    void open() {
        database = Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Override
    Database database() {
        return database;
    }

    @Test
    void a_second_process_is_told_that_the_folder_is_taken() {
        assertThatThrownBy(() -> Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), Clock.systemUTC()))
                .hasMessageContaining("Another process uses the data folder");
    }

    @Test
    void what_was_written_is_there_when_it_is_opened_again() {
        database.write(tx -> tx.sql().execute("insert into secret (name, value, created_at) values ('test', 'd', 0)"));
        database.close();
        open();

        assertThat(secrets()).contains("d");
    }

    @Test
    void a_commit_is_on_the_disk_when_it_returns_and_writers_do_not_stop_readers() {
        String journal = database.read(sql ->
                sql.createQuery("pragma journal_mode").mapTo(String.class).one());
        int synchronous = database.write(tx ->
                tx.sql().createQuery("pragma synchronous").mapTo(int.class).one());

        assertThat(journal).isEqualTo("wal");
        assertThat(synchronous).isEqualTo(2);
    }
}
