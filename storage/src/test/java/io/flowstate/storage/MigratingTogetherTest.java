package io.flowstate.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A data folder that a new version finds for the first time, with two of its processes at once. */
final class MigratingTogetherTest {
    @TempDir
    Path ground;

    /** @param before the version of the tables that are there; 0 for a new folder */
    @ParameterizedTest
    @ValueSource(ints = {0, 4})
    void one_gets_the_folder_and_the_other_is_told_that_it_is_in_use(int before) throws Exception {
        Path folder = Files.createDirectory(ground.resolve("data"));
        if (before > 0) {
            migrate(folder, before);
        }

        List<String> answers = new ArrayList<>();
        try (SecondProcess one = SecondProcess.start(folder);
                SecondProcess other = SecondProcess.start(folder)) {
            one.open();
            other.open();
            answers.add(one.answer());
            answers.add(other.answer());
        }

        assertThat(answers).filteredOn(each -> each.startsWith("open ")).hasSize(1);
        assertThat(answers)
                .filteredOn(each -> each.startsWith("Another process uses the data folder"))
                .hasSize(1);
        try (Database database = Database.open(new DatabaseConfig.Embedded(folder), Clock.systemUTC())) {
            List<Integer> versions =
                    database.read(sql -> sql.createQuery("select version from schema_version order by installed_rank")
                            .mapTo(int.class)
                            .list());
            assertThat(versions)
                    .hasSizeGreaterThan(before)
                    .doesNotHaveDuplicates()
                    .isSorted();
        }
    }

    private static void migrate(Path folder, int version) {
        Flyway.configure(Database.class.getClassLoader())
                .dataSource("jdbc:sqlite:" + folder.resolve("flowstate.db"), "", "")
                .locations("classpath:io/flowstate/storage/migrations")
                .placeholders(Dialect.SQLITE.types())
                .table("schema_version")
                .target(String.valueOf(version))
                .load()
                .migrate();
    }
}
