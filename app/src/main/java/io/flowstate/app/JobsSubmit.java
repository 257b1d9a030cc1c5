package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flowstate jobs submit}. */
@Command(
        name = "submit",
        description = {
            "Hands inputs to a server, a job for each, and prints their ids. It takes the options of flowstate stems that say what to do; flowstate stems --help has examples of them.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flowstate jobs submit song.flac --stems vocals --format mp3",
            "  flowstate jobs submit albums --tag live,2026 --priority background",
            "  flowstate jobs submit song.flac --wait        and show how far it is",
            "  flowstate jobs submit song.flac --webhook https://studio.example/hook --webhook-events started,succeeded",
            "  for id in $(flowstate jobs submit *.wav --quiet); do flowstate jobs get $id; done"
        })
final class JobsSubmit extends JobsSubcommand {
    @Mixin
    SeparationOptions wanted = new SeparationOptions();

    @Mixin
    QuietOption quiet = new QuietOption();

    @Mixin
    NamedInputs inputs = new NamedInputs();

    @Option(
            names = "--tag",
            paramLabel = "TAGS",
            split = ",",
            description = "Words to find the jobs by, e.g. --tag live,2026.")
    List<String> tags = List.of();

    @Option(
            names = "--priority",
            paramLabel = "PRIORITY",
            completionCandidates = Candidates.Priorities.class,
            description = "realtime (somebody waits for it) or background (all others go first). Default: realtime.")
    Optional<String> priority = Optional.empty();

    @Option(
            names = "--webhook",
            paramLabel = "URL",
            description = "Where the server tells how the job ended; flowstate webhooks shows what was told.")
    Optional<String> webhook = Optional.empty();

    @Option(
            names = "--webhook-events",
            paramLabel = "EVENTS",
            description = "What it tells: started, progress, succeeded, failed, canceled. Default: the last three.")
    Optional<String> webhookEvents = Optional.empty();

    @Option(names = "--wait", description = "Watch the jobs until all are over; exit with 1 if one has not succeeded.")
    boolean wait;

    JobsSubmit(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        Map<String, String> parameters = new LinkedHashMap<>(wanted.parameters());
        parameters.put("task", "stems");
        priority.ifPresent(text -> parameters.put("priority", text));
        webhook.ifPresent(address -> parameters.put("webhook_url", address));
        webhookEvents.ifPresent(events -> parameters.put("webhook_events", events));
        if (!tags.isEmpty()) {
            parameters.put("tags", String.join(",", tags));
        }
        Tracks tracks = Tracks.of(terminal, inputs.named(), NameTemplate.DEFAULT, terminal.folder());
        StemsReport report = new StemsReport(terminal, terminal.folder(), Path.of(""));
        List<RemoteJob> jobs = new ArrayList<>();
        int worst = Failures.OK;
        for (Tracks.Input input : tracks.inputs()) {
            try {
                jobs.add(submit(client, input, parameters, tracks.found().size(), cancellation));
            } catch (FlowError refused) {
                worst = Failures.FAILED;
                if (json) {
                    report.json(input.shown(), refused);
                }
                if (!json || !quiet.on) {
                    Failures.print(terminal.err(), input.shown(), refused);
                }
                if (endsAll(refused)) {
                    return Failures.exitCode(refused);
                }
            }
        }
        if (wait) {
            for (RemoteJob job : jobs) {
                worst = Math.max(worst, watch(client, job, quiet.on, cancellation));
            }
        }
        return worst;
    }

    /** What is wrong with the server, or with the options, is wrong for every input. */
    private static boolean endsAll(FlowError refused) {
        return refused.code() == Code.CANCELED
                || refused.code().kind() == Code.Kind.SETUP
                || Failures.exitCode(refused) == Failures.USAGE;
    }

    private RemoteJob submit(
            JobsClient client,
            Tracks.Input input,
            Map<String, String> parameters,
            int count,
            Cancellation cancellation) {
        return switch (input) {
            case Tracks.Missing missing -> throw missing.why();
            case Track track -> {
                Map<String, String> options = new LinkedHashMap<>(parameters);
                options.put("name", track.fileName());
                RemoteJob job;
                try (ProgressView view = ProgressView.of(terminal, quiet.on, track.label(count), clock)) {
                    job = client.submit(options, track.file(), UUID.randomUUID().toString(), view, cancellation);
                }
                if (!json || !wait) {
                    tell(job, job.id());
                }
                yield job;
            }
        };
    }
}
