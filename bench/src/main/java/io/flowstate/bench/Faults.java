package io.flowstate.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.flowstate.jobs.Aftermath;
import io.flowstate.jobs.CancelRaceTrial;
import io.flowstate.jobs.KillTrial;
import io.flowstate.jobs.Moment;
import io.flowstate.jobs.OutageTrial;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether jobs outlive their nodes. The nodes, and what is looked at afterwards, are those of the tests. */
@Command(
        name = "faults",
        header = "Kill nodes with SIGKILL in each state of a job, and see what becomes of the jobs.",
        description = {
            "Each node hands in jobs with a webhook and runs its own and others', with a provider that leaves checkpoints and gives what depends on the input alone.",
            "For each state nodes are stopped there and killed, one after the other, on a database of their own; then one more finishes what is left.",
            "lost: accepted, and has not succeeded or was never told so. twice: succeeded, or told under another id, more than once. changed: other bytes than an undisturbed run's. orphans: what lies about after a sweep."
        })
final class Faults implements Callable<Integer> {
    private static final String ROW = "%-12s %6s %6s %9s %6s %6s %8s %8s%n";

    /** Where jobs are kept. */
    enum Store {
        SQLITE,
        POSTGRES
    }

    @Option(names = "--kills", description = "Of all states together. Default: ${DEFAULT-VALUE}.")
    int kills = 100;

    @Option(names = "--seed", description = "Of the moments that are chosen by chance. Default: ${DEFAULT-VALUE}.")
    long seed = 1;

    @Option(names = "--store", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    Store store = Store.SQLITE;

    @Option(names = "--nodes", description = "At a time, on PostgreSQL; SQLite has one. Default: ${DEFAULT-VALUE}.")
    int nodes = 3;

    @Option(
            names = "--outage",
            description =
                    "Seconds for which PostgreSQL cannot be reached in the midst of work. Default: ${DEFAULT-VALUE}.")
    int outage = 20;

    @Option(
            names = "--races",
            description =
                    "Jobs that are canceled at about the moment at which they are done. Default: ${DEFAULT-VALUE}.")
    int races = 1_000;

    @Override
    public Integer call() throws IOException, InterruptedException {
        // What nodes say about a database that is away is no news here.
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        boolean clean = kill(out);
        if (outage > 0 && store == Store.POSTGRES) {
            clean &= takeAway(out);
        }
        if (races > 0) {
            clean &= race(out);
        }
        out.println(clean ? "Nothing lost, done twice, changed or left." : "FAILED");
        return clean ? 0 : 1;
    }

    private boolean takeAway(PrintWriter out) throws IOException {
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            Aftermath after = OutageTrial.run(work.folder(), Duration.ofSeconds(outage));
            print(out, "away " + outage + " s", 0, after);
            return after.isClean();
        }
    }

    private boolean race(PrintWriter out) throws IOException {
        try (Checkout.Workplace work = new Checkout.Workplace(CancelRaceTrial.folder())) {
            CancelRaceTrial.Outcome outcome = CancelRaceTrial.run(work.folder(), store == Store.POSTGRES, races, seed);
            out.printf(
                    "%d races: %d succeeded, %d canceled, %d neither%n",
                    races,
                    outcome.succeeded(),
                    outcome.canceled(),
                    outcome.illegal().size());
            name(out, "neither", outcome.illegal());
            return outcome.illegal().isEmpty();
        }
    }

    private boolean kill(PrintWriter out) throws IOException, InterruptedException {
        Moment[] moments = Moment.values();
        boolean clean = true;
        try (Checkout.Workplace work = Checkout.Workplace.open();
                KillTrial trial = trial(work)) {
            out.printf(ROW, "state", "kills", "jobs", "attempts", "lost", "twice", "changed", "orphans");
            for (int i = 0; i < moments.length; i++) {
                int share = kills / moments.length + (i < kills % moments.length ? 1 : 0);
                if (share > 0) {
                    Aftermath after = trial.kill(moments[i], share);
                    clean &= after.isClean();
                    print(out, moments[i].words(), share, after);
                }
            }
        }
        return clean;
    }

    private KillTrial trial(Checkout.Workplace work) throws IOException {
        return switch (store) {
            case SQLITE -> KillTrial.onSqlite(work.folder(), seed);
            case POSTGRES -> KillTrial.onPostgres(work.folder(), nodes, seed);
        };
    }

    private static void print(PrintWriter out, String state, int kills, Aftermath after) {
        out.printf(
                ROW,
                state,
                kills,
                after.jobs(),
                after.attempts(),
                after.lost().size(),
                after.twice().size(),
                after.changed().size(),
                after.orphans().size());
        name(out, "lost", after.lost());
        name(out, "twice", after.twice());
        name(out, "changed", after.changed());
        name(out, "orphan", after.orphans());
        out.flush();
    }

    private static void name(PrintWriter out, String what, Set<String> which) {
        which.stream().sorted().limit(10).forEach(each -> out.printf("    %s: %s%n", what, each));
    }
}
