package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Check;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code flowstate jobs list}. */
@Command(
        name = "list",
        description = {"Jobs, the newest first.", ""},
        footer = {
            "",
            "Examples:",
            "  flowstate jobs list",
            "  flowstate jobs list --status queued,running",
            "  flowstate jobs list --status failed --tag live --limit 200",
            "  flowstate jobs list --json | jq -r .id"
        })
final class JobsList extends JobsSubcommand {
    /** As many as the API gives at once. */
    private static final int PAGE = 200;

    @Option(
            names = "--status",
            paramLabel = "STATUS",
            completionCandidates = Candidates.JobStates.class,
            description =
                    "Only those that are queued, running, succeeded, failed or canceled; several with commas between them.")
    Optional<String> status = Optional.empty();

    @Option(names = "--tag", paramLabel = "TAG", description = "Only those with this tag.")
    Optional<String> tag = Optional.empty();

    @Option(names = "--limit", paramLabel = "N", description = "At most so many. Default: 20.")
    int limit = 20;

    JobsList(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        Check.that(limit > 0, "limit", "must be 1 or more, was %d", limit);
        List<RemoteJob> jobs = new ArrayList<>();
        Optional<String> cursor = Optional.empty();
        do {
            JsonNode page = client.list(filter(limit - jobs.size(), cursor), cancellation);
            page.path("jobs").forEach(document -> jobs.add(new RemoteJob(document)));
            cursor = Optional.of(page.path("next").asString("")).filter(next -> !next.isEmpty());
        } while (cursor.isPresent() && jobs.size() < limit);
        if (json) {
            jobs.forEach(job -> terminal.out().println(job.document()));
        } else {
            new JobTables(terminal.out()).all(jobs, clock.instant());
        }
        return Failures.OK;
    }

    private Map<String, String> filter(int most, Optional<String> cursor) {
        Map<String, String> filter = new LinkedHashMap<>();
        status.ifPresent(text -> filter.put("status", text));
        tag.ifPresent(text -> filter.put("tag", text));
        cursor.ifPresent(text -> filter.put("cursor", text));
        filter.put("limit", Integer.toString(Math.min(PAGE, most)));
        return filter;
    }
}
