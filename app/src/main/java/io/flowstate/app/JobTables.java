package io.flowstate.app;

import io.flowstate.core.ByteCount;
import io.flowstate.core.DurationText;
import io.flowstate.core.FlowError;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Jobs as a person reads them. */
final class JobTables {
    private static final String ROW = "%-30s  %-9s  %5s  %10s  %-32s  %s%n";

    private final PrintStream out;

    JobTables(PrintStream out) {
        this.out = out;
    }

    /** A line for each. */
    void all(List<RemoteJob> jobs, Instant now) {
        out.printf(ROW, "ID", "STATUS", "DONE", "AGE", "INPUT", "TAGS");
        for (RemoteJob job : jobs) {
            String line = ROW.formatted(
                    job.id(),
                    job.status(),
                    share(job),
                    job.time("created_at")
                            .map(created -> DurationText.of(Duration.between(created, now)))
                            .orElse(""),
                    job.inputName(),
                    String.join(",", job.tags()));
            out.println(line.stripTrailing());
        }
    }

    /** All about one. */
    void one(RemoteJob job) {
        out.println(job.id());
        row("status", status(job));
        row("input", input(job));
        row("options", options(job));
        if (!job.tags().isEmpty()) {
            row("tags", String.join(", ", job.tags()));
        }
        job.text("deployment").ifPresent(deployment -> row("deployment", deployment));
        job.costUsd().map(BigDecimal::toPlainString).ifPresent(cost -> row("cost", cost + " USD"));
        int begun = job.document().path("attempt").asInt(0);
        if (begun > 1) {
            row("begun", "%d times".formatted(begun));
        }
        row("submitted", time(job, "created_at").orElse("unknown"));
        time(job, "started_at").ifPresent(started -> row("started", started));
        time(job, "finished_at").ifPresent(finished -> row("finished", finished));
        time(job, "deadline_at").ifPresent(deadline -> row("deadline", deadline));
        if (!job.outputs().isEmpty()) {
            time(job, "expires_at").ifPresent(expires -> row("kept until", expires));
        }
        for (RemoteJob.Output output : job.outputs()) {
            row("output", "%s (%s)".formatted(output.name(), amount(output)));
        }
        job.error().ifPresent(this::error);
    }

    private void error(FlowError error) {
        row("error", "%s (%s)".formatted(Failures.sentence(error), error.code().id()));
        Failures.advice(error).ifPresent(advice -> row("", advice));
    }

    private static String status(RemoteJob job) {
        String phase = job.advance()
                .filter(_ -> job.status().equals("running"))
                .map(progress -> ", " + ProgressView.verb(progress.phase()))
                .orElse("");
        String ahead = job.position().isPresent()
                ? ", %d ahead of it".formatted(job.position().getAsInt())
                : "";
        String stopping = !job.isOver() && job.time("cancel_requested_at").isPresent() ? ", told to stop" : "";
        String share = job.status().equals("running") ? " " + share(job) : "";
        return job.status() + phase + share + ahead + stopping;
    }

    private static String share(RemoteJob job) {
        return String.format(
                Locale.ROOT,
                "%.0f %%",
                100 * (job.hasSucceeded() ? 1 : job.progress().path("fraction").asDouble(0)));
    }

    private static String input(RemoteJob job) {
        String facts = Optional.of(job)
                .flatMap(RemoteJob::inputLength)
                .map(DurationText::of)
                .map(length -> job.inputBytes().isPresent()
                        ? "%s, %s"
                                .formatted(
                                        length, ByteCount.text(job.inputBytes().getAsLong()))
                        : length)
                .map(" (%s)"::formatted)
                .orElse("");
        return job.inputName() + facts;
    }

    private static String options(RemoteJob job) {
        return job.text("task").orElse("")
                + job.document().path("options").properties().stream()
                        .map(option -> option.getKey() + "="
                                + option.getValue().toString().replaceAll("[\"\\[\\]]", ""))
                        .collect(Collectors.joining(" ", " ", ""));
    }

    private static String amount(RemoteJob.Output output) {
        return output.isComplete()
                ? ByteCount.text(output.bytes())
                : "%s so far".formatted(ByteCount.text(output.bytes()));
    }

    private static Optional<String> time(RemoteJob job, String field) {
        return job.time(field).map(time -> time.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private void row(String name, String value) {
        out.printf("  %-10s  %s%n", name, value);
    }
}
