package io.flowstate.storage;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other nodes what this one has committed. Thread-safe; a virtual thread sends.
 *
 * <p>It is told after the commit and not in it: PostgreSQL lets transactions that notify commit one by one, in the whole server, and each would have one more round trip. What is
 * signalled while a message is on its way goes with the next one, once however often it was said. A node that dies between its commit and the message takes a hint along, and nothing
 * else: whoever waits for a change looks now and then although nothing was said; see {@link Signals}.
 */
final class NewsForOthers implements AutoCloseable {
    static final String CHANNEL = "flowstate";

    private static final Logger log = LoggerFactory.getLogger(NewsForOthers.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    /** More is not kept for a database that is away. */
    private static final int MOST = 10_000;

    /** PostgreSQL takes less than 8,000 bytes. */
    private static final int LONGEST = 7_900;

    private static final String BETWEEN = " ";

    /** The commit of a message need not wait for the disk: it says nothing that would have to be kept. */
    private static final String SEND = "select set_config('synchronous_commit', 'off', true), pg_notify(?, ?)";

    private final DataSource source;
    /** What this node says begins with it, so that it does not take it for another's. */
    private final String self = UUID.randomUUID().toString();

    private final Thread thread;
    private Set<String> unsaid = new LinkedHashSet<>();
    private boolean closed;

    private NewsForOthers(DataSource source) {
        this.source = source;
        this.thread = Thread.ofVirtual().name("postgres-news").unstarted(this::run);
    }

    static NewsForOthers start(DataSource source) {
        NewsForOthers news = new NewsForOthers(source);
        news.thread.start();
        return news;
    }

    /** Returns at once. */
    synchronized void spread(Set<String> topics) {
        if (topics.isEmpty()) {
            return;
        }
        unsaid.addAll(topics);
        if (unsaid.size() > MOST) {
            unsaid.clear();
            unsaid.add(Signals.ANYTHING);
        }
        notifyAll();
    }

    /** The topics of a message; none if it is from here. */
    List<String> ofOthers(String message) {
        List<String> words = List.of(message.split(BETWEEN));
        return words.getFirst().equals(self) ? List.of() : words.subList(1, words.size());
    }

    private void run() {
        try {
            for (Set<String> topics = next(); !topics.isEmpty(); topics = next()) {
                try {
                    send(topics);
                } catch (SQLException away) {
                    log.debug("other nodes cannot be told yet", away);
                    if (!rest()) {
                        return;
                    }
                    spread(topics);
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for some; empty when it is over. */
    private synchronized Set<String> next() throws InterruptedException {
        while (unsaid.isEmpty() && !closed) {
            wait();
        }
        Set<String> topics = unsaid;
        unsaid = new LinkedHashSet<>();
        return topics;
    }

    private void send(Set<String> topics) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(SEND)) {
            statement.setString(1, CHANNEL);
            for (String message : messages(topics)) {
                statement.setString(2, message);
                statement.execute();
            }
        }
    }

    /** As few as there may be. */
    List<String> messages(Set<String> topics) {
        List<String> all = new ArrayList<>();
        StringBuilder message = new StringBuilder(self);
        for (String topic : topics) {
            if (message.length() + BETWEEN.length() + topic.length() > LONGEST) {
                all.add(message.toString());
                message.setLength(self.length());
            }
            message.append(BETWEEN).append(topic);
        }
        all.add(message.toString());
        return all;
    }

    /** Whether to go on after it. */
    private synchronized boolean rest() throws InterruptedException {
        long end = System.nanoTime() + RETRY.toNanos();
        for (long left = RETRY.toMillis(); !closed && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
        return !closed;
    }

    /** Says what is unsaid, if the database takes it at once. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
