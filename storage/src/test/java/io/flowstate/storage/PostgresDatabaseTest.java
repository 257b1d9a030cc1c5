package io.flowstate.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.testkit.TestPostgres;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresDatabaseTest extends DatabaseContract {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private Database database;

    @BeforeEach
    void open() {
        database = Database.open(config(postgres.address()), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Override
    Database database() {
        return database;
    }

    private static DatabaseConfig config(String address) {
        return new DatabaseConfig.Postgres(address, Optional.of(TestPostgres.USER), Optional.empty(), 4);
    }

    @Test
    void nodes_that_start_together_on_an_empty_database_migrate_it_once() throws Exception {
        String fresh = postgres.address();

        Callable<List<String>> node = () -> {
            try (Database opened = Database.open(config(fresh), Clock.systemUTC())) {
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
    void of_two_transactions_that_wait_for_each_other_one_is_done_again_after_the_other() throws Exception {
        database.change(tx ->
                tx.sql().execute("insert into secret (name, value, created_at) values ('x', '', 0), ('y', '', 0)"));
        CyclicBarrier both = new CyclicBarrier(2);

        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<?> one = threads.submit(() -> addInOrder(both, "x", "y"));
            Future<?> other = threads.submit(() -> addInOrder(both, "y", "x"));
            one.get();
            other.get();
        }

        List<Integer> added =
                database.read(sql -> sql.createQuery("select created_at from secret where name in ('x', 'y')")
                        .mapTo(int.class)
                        .list());
        assertThat(added).containsExactly(2, 2);
    }

    /** The first time no transaction goes on before the other one has its first row. */
    private void addInOrder(CyclicBarrier both, String first, String second) {
        AtomicBoolean again = new AtomicBoolean();
        database.change(tx -> {
            tx.sql().execute("update secret set created_at = created_at + 1 where name = ?", first);
            if (!again.getAndSet(true)) {
                await(both);
            }
            tx.sql().execute("update secret set created_at = created_at + 1 where name = ?", second);
        });
    }

    private static void await(CyclicBarrier both) {
        try {
            both.await(20, TimeUnit.SECONDS);
        } catch (Exception never) {
            throw new IllegalStateException(never);
        }
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
