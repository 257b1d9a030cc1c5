package io.flowstate.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes on one PostgreSQL. */
final class NewsForOthersTest {
    private static EmbeddedPostgres postgres;
    private Database here;
    private Database there;

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
        here = node();
        there = node();
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private static Database node() {
        return Database.open(
                new DatabaseConfig.Postgres(
                        "postgresql://127.0.0.1:%d/postgres".formatted(postgres.getPort()),
                        Optional.of("postgres"),
                        Optional.empty(),
                        2),
                Clock.systemUTC());
    }

    @Test
    void a_node_hears_its_own_news_when_its_transaction_returns_and_never_again() throws InterruptedException {
        List<String> own = new CopyOnWriteArrayList<>();
        BlockingQueue<String> others = new LinkedBlockingQueue<>();
        try (Signals.Subscription _ = here.signals().listen(own::add);
                Signals.Subscription _ = there.signals().listen(others::add)) {
            here.change(tx -> tx.signal("a"));

            assertThat(own).containsExactly("a");
            assertThat(others.poll(20, TimeUnit.SECONDS)).isEqualTo("a");

            // When this has come back all that went before it would have come back, too.
            there.change(tx -> tx.signal("b"));
            awaitLast(own, "b");
            assertThat(own).containsExactly("a", "b");
        }
    }

    @Test
    void however_many_there_are_all_arrive_each_once_and_in_order() {
        List<String> topics =
                IntStream.range(0, 3_000).mapToObj("job/job_%026d"::formatted).toList();
        List<String> others = new CopyOnWriteArrayList<>();
        try (Signals.Subscription _ = there.signals().listen(others::add)) {
            here.change(tx -> topics.forEach(tx::signal));

            awaitLast(others, topics.getLast());
            assertThat(others).isEqualTo(topics);
        }
    }

    @Test
    void one_who_asks_to_hear_from_itself_finds_nothing_and_no_message_is_longer_than_the_server_takes() {
        try (NewsForOthers news = NewsForOthers.start(here.source());
                NewsForOthers other = NewsForOthers.start(here.source())) {
            Set<String> topics = IntStream.range(0, 1_000)
                    .mapToObj("job/job_%026d"::formatted)
                    .collect(Collectors.toSet());

            List<String> messages = news.messages(topics);

            assertThat(messages)
                    .allSatisfy(message -> assertThat(message.length()).isLessThan(8_000));
            assertThat(messages).flatMap(news::ofOthers).isEmpty();
            assertThat(messages).flatMap(other::ofOthers).containsExactlyInAnyOrderElementsOf(topics);
        }
    }

    private static void awaitLast(List<String> heard, String last) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!heard.contains(last) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(heard).contains(last);
    }
}
