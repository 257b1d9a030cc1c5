package io.flowstate.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.testkit.Await;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What both databases keep to. */
abstract class DatabaseContract {
    abstract Database database();

    @Test
    void what_a_transaction_wrote_is_there_afterwards() {
        database().write(tx -> insertSecret(tx, "a"));

        assertThat(secrets()).contains("a");
    }

    @Test
    void a_transaction_that_throws_leaves_nothing_and_tells_nobody() {
        List<String> heard = new CopyOnWriteArrayList<>();
        try (Signals.Subscription _ = database().signals().listen(heard::add)) {
            assertThatThrownBy(() -> database().write(tx -> {
                        insertSecret(tx, "b");
                        tx.signal("never");
                        throw new IllegalStateException("no");
                    }))
                    .hasMessage("no");
            database().change(tx -> tx.signal("after"));

            assertThat(secrets()).doesNotContain("b");
            await(heard, "after");
            assertThat(heard).doesNotContain("never");
        }
    }

    @Test
    void a_signal_is_heard_when_what_it_tells_of_can_be_read() throws InterruptedException {
        BlockingQueue<Boolean> seen = new LinkedBlockingQueue<>();
        try (Signals.Subscription _ = database().signals().listen(topic -> {
            if (topic.equals("c")) {
                seen.add(secrets().contains("c"));
            }
        })) {
            database().write(tx -> {
                tx.signal("c");
                return insertSecret(tx, "c");
            });

            assertThat(seen.poll(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void time_does_not_go_back() {
        Instant before = database().clock().instant();

        assertThat(database().clock().instant()).isAfterOrEqualTo(before);
    }

    private static int insertSecret(Tx tx, String value) {
        return tx.sql()
                .createUpdate("insert into secret (name, value, created_at) values ('test', :value, 0)")
                .bind("value", value)
                .execute();
    }

    List<String> secrets() {
        return database()
                .read(sql -> sql.createQuery("select value from secret where name = 'test'")
                        .mapTo(String.class)
                        .list());
    }

    private static void await(List<String> heard, String topic) {
        Await.until(topic + " was heard", () -> heard.contains(topic));
    }
}
