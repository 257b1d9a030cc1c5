package io.flowstate.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeptStatementsTest {
    private static final String FIND = "select word from song where number > ? order by number";

    @TempDir
    Path folder;

    private final List<String> prepared = new ArrayList<>();
    private Connection driver;
    private Connection connection;

    @BeforeEach
    void open() throws SQLException {
        driver = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("songs.db"));
        connection = KeptStatements.of(counting(driver));
        run("create table song (number integer primary key, word text)");
        run("insert into song values (1, 'la'), (2, 'li'), (3, 'lu')");
        prepared.clear();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void what_is_asked_again_is_prepared_once() throws SQLException {
        assertThat(words(0)).containsExactly("la", "li", "lu");
        assertThat(words(2)).containsExactly("lu");

        assertThat(prepared).containsExactly(FIND);
    }

    @Test
    void a_statement_in_use_is_not_given_to_another() throws SQLException {
        assertThat(words(0)).hasSize(3);

        try (PreparedStatement outer = connection.prepareStatement(FIND)) {
            outer.setInt(1, 0);
            ResultSet rows = outer.executeQuery();
            rows.next();
            assertThat(words(1)).containsExactly("li", "lu");
            rows.next();
            assertThat(rows.getString(1)).isEqualTo("li");
        }
        assertThat(prepared).containsExactly(FIND, FIND);
    }

    @Test
    void no_parameter_of_the_last_use_is_left() throws SQLException {
        assertThat(words(0)).hasSize(3);

        try (PreparedStatement statement = connection.prepareStatement(FIND);
                ResultSet rows = statement.executeQuery()) {
            assertThat(rows.next()).isFalse();
        }
    }

    @Test
    void rows_that_nobody_has_read_to_their_end_hold_nobody_up() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setInt(1, 0);
            assertThat(statement.executeQuery().next()).isTrue();
        }
        try (PreparedStatement statement = connection.prepareStatement("select word from song")) {
            assertThat(statement.execute()).isTrue();
        }

        // With a statement of the same connection under way the table would be locked.
        run("drop table song");
    }

    @Test
    void a_statement_that_failed_works_the_next_time() throws SQLException {
        assertThatThrownBy(() -> add(1)).isInstanceOf(SQLException.class);
        add(4);
        assertThatThrownBy(() -> add(4)).isInstanceOf(SQLException.class);
        add(5);

        assertThat(words(0)).hasSize(5);
    }

    @Test
    void a_setting_ends_with_its_user() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setMaxRows(1);
        }

        assertThat(words(0)).hasSize(3);
    }

    @Test
    void a_statement_cannot_be_used_after_it_was_given_back() throws SQLException {
        PreparedStatement gone = connection.prepareStatement(FIND);
        gone.close();
        gone.close();

        assertThat(gone.isClosed()).isTrue();
        assertThatThrownBy(gone::executeQuery).hasMessageContaining("closed");
    }

    @Test
    void it_keeps_so_many_and_no_more() throws SQLException {
        assertThat(words(0)).hasSize(3);
        for (int i = 0; i < 1_000; i++) {
            run("select " + i);
        }
        prepared.clear();

        run("select 999");
        assertThat(words(0)).hasSize(3);

        assertThat(prepared).containsExactly(FIND);
    }

    private void add(int number) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("insert into song values (?, 'le')")) {
            statement.setInt(1, number);
            statement.executeUpdate();
        }
    }

    private List<String> words(int above) throws SQLException {
        List<String> words = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setInt(1, above);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    words.add(rows.getString(1));
                }
            }
        }
        return words;
    }

    private void run(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            if (statement.execute()) {
                statement.getResultSet().close();
            }
        }
    }

    private Connection counting(Connection to) {
        return (Connection) Proxy.newProxyInstance(
                KeptStatementsTest.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (_, method, arguments) -> {
                    if (method.getName().equals("prepareStatement")) {
                        prepared.add(String.valueOf(arguments[0]));
                    }
                    try {
                        return method.invoke(to, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getTargetException();
                    }
                });
    }
}
