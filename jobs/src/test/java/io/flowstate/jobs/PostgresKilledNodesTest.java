package io.flowstate.jobs;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PostgresKilledNodesTest extends KilledNodesContract {
    @Override
    KillTrial trial(Path folder) throws IOException {
        return KillTrial.onPostgres(folder, 1, SEED);
    }

    @Test
    void three_nodes_are_killed_in_turns_at_any_moment(@TempDir Path folder) throws Exception {
        try (KillTrial three = KillTrial.onPostgres(folder, 3, SEED)) {
            check(Moment.ANY, three.kill(Moment.ANY, 4));
        }
    }
}
