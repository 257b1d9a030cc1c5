package io.flowstate.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions that stand in line while another holds the writer's thread, on a database of their own whose commits are counted and can be made to fail. */
final class WriteLineTest {
    private static final int WAITING = 5;

    @TempDir
    Path folder;

    private final AtomicInteger commits = new AtomicInteger();
    private final CountDownLatch first = new CountDownLatch(1);
    private final List<String> order = new ArrayList<>();
    private volatile boolean commitsFail;
    private volatile Runnable beforeCommit = () -> {};
    private WriteLine line;

    @BeforeEach
    void open() throws SQLException {
        try (Connection connection = connection()) {
            Jdbi.create(connection).useHandle(sql -> sql.execute("create table word (text text)"));
        }
        commits.set(0);
        line = new WriteLine(Jdbi.create(this::watched));
    }

    @AfterEach
    void close() {
        line.close();
    }

    @Test
    void those_who_wait_go_in_the_order_in_which_they_came_with_one_commit_for_all() throws Exception {
        Future<String> holding = hold();
        List<Future<String>> waiting = new ArrayList<>();
        for (int i = 0; i < WAITING; i++) {
            waiting.add(write("word " + i));
        }
        first.countDown();

        assertThat(holding.get()).isEqualTo("first");
        for (int i = 0; i < WAITING; i++) {
            assertThat(waiting.get(i).get()).isEqualTo("word " + i);
        }
        assertThat(order).containsExactly("first", "word 0", "word 1", "word 2", "word 3", "word 4");
        assertThat(kept()).isEqualTo(order);
        assertThat(commits).hasValue(2);
    }

    @Test
    void one_that_fails_in_the_middle_leaves_nothing_and_harms_nobody() throws Exception {
        Future<String> holding = hold();
        Future<String> before = write("before");
        Future<String> failing = line.join(tx -> {
            insert(tx, "never");
            throw new IllegalStateException("no");
        });
        Future<String> wrong = line.join(tx -> {
            insert(tx, "nor this");
            tx.sql().execute("insert into nowhere values (1)");
            return "wrong";
        });
        Future<String> after = write("after");
        first.countDown();

        holding.get();
        assertThat(before.get()).isEqualTo("before");
        assertThat(after.get()).isEqualTo("after");
        assertThatThrownBy(failing::get).hasRootCauseMessage("no");
        assertThatThrownBy(wrong::get).hasMessageContaining("no such table: nowhere");
        assertThat(kept()).containsExactly("first", "before", "after");
    }

    @Test
    void each_sees_what_those_before_it_wrote() throws Exception {
        Future<String> holding = hold();
        Future<String> one = write("one");
        Future<Integer> count = line.join(tx -> tx.sql()
                .createQuery("select count(*) from word")
                .mapTo(int.class)
                .one());
        first.countDown();

        holding.get();
        one.get();
        assertThat(count.get()).isEqualTo(2);
    }

    @Test
    void when_the_commit_fails_nothing_is_kept_and_each_is_told_so() throws Exception {
        Future<String> holding = hold();
        Future<String> one = write("one");
        Future<String> failing = line.join(_ -> {
            throw new IllegalStateException("no");
        });
        Future<String> other = write("other");
        beforeCommit = () -> commitsFail = true;
        first.countDown();
        assertThatThrownBy(holding::get).hasRootCauseMessage("the disk is gone");

        for (Future<String> each : List.of(one, failing, other)) {
            assertThatThrownBy(each::get).hasRootCauseMessage("the disk is gone");
        }
        commitsFail = false;
        beforeCommit = () -> {};
        assertThat(write("later").get()).isEqualTo("later");
        assertThat(kept()).containsExactly("later");
    }

    @Test
    void nobody_is_told_anything_before_the_commit() throws Exception {
        Future<String> holding = hold();
        Future<String> one = write("one");
        Future<String> failing = line.join(_ -> {
            throw new IllegalStateException("no");
        });
        List<Boolean> toldBefore = new ArrayList<>();
        beforeCommit = () -> {
            if (order.contains("one")) {
                toldBefore.add(one.isDone());
                toldBefore.add(failing.isDone());
            }
        };
        first.countDown();

        holding.get();
        one.get();
        assertThatThrownBy(failing::get).isInstanceOf(ExecutionException.class);
        assertThat(toldBefore).containsExactly(false, false);
    }

    /** As SQLite does by itself when the disk is full; whoever met the error may have passed it on or not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void when_the_database_gives_a_whole_transaction_up_nobody_of_the_group_is_told_that_anything_was_kept(
            boolean passedOn) throws Exception {
        Future<String> holding = hold();
        Future<String> before = write("before");
        Future<String> giving = line.join(tx -> {
            tx.sql().execute("rollback");
            if (passedOn) {
                throw new IllegalStateException("full");
            }
            return "silent";
        });
        Future<String> after = write("after");
        first.countDown();

        holding.get();
        for (Future<String> each : List.of(before, giving, after)) {
            assertThatThrownBy(each::get).isInstanceOf(ExecutionException.class);
        }
        assertThat(write("later").get()).isEqualTo("later");
        assertThat(kept()).containsExactly("first", "later");
    }

    /** Holds the writer's thread until {@link #first}, so that those who come next stand in line together. */
    private Future<String> hold() throws InterruptedException {
        CountDownLatch holds = new CountDownLatch(1);
        Future<String> holding = line.join(tx -> {
            holds.countDown();
            await(first);
            return insert(tx, "first");
        });
        assertThat(holds.await(20, TimeUnit.SECONDS)).isTrue();
        return holding;
    }

    private Future<String> write(String word) {
        return line.join(tx -> insert(tx, word));
    }

    private String insert(Tx tx, String word) {
        tx.sql().execute("insert into word values (?)", word);
        order.add(word);
        return word;
    }

    private List<String> kept() throws SQLException {
        try (Connection connection = connection()) {
            return Jdbi.create(connection)
                    .withHandle(sql -> sql.createQuery("select text from word order by rowid")
                            .mapTo(String.class)
                            .list());
        }
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("words.db"));
    }

    private Connection watched() throws SQLException {
        Connection connection = connection();
        return (Connection) Proxy.newProxyInstance(
                WriteLineTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (_, method, arguments) -> {
                    if (method.getName().equals("commit")) {
                        commits.incrementAndGet();
                        beforeCommit.run();
                        if (commitsFail) {
                            throw new SQLException("the disk is gone");
                        }
                    }
                    return invoke(connection, method, arguments);
                });
    }

    private static @Nullable Object invoke(Connection connection, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(connection, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getTargetException();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }
}
