package io.flowstate.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PostgresDatabaseTest extends DatabaseContract {
    private static EmbeddedPostgres postgres;
    private Database database;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @BeforeEach
    void open() {
        database = Database.open(config("postgres"), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Override
    Database database() {
        return database;
    }

    private static DatabaseConfig config(String name) {
        return new DatabaseConfig.Postgres(
                "postgresql://127.0.0.1:%d/%s".formatted(postgres.getPort(), name),
                Optional.of("postgres"),
                Optional.empty(),
                4);
    }

    @Test
    void nodes_that_start_together_on_an_empty_database_migrate_it_once() throws Exception {
        database.read(sql -> sql.execute("create database fresh"));

        Callable<List<String>> node = () -> {
            try (Database opened = Database.open(config("fresh"), Clock.systemUTC())) {
                return opened.read(
                        sql -> sql.createQuery("select version from schema_version where version is not null")
                                .mapTo(String.class)
                                .list());
            }
        };
        List<List<String>> versions;
        try (ExecutorService nodes = Executors.newFixedThreadPool(2)) {
            Future<List<String>> one = nodes.submit(node);
            Future<List<String>> other = nodes.submit(node);
            versions = List.of(one.get(), other.get());
        }

        assertThat(versions).allSatisfy(each -> assertThat(each).isNotEmpty().doesNotHaveDuplicates());
    }

    @Test
    void a_database_that_is_not_there_is_a_mistake_of_the_configuration() {
        assertThatThrownBy(() -> Database.open(
                        new DatabaseConfig.Postgres(
                                "postgresql://127.0.0.1:1/x", Optional.empty(), Optional.empty(), 1),
                        Clock.systemUTC()))
                .hasMessageContaining("The database cannot be reached");
    }
}
