package io.flowstate.bench;

import io.flowstate.jobs.ClaimProbe;
import io.flowstate.jobs.Job;
import io.flowstate.jobs.JobFilter;
import io.flowstate.storage.Database;
import io.flowstate.storage.Dialect;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is done with jobs on a table that holds next to none and on one that holds very many, in turns. */
final class GrowingTable {
    private static final double CLAIM_BAR = 1.2;
    private static final int FEW = 200;
    private static final int WAITING = 64;
    private static final int PAGE = 50;
    private static final int AT_A_TIME = 4;
    private static final int REPEATS = 200;
    private static final int WARM_UP = 100;

    private static final String IDS = """
            with recursive n(i) as (select 1 union all select i + 1 from n where i < :rows)
            select 'job_0000000000000000' || cast(1000000000 + i as text) as id, i from n""";

    /** Jobs as they are after their end, with their input and one output. */
    private static final List<String> FILL = List.of(
            """
            insert into job (id, owner, task, status, priority, request, policy, plan, input_name, input_blob, input_bytes,
                input_sha256, attempt, deployment, attempts, fraction, result, created_at, started_at, finished_at,
                keep_input_millis, keep_output_millis, expires_at, revision, status_revision)
            select id, 'bench', 'stems', 'succeeded', 'realtime', :request, '{"data":"any","commercial_use":false}', :plan,
                'song.wav', 'jobs/' || id || '/input', 1024, '00', 1, 'local/htdemucs', '[]', 1, '{"gain":1.0}',
                i, i, i, 86400000, 604800000, 4000000000000, 5, 5
            from (%s) as made""".formatted(IDS),
            """
            insert into blob (key, job_id, attempt, bytes, created_at)
            select 'jobs/' || id || '/input', id, 0, 1024, i from (%s) as made""".formatted(IDS),
            """
            insert into output (job_id, name, generation, ordinal, file, media_type, size, bytes, sha256, revision)
            select id, 'vocals', 65536, 0, 'song-vocals.wav', 'audio/wav', 1024, 1024, '00', 4 from (%s) as made""".formatted(IDS),
            "insert into job_tag (job_id, tag) select id, 'rare' from (%s) as made where i <= 10".formatted(IDS));

    private final Checkout.Workplace work;
    private final int rows;
    private final Bars bars;

    GrowingTable(Checkout.Workplace work, int rows, Bars bars) {
        this.work = work;
        this.rows = rows;
        this.bars = bars;
    }

    /** Something that is done with jobs, again and again. */
    private interface Deed {
        void run(Table table) throws IOException;
    }

    /** One database with so many jobs that are over, and a few that wait. */
    private record Table(NoOpHouse house, ClaimProbe probe, Path folder) {
        Job newest() {
            return house.jobs
                    .list("bench", JobFilter.ALL, Optional.empty(), 1)
                    .jobs()
                    .getFirst()
                    .job();
        }
    }

    void on(String title, @Nullable BenchPostgres postgres) throws IOException {
        try (NoOpHouse few = house(title + "-few", postgres);
                NoOpHouse many = house(title + "-many", postgres)) {
            long begun = System.nanoTime();
            Table small = table(few, FEW, title + "-few");
            Table large = table(many, rows, title + "-many");
            System.out.printf(
                    "%s, %d and %d jobs that are over, %d that wait; filled in %.0f s%n",
                    title, FEW, rows, WAITING, (System.nanoTime() - begun) / 1e9);
            for (Map.Entry<String, Deed> each : deeds(small).entrySet()) {
                compare(each.getKey(), each.getValue(), small, large);
            }
            System.out.printf("  plan of the claim: %s%n", String.join(" | ", large.probe.plan()));
        }
    }

    private NoOpHouse house(String name, @Nullable BenchPostgres postgres) throws IOException {
        Path folder = work.file(name);
        return new NoOpHouse(
                folder,
                new NoOpServer.Node(
                                folder,
                                folder,
                                postgres == null ? Optional.empty() : Optional.of(postgres.address()),
                                false,
                                false)
                        .database(),
                false);
    }

    private Table table(NoOpHouse house, int count, String name) throws IOException {
        Path folder = work.file(name);
        for (int i = 0; i < WAITING; i++) {
            house.jobs.submit(OurJobs.submission(folder));
        }
        Job like = house.jobs
                .list("bench", JobFilter.ALL, Optional.empty(), 1)
                .jobs()
                .getFirst()
                .job();
        fill(house.database, count, like);
        return new Table(house, new ClaimProbe(house.database), folder);
    }

    private static void fill(Database database, int count, Job like) {
        for (String statement : FILL) {
            database.change(tx -> tx.sql()
                    .createUpdate(statement)
                    .bind("rows", count)
                    .bind("request", like.request())
                    .bind("plan", like.plan())
                    .execute());
        }
        if (database.dialect() == Dialect.POSTGRES) {
            // As the database does by itself before long.
            int _ = database.read(sql -> sql.execute("vacuum analyze"));
        }
    }

    private static Map<String, Deed> deeds(Table any) throws IOException {
        var submission = OurJobs.submission(any.folder);
        Map<String, Deed> deeds = new LinkedHashMap<>();
        deeds.put("look for the next %d".formatted(AT_A_TIME), table -> table.probe.look(AT_A_TIME));
        deeds.put("claim %d and begin them".formatted(AT_A_TIME), table -> table.probe.claim(AT_A_TIME));
        deeds.put("hand one in", table -> table.house.jobs.submit(submission));
        deeds.put("show one", table -> {
            Job job = table.newest();
            int _ = table.house.jobs.outputs(job).size()
                    + table.house.jobs.position(job).orElse(0);
        });
        deeds.put("list %d".formatted(PAGE), table -> list(table, Optional.empty(), Optional.empty()));
        deeds.put(
                "list %d that succeeded".formatted(PAGE),
                table -> list(table, Optional.of(Job.Status.SUCCEEDED), Optional.empty()));
        deeds.put("list those with a rare tag", table -> list(table, Optional.empty(), Optional.of("rare")));
        return deeds;
    }

    private static void list(Table table, Optional<Job.Status> status, Optional<String> tag) {
        int found = table.house
                .jobs
                .list(
                        "bench",
                        new JobFilter(status, Optional.empty(), tag, Optional.empty(), Optional.empty()),
                        Optional.empty(),
                        PAGE)
                .jobs()
                .size();
        if (found == 0) {
            throw new IllegalStateException("nothing was listed");
        }
    }

    private void compare(String what, Deed deed, Table small, Table large) throws IOException {
        List<Double> few = new ArrayList<>();
        List<Double> many = new ArrayList<>();
        for (int i = -WARM_UP; i < REPEATS; i++) {
            double first = micros(deed, small);
            double second = micros(deed, large);
            if (i >= 0) {
                few.add(first);
                many.add(second);
            }
        }
        double ratio = Statistics.median(many) / Statistics.median(few);
        System.out.printf(
                "  %-27s p50 %6.0f µs and %6.0f µs, ratio %.2f%s%n",
                what,
                Statistics.median(few),
                Statistics.median(many),
                ratio,
                what.startsWith("list") || what.startsWith("show") ? "" : ", " + bars.verdict(ratio, CLAIM_BAR));
    }

    private static double micros(Deed deed, Table table) throws IOException {
        long begun = System.nanoTime();
        deed.run(table);
        double micros = (System.nanoTime() - begun) / 1e3;
        table.probe.release();
        return micros;
    }
}
