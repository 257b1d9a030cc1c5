package io.flowstate.jobs;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.routing.Policy;
import java.math.BigDecimal;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** Reads a row of {@code job}, to which its tags have been joined as one text. */
final class JobRow implements RowMapper<Job> {
    /** What every query for jobs selects. A tag has no comma. */
    static final String COLUMNS =
            "*, (select string_agg(tag, ',' order by tag) from job_tag where job_id = job.id) as tags";

    /** Tags as such a text. */
    static String join(List<String> tags) {
        return tags.stream().sorted().collect(Collectors.joining(","));
    }

    @Override
    public Job map(ResultSet row, StatementContext context) throws SQLException {
        return new Job(
                row.getString("id"),
                row.getString("owner"),
                row.getString("task"),
                Job.Status.of(row.getString("status")),
                Policy.Priority.of(row.getString("priority")),
                text(row, "tags").map(tags -> List.of(tags.split(","))).orElse(List.of()),
                row.getString("request"),
                row.getString("plan"),
                row.getString("attempts"),
                text(row, "result"),
                text(row, "error"),
                input(row),
                new Job.Advance(text(row, "phase"), row.getDouble("fraction")),
                times(row),
                new Job.Revisions(
                        row.getLong("revision"), row.getLong("status_revision"), row.getLong("progress_revision")),
                row.getInt("attempt"),
                text(row, "node"),
                text(row, "deployment"),
                text(row, "cost_usd").map(BigDecimal::new),
                hook(row));
    }

    private static Job.Input input(ResultSet row) throws SQLException {
        return new Job.Input(
                row.getString("input_name"),
                text(row, "input_blob"),
                text(row, "input_url").map(URI::create),
                number(row, "input_bytes"),
                text(row, "input_sha256"),
                audio(row));
    }

    private static Optional<AudioFacts> audio(ResultSet row) throws SQLException {
        OptionalLong rate = number(row, "input_rate_hz");
        if (rate.isEmpty()) {
            return Optional.empty();
        }
        OptionalLong millis = number(row, "input_millis");
        return Optional.of(new AudioFacts(
                row.getString("input_container"),
                row.getString("input_codec"),
                (int) rate.getAsLong(),
                row.getInt("input_channels"),
                millis.isPresent() ? Optional.of(Duration.ofMillis(millis.getAsLong())) : Optional.empty()));
    }

    private static Job.Times times(ResultSet row) throws SQLException {
        return new Job.Times(
                Instant.ofEpochMilli(row.getLong("created_at")),
                time(row, "started_at"),
                time(row, "finished_at"),
                time(row, "deadline_at"),
                time(row, "cancel_requested_at"),
                time(row, "expires_at"));
    }

    private static Optional<Job.Hook> hook(ResultSet row) throws SQLException {
        Optional<String> url = text(row, "webhook_url");
        if (url.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Job.Hook(
                URI.create(url.get()), Set.of(row.getString("webhook_events").split(","))));
    }

    static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }

    static OptionalLong number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
    }

    static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        OptionalLong millis = number(row, column);
        return millis.isPresent() ? Optional.of(Instant.ofEpochMilli(millis.getAsLong())) : Optional.empty();
    }
}
