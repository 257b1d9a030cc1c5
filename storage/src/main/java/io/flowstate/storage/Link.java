package io.flowstate.storage;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/** One of the two kinds of database, and how it is reached. */
interface Link extends AutoCloseable {
    Dialect dialect();

    Clock clock();

    Signals signals();

    /** See {@link Database#inTouch}. */
    Duration inTouch();

    /** For whoever brings its own statements. Its transactions and those of {@link #write} take turns. */
    DataSource source();

    /** Runs statements that change nothing. */
    <T> T read(Function<Handle, T> work) throws Exception;

    /** Runs statements in one transaction. When this returns it has been committed, and what it signals has been told on this node. */
    <T> T write(Function<Tx, T> work) throws Exception;

    @Override
    void close();
}
