package io.flowstate.bench;

import io.flowstate.jobs.Aftermath;
import io.flowstate.jobs.KillTrial;
import io.flowstate.jobs.Moment;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

    @Spec
    CommandSpec spec;

    @Option(names = "--kills", description = "Of all states together. Default: ${DEFAULT-VALUE}.")
    int kills = 100;

    @Option(names = "--seed", description = "Of the moments that are chosen by chance. Default: ${DEFAULT-VALUE}.")
    long seed = 1;

    @Option(names = "--store", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    Store store = Store.SQLITE;

    @Option(names = "--nodes", description = "At a time, on PostgreSQL; SQLite has one. Default: ${DEFAULT-VALUE}.")
    int nodes = 3;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Moment[] moments = Moment.values();
        boolean clean = true;
        int jobs = 0;
        try (Checkout.Workplace work = Checkout.Workplace.open();
                KillTrial trial = trial(work)) {
            out.printf(ROW, "state", "kills", "jobs", "attempts", "lost", "twice", "changed", "orphans");
            for (int i = 0; i < moments.length; i++) {
                int share = kills / moments.length + (i < kills % moments.length ? 1 : 0);
                if (share > 0) {
                    Aftermath after = trial.kill(moments[i], share);
                    clean &= after.isClean();
                    jobs += after.jobs();
                    print(out, moments[i], share, after);
                }
            }
        }
        out.printf(
                "%d kills, %d jobs: %s%n", kills, jobs, clean ? "nothing lost, done twice, changed or left" : "FAILED");
        return clean ? 0 : 1;
    }

    private KillTrial trial(Checkout.Workplace work) throws IOException {
        return switch (store) {
            case SQLITE -> KillTrial.onSqlite(work.folder(), seed);
            case POSTGRES -> KillTrial.onPostgres(work.folder(), nodes, seed);
        };
    }

    private static void print(PrintWriter out, Moment moment, int kills, Aftermath after) {
        out.printf(
                ROW,
                moment.words(),
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
