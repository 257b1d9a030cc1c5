package io.flowstate.storage;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection that keeps the statements it has prepared, for drivers that parse and plan each anew, as SQLite's does.
 *
 * <p>A statement is lent to one user at a time; who asks for the same meanwhile is given another. What comes back is kept only if it is as it was when it was new: run to its
 * end, its rows closed, no execution failed, none of its settings changed. Otherwise it is closed, which is always right. Its parameters are cleared. Used by one thread at a
 * time, like the connection.
 */
final class KeptStatements implements InvocationHandler {
    private static final int MOST = 200;
    /** What leaves a statement as it was, besides the setting of parameters. */
    private static final Set<String> HARMLESS = Set.of(
            "execute",
            "executeQuery",
            "executeUpdate",
            "getResultSet",
            "getUpdateCount",
            "getMetaData",
            "getWarnings",
            "getConnection",
            "equals",
            "hashCode",
            "toString");

    private final Connection connection;
    private final Map<String, PreparedStatement> idle = new LinkedHashMap<>();

    private KeptStatements(Connection connection) {
        this.connection = connection;
    }

    /** The connection as others see it from now on; it is closed, with all that it keeps, when that is. */
    static Connection of(Connection connection) {
        return proxy(Connection.class, new KeptStatements(connection));
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(KeptStatements.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        return arguments != null && isPlain(method, arguments)
                ? lend((String) arguments[0])
                : call(connection, method, arguments);
    }

    private static boolean isPlain(Method method, Object[] arguments) {
        return method.getName().equals("prepareStatement")
                && (arguments.length == 1
                        || (arguments.length == 3
                                && arguments[1].equals(ResultSet.TYPE_FORWARD_ONLY)
                                && arguments[2].equals(ResultSet.CONCUR_READ_ONLY)));
    }

    private PreparedStatement lend(String sql) throws SQLException {
        PreparedStatement kept = idle.remove(sql);
        return proxy(PreparedStatement.class, new Lent(sql, kept == null ? connection.prepareStatement(sql) : kept));
    }

    private void keep(String sql, PreparedStatement statement) throws SQLException {
        statement.clearParameters();
        PreparedStatement twin = idle.put(sql, statement);
        if (twin != null) {
            twin.close();
        } else if (idle.size() > MOST) {
            var eldest = idle.entrySet().iterator();
            PreparedStatement seldomUsed = eldest.next().getValue();
            eldest.remove();
            seldomUsed.close();
        }
    }

    private static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getTargetException();
        }
    }

    /** One use of a statement. */
    private final class Lent implements InvocationHandler {
        private final String sql;
        private final PreparedStatement statement;
        private @Nullable ResultSet rows;
        private boolean unread;
        private boolean altered;
        private boolean closed;

        Lent(String sql, PreparedStatement statement) {
            this.sql = sql;
            this.statement = statement;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
            String name = method.getName();
            if (name.equals("close")) {
                giveBack();
                return null;
            }
            if (name.equals("isClosed")) {
                return closed || statement.isClosed();
            }
            if (closed && method.getDeclaringClass() != Object.class) {
                throw new SQLException("the statement is closed: " + sql);
            }
            boolean before = altered;
            altered = true;
            Object given = call(statement, method, arguments);
            altered = before || !(HARMLESS.contains(name) || isBinding(name, arguments));
            note(name, given);
            return given;
        }

        /** The others with that prefix change a setting. */
        private static boolean isBinding(String name, Object @Nullable [] arguments) {
            return name.startsWith("set") && arguments != null && arguments.length > 1;
        }

        private void note(String name, @Nullable Object given) {
            switch (given) {
                case ResultSet opened -> {
                    rows = opened;
                    unread = false;
                }
                case Boolean announced when name.equals("execute") -> unread = announced;
                case null, default -> {}
            }
        }

        private void giveBack() throws SQLException {
            if (closed) {
                return;
            }
            closed = true;
            if (rows != null) {
                rows.close();
            }
            if (altered || unread) {
                statement.close();
            } else {
                keep(sql, statement);
            }
        }
    }
}
