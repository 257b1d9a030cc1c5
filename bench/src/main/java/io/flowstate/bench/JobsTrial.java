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
        header =
                "Measure jobs: over HTTP, with many listeners, on a table that grows, and whole jobs beside a plain program.",
        description = {
            "On SQLite and on a PostgreSQL that is started for it, here and with nothing but this machine's loopback between. Commits are on the disk when they return,",
            "on both and for everybody. The provider computes nothing.",
            "  http       from request to 202, jobs per second, and how soon a long poll wakes; one node, and three on PostgreSQL",
            "  listeners  server-sent events of one job to very many",
            "  plain      whole jobs, without HTTP, beside a plain program on db-scheduler, in turns",
            "  growth     claims, submissions and lists on a table of a million jobs that are over"
        })
final class JobsTrial implements Callable<Integer> {
    /** What can be measured alone. */
    enum Part {
        http,
        listeners,
        plain,
        growth
    }

    @Parameters(paramLabel = "PART", description = "Which parts: ${COMPLETION-CANDIDATES}. Default: all.")
    Set<Part> parts = EnumSet.noneOf(Part.class);

    @Option(names = "--jobs", description = "Jobs in each lap. Default: ${DEFAULT-VALUE}.")
    int jobs = 500;

    @Option(names = "--rounds", description = "Laps of each program beside the plain one. Default: ${DEFAULT-VALUE}.")
    int rounds = 4;

    @Option(names = "--warm-up", description = "Jobs of each before those laps. Default: ${DEFAULT-VALUE}.")
    int warmUp = 8_000;

    @Option(
            names = "--rows",
            description = "Jobs that are over in the table that has grown. Default: ${DEFAULT-VALUE}.")
    int rows = 1_000_000;

    @Option(names = "--listeners", description = "How many. Default: ${DEFAULT-VALUE}.")
    int listeners = 2000;

    @Option(names = "--wakes", description = "Long polls on each node. Default: ${DEFAULT-VALUE}.")
    int wakes = 50;

    @Override
    public Integer call() throws IOException {
        Bars bars = new Bars();
        try (Checkout.Workplace work = Checkout.Workplace.open();
                BenchPostgres postgres = new BenchPostgres(work.file("postgres"))) {
            System.out.printf("SQLite: journal_mode=WAL synchronous=FULL; PostgreSQL: %s%n", postgres.durability());
            for (Part part : parts.isEmpty() ? EnumSet.allOf(Part.class) : parts) {
                measure(part, work, postgres, bars);
            }
        }
        System.out.println(bars.allMet() ? "All bars met." : "A bar was missed.");
        return bars.allMet() ? 0 : 1;
    }

    private void measure(Part part, Checkout.Workplace work, BenchPostgres postgres, Bars bars) throws IOException {
        System.out.printf("%n%s%n", part);
        switch (part) {
            case http -> {
                JobsOverHttp http = new JobsOverHttp(work, jobs, wakes, bars);
                http.on("SQLite", 1, null);
                http.on("PostgreSQL", 1, postgres);
                http.on("PostgreSQL", 3, postgres);
            }
            case listeners -> {
                ManyListeners many = new ManyListeners(work, listeners);
                many.on("SQLite", null);
                many.on("PostgreSQL", postgres);
            }
            case plain -> {
                JobsBesidePlain beside = new JobsBesidePlain(work, jobs, rounds, warmUp, bars);
                beside.onSqlite();
                beside.on(postgres);
            }
            case growth -> {
                GrowingTable table = new GrowingTable(work, rows, bars);
                table.on("SQLite", null);
                table.on("PostgreSQL", postgres);
            }
        }
    }
}
