package io.flowstate.storage;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/** One of the two kinds of database, and how it is reached. */
interface Link extends AutoCloseable {
    Dialect dialect();

    Clock clock();

    Signals signals();

    /** See {@link Database#inTouch}. */
    Duration inTouch();

    DataSource reader();

    DataSource writer();

    /** Runs work with {@link #reader} on a thread that is fit for it. */
    <T> T read(Callable<T> work) throws Exception;

    /** The same with {@link #writer}. */
    <T> T write(Callable<T> work) throws Exception;

    /** Called at the end of a transaction, in it. */
    void beforeCommit(Handle handle, List<String> topics);

    /** Called after it, unless it was rolled back. */
    void afterCommit(List<String> topics);

    @Override
    void close();
}
