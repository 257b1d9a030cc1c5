package io.flowstate.jobs;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Stands before the databases' own drivers and stops a node before certain statements, and before and after certain commits. */
final class StoppingDriver implements Driver {
    private final Stop stop;
    private final List<Driver> drivers;

    private StoppingDriver(Stop stop, List<Driver> drivers) {
        this.stop = stop;
        this.drivers = drivers;
    }

    /** For all connections that this process opens from now on. */
    static void install(Stop stop) throws SQLException {
        List<Driver> drivers = DriverManager.drivers().toList();
        for (Driver each : drivers) {
            DriverManager.deregisterDriver(each);
        }
        DriverManager.registerDriver(new StoppingDriver(stop, drivers));
    }

    @Override
    public @Nullable Connection connect(String url, Properties properties) throws SQLException {
        for (Driver each : drivers) {
            if (each.acceptsURL(url)) {
                return watched(each.connect(url, properties));
            }
        }
        return null;
    }

    private Connection watched(Connection connection) {
        StringBuilder said = new StringBuilder();
        return (Connection) Proxy.newProxyInstance(
                StoppingDriver.class.getClassLoader(), new Class<?>[] {Connection.class}, (_, method, arguments) -> {
                    switch (method.getName()) {
                        case "prepareStatement" -> {
                            Object statement = Objects.requireNonNull(invoke(connection, method, arguments));
                            return watched((PreparedStatement) statement, String.valueOf(arguments[0]), said);
                        }
                        case "rollback" -> said.setLength(0);
                        case "commit" -> {
                            String transaction = said.toString();
                            said.setLength(0);
                            beforeCommit(transaction);
                            Object done = invoke(connection, method, arguments);
                            afterCommit(transaction);
                            return done;
                        }
                        default -> {}
                    }
                    return invoke(connection, method, arguments);
                });
    }

    /** Whoever has prepared a statement may keep it and execute it often. */
    private PreparedStatement watched(PreparedStatement statement, String sql, StringBuilder said) {
        return (PreparedStatement) Proxy.newProxyInstance(
                StoppingDriver.class.getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (_, method, arguments) -> {
                    if (method.getName().startsWith("execute")) {
                        said.append(sql).append(";\n");
                        before(sql);
                    }
                    return invoke(statement, method, arguments);
                });
    }

    private static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getTargetException();
        }
    }

    private void before(String sql) {
        if (sql.startsWith("update scheduled_task set picked = ?, picked_by = ?")) {
            stop.at(Moment.CLAIMING);
        } else if (sql.contains("losses = losses +")) {
            stop.at(Moment.BEGINNING);
        } else if (sql.startsWith("update job set checkpoint = ")) {
            stop.at(Moment.SAVING);
        }
    }

    private void beforeCommit(String transaction) {
        if (transaction.contains("insert into job (")) {
            stop.at(Moment.ACCEPTING);
        } else if (endsJob(transaction)) {
            stop.at(Moment.ENDING);
        } else if (transaction.contains("insert into webhook_attempt")) {
            stop.at(Moment.DELIVERING);
        }
    }

    private void afterCommit(String transaction) {
        if (transaction.contains("insert into job (")) {
            stop.at(Moment.ACCEPTED);
        } else if (endsJob(transaction)) {
            stop.at(Moment.ENDED);
        }
    }

    private static boolean endsJob(String transaction) {
        return transaction.contains("node = null, finished_at = ");
    }

    @Override
    public boolean acceptsURL(String url) throws SQLException {
        for (Driver each : drivers) {
            if (each.acceptsURL(url)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
        return 1;
    }

    @Override
    public int getMinorVersion() {
        return 0;
    }

    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException();
    }
}
