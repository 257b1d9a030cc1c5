package io.flowstate.storage;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.LinkedHashSet;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL: a pool of connections, and one more that listens for the other nodes' signals and keeps this node's time to the database's. When the listening connection is
 * lost it is opened again, and everybody is told that news may have been missed. What this node signals is told here at once, and to the others by {@link NewsForOthers}.
 */
final class PostgresLink implements Link {
    private static final Logger log = LoggerFactory.getLogger(PostgresLink.class);
    private static final int LISTEN_MILLIS = 1_000;
    /** How long the listening connection, which asks for the time whenever there is no news, waits for an answer. */
    private static final int SILENT_SECONDS = 10;

    private static final Duration WAIT_FOR_CONNECTION = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final PGSimpleDataSource single;
    private final NewsForOthers news;
    private final Signals signals = new Signals();
    private final SteadyClock clock;
    private final Touch touch = new Touch(System::nanoTime);
    private final Thread listener;
    private volatile boolean closed;

    private PostgresLink(HikariDataSource pool, PGSimpleDataSource single) throws SQLException {
        this.pool = pool;
        this.single = single;
        try (Connection connection = pool.getConnection()) {
            this.clock = new SteadyClock(time(connection).toInstant(), System::nanoTime);
        }
        this.jdbi = Jdbi.create(pool);
        Connection first = listening();
        this.news = NewsForOthers.start(pool);
        this.listener = Thread.ofVirtual().name("postgres-listener").start(() -> listen(first));
    }

    static PostgresLink open(DatabaseConfig.Postgres config) {
        HikariDataSource pool = Database.pool("postgres", config.connections());
        PGSimpleDataSource single = new PGSimpleDataSource();
        String url = "jdbc:" + config.url();
        pool.setJdbcUrl(url);
        single.setSocketTimeout(SILENT_SECONDS);
        single.setTcpKeepAlive(true);
        single.setUrl(url);
        config.user().ifPresent(user -> {
            pool.setUsername(user);
            single.setUser(user);
        });
        config.password().ifPresent(password -> {
            pool.setPassword(password.value());
            single.setPassword(password.value());
        });
        pool.setDataSourceProperties(patience());
        pool.setConnectionTimeout(WAIT_FOR_CONNECTION.toMillis());
        try {
            return new PostgresLink(pool, single);
        } catch (SQLException | HikariPool.PoolInitializationException unreachable) {
            pool.close();
            throw FlowError.of(
                            Code.BAD_CONFIG,
                            "The database cannot be reached: %s",
                            Trouble.innermost(unreachable).strip())
                    .field("database.url")
                    .advice("Check database.url, database.user and database.password, and that PostgreSQL runs there.")
                    .causedBy(unreachable);
        }
    }

    /**
     * What bounds the harm of a side that falls silent, unless the address says otherwise: the server ends the transaction of a node that is paused or unplugged in the midst of it,
     * for its locks would keep the other nodes from the job; and a node does not wait for a server that is gone without a word until TCP gives up, which takes a quarter of an hour.
     */
    private static Properties patience() {
        Properties properties = new Properties();
        PGProperty.OPTIONS.set(properties, "-c idle_in_transaction_session_timeout=30s");
        PGProperty.SOCKET_TIMEOUT.set(properties, 60);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        return properties;
    }

    private static OffsetDateTime time(Connection connection) throws SQLException {
        try (Statement ask = connection.createStatement();
                ResultSet answer = ask.executeQuery("select clock_timestamp()")) {
            answer.next();
            return answer.getObject(1, OffsetDateTime.class);
        }
    }

    private Connection listening() throws SQLException {
        Connection connection = single.getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("listen " + NewsForOthers.CHANNEL);
            return connection;
        } catch (SQLException lost) {
            connection.close();
            throw lost;
        }
    }

    private void listen(Connection first) {
        hearUntilLost(first);
        while (!closed) {
            rest();
            try {
                Connection next = listening();
                touch.renewed();
                signals.tell(Signals.ANYTHING);
                hearUntilLost(next);
            } catch (SQLException still) {
                log.debug("other nodes cannot be heard yet", still);
            }
        }
    }

    private void hearUntilLost(Connection connection) {
        try (connection) {
            while (!closed) {
                hear(connection);
            }
        } catch (SQLException lost) {
            touch.lost();
            if (!closed) {
                log.warn("the connection that listens for other nodes is lost; trying again: {}", lost.toString());
            }
        }
    }

    private void hear(Connection connection) throws SQLException {
        PGNotification @Nullable [] heard =
                connection.unwrap(PGConnection.class).getNotifications(LISTEN_MILLIS);
        if (heard == null || heard.length == 0) {
            clock.agree(time(connection).toInstant());
            touch.heard();
            return;
        }
        touch.heard();
        for (PGNotification each : heard) {
            news.ofOthers(each.getParameter()).forEach(signals::tell);
        }
    }

    private static void rest() {
        try {
            Thread.sleep(RETRY);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Dialect dialect() {
        return Dialect.POSTGRES;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Signals signals() {
        return signals;
    }

    @Override
    public Duration inTouch() {
        return touch.unbroken();
    }

    @Override
    public DataSource source() {
        return pool;
    }

    @Override
    public <T> T read(Function<Handle, T> work) {
        return jdbi.withHandle(work::apply);
    }

    @Override
    public <T> T write(Function<Tx, T> work) {
        Set<String> topics = new LinkedHashSet<>();
        T result = jdbi.inTransaction(handle -> {
            Tx tx = new Tx(handle);
            T done = work.apply(tx);
            topics.addAll(tx.topics());
            return done;
        });
        topics.forEach(signals::tell);
        news.spread(topics);
        return result;
    }

    @Override
    public void close() {
        closed = true;
        listener.interrupt();
        news.close();
        pool.close();
    }
}
