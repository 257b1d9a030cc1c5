package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.testkit.MovableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SqliteUploadsTest extends UploadRetentionContract {
    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-22T10:00:00Z"));

    @Override
    Database database(Path folder) {
        return Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), clock);
    }

    @Override
    void passes(Duration time) {
        clock.move(time);
    }

    /** Only here, where a test can move the clock. */
    @Test
    void a_slow_sender_s_bytes_count_after_a_while() {
        UploadState upload = create(100);
        try (UploadAppend append = uploads.append(House.OWNER, upload.id(), 0, Optional.empty())) {
            append.write(new byte[10], 0, 10);
            assertThat(now(upload).offset()).isZero();

            passes(UploadAppend.PIECE_TIME.plusSeconds(1));
            append.write(new byte[10], 0, 10);

            assertThat(now(upload).offset()).isEqualTo(20);
        }
    }
}
