package io.flowstate.app;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowstate jobs get}. */
@Command(
        name = "get",
        description = {
            "Fetches what came of a job. If it is not over yet, this begins with what there is, and waits for the rest.",
            "Files get their names when all are here and have the sums that the server has noted.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flowstate jobs get job_01kb3…                     song-stems/drums.wav, bass.wav, other.wav, vocals.wav",
            "  flowstate jobs get job_01kb3… -o out --name '{track}/{stem}.{ext}'",
            "  flowstate jobs get job_01kb3… --quiet --json"
        })
final class JobsGet extends JobsSubcommand {
    @Mixin
    NamedJob named = new NamedJob();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    QuietOption quiet = new QuietOption();

    JobsGet(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        NameTemplate naming = new NameTemplate(output.name);
        Path out = terminal.folder().resolve(output.out).normalize();
        RemoteJob job = client.find(named.id, cancellation);
        AudioFormat format = format(job);
        Track track = Track.called(job.inputName());
        Set<String> named = new LinkedHashSet<>();
        try (TrackOutputs outputs = new TrackOutputs(description -> {
            // Which outputs there are may show only when the job begins them.
            String extension = format.container().id();
            named.add(description.name());
            naming.requireDistinct(out, List.of(track), List.copyOf(named), extension);
            return naming.resolve(out, track, description.name(), extension);
        })) {
            RemoteJob done = fetch(client, job, outputs, format, cancellation);
            return done.hasSucceeded() ? publish(client, track, done, outputs, out) : failed(done, quiet.on);
        }
    }

    private RemoteJob fetch(
            JobsClient client, RemoteJob job, TrackOutputs outputs, AudioFormat format, Cancellation cancellation) {
        try (ProgressView view = ProgressView.of(terminal, quiet.on, job.inputName(), clock);
                JobDownload download = new JobDownload(client, job.id(), outputs, format, cancellation)) {
            RemoteJob done = download.follow(job, view);
            if (done.hasSucceeded()) {
                download.finish(done, view);
            }
            return done;
        } catch (FlowError failure) {
            cancellation.throwIfCanceled();
            throw outputs.failure().orElse(failure);
        }
    }

    private int publish(JobsClient client, Track track, RemoteJob done, TrackOutputs outputs, Path out) {
        List<TrackOutputs.Written> files = outputs.publish();
        StemsReport report = new StemsReport(terminal, out, output.out);
        if (json) {
            report.json(track, done.separated(client.server()), files);
        } else if (!quiet.on) {
            report.table(track, done.separated(client.server()), files);
        }
        return Failures.OK;
    }

    /** As far as a file's name depends on it. */
    private static AudioFormat format(RemoteJob job) {
        String container = job.document().path("options").path("format").asString("wav");
        return AudioFormat.of(AudioFormat.Container.of(container), Optional.empty(), OptionalInt.empty());
    }
}
