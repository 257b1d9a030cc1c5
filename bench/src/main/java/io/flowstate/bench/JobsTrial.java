package io.flowstate.bench;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What durable jobs cost, from the socket to the database. */
@Command(
        name = "jobs",
        header = "Measure jobs: handing in over HTTP, the queue as the table grows, listeners, and whole jobs beside a plain program.",
        description = {
            "On SQLite and on a PostgreSQL that is started for it. Commits are on the disk when they return, on both and for everybody.",
            "Parts: plain (whole jobs beside a plain program on db-scheduler)"
        })
final class JobsTrial implements Callable<Integer> {
    /** What can be measured alone. */
    enum Part {
        plain
    }

    @Parameters(paramLabel = "PART", description = "Which parts: ${COMPLETION-CANDIDATES}. Default: all.")
    Set<Part> parts = EnumSet.allOf(Part.class);

    @Option(names = "--jobs", description = "Jobs in each lap beside the plain program. Default: ${DEFAULT-VALUE}.")
    int jobs = 1000;

    @Option(names = "--rounds", description = "Laps of each program. Default: ${DEFAULT-VALUE}.")
    int rounds = 5;

    @Override
    public Integer call() throws IOException {
        try (Checkout.Workplace work = Checkout.Workplace.open();
                BenchPostgres postgres = new BenchPostgres(work.file("postgres"))) {
            System.out.printf("SQLite: journal_mode=WAL synchronous=FULL; PostgreSQL: %s%n", postgres.durability());
            if (parts.contains(Part.plain)) {
                JobsBesidePlain beside = new JobsBesidePlain(work, jobs, rounds);
                beside.onSqlite();
                beside.on(postgres);
            }
        }
        return 0;
    }
}
