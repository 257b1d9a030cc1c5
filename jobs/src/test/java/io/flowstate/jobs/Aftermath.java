package io.flowstate.jobs;

import io.flowstate.core.FlowError;
import io.flowstate.core.Stem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What became of the jobs of nodes that were killed, when all is quiet again.
 *
 * @param jobs how many there were
 * @param attempts of all of them together: more than jobs if any was begun again
 * @param lost jobs that were accepted and have not succeeded, or whose receiver has not been told so
 * @param twice jobs that succeeded more than once, or of which that was told in messages with different ids
 * @param changed jobs with another output than an undisturbed run gives
 * @param orphans what lies about after a sweep: blobs that belong to nothing, their rows, places in the queues, files on their way
 */
public record Aftermath(
        int jobs, int attempts, Set<String> lost, Set<String> twice, Set<String> changed, Set<String> orphans) {
    /** @param accepted jobs of which somebody was told that they are accepted */
    static Aftermath of(House house, Set<String> accepted, Receiver receiver) throws IOException {
        List<Job> jobs = house.jobs.list(House.OWNER, JobFilter.ALL, Optional.empty(), 100_000).jobs().stream()
                .map(Jobs.Listed::job)
                .toList();
        Set<String> known = jobs.stream().map(Job::id).collect(Collectors.toSet());
        Map<String, Long> successes = Transitions.ends(house.database, Job.Status.SUCCEEDED);
        Map<String, Set<String>> messages = receiver.arrived().stream()
                .filter(message -> message.type().equals("job.succeeded"))
                .collect(Collectors.groupingBy(
                        message -> message.json().get("data").get("id").stringValue(),
                        Collectors.mapping(Receiver.Arrived::id, Collectors.toSet())));
        Set<String> lost = new HashSet<>(accepted);
        lost.removeAll(known);
        Set<String> twice = new HashSet<>();
        Set<String> changed = new HashSet<>();
        for (Job job : jobs) {
            int told = messages.getOrDefault(job.id(), Set.of()).size();
            if (job.status() != Job.Status.SUCCEEDED || told == 0) {
                lost.add("%s: %s %s, told %d times"
                        .formatted(job.id(), job.status().id(), job.error().orElse(""), told));
            } else if (!isUndisturbed(house, job)) {
                changed.add(job.id());
            }
            if (successes.getOrDefault(job.id(), 0L) > 1 || told > 1) {
                twice.add(job.id());
            }
        }
        return new Aftermath(
                jobs.size(), jobs.stream().mapToInt(Job::attempt).sum(), lost, twice, changed, orphans(house));
    }

    private static boolean isUndisturbed(House house, Job job) {
        try {
            for (Stem stem : Songs.STEMS) {
                if (!Arrays.equals(Songs.expected(job, stem), house.read(job, stem.id()))) {
                    return false;
                }
            }
            return true;
        } catch (IOException | FlowError unreadable) {
            return false;
        }
    }

    private static Set<String> orphans(House house) throws IOException {
        Sweeper sweeper = new Sweeper(house.database, house.blobs, Duration.ofDays(30));
        sweeper.sweep(Duration.ofDays(-1));
        sweeper.reconcile(Duration.ofDays(-1));
        house.blobs.sweepUnfinished(List.of(""), Instant.parse("9999-01-01T00:00:00Z"));
        Set<String> wanted = house.database.read(sql -> sql.createQuery(
                        "select blob from piece union select input_blob from job where input_blob is not null")
                .mapTo(String.class)
                .set());
        Set<String> found = house.database.read(
                sql -> sql.createQuery("""
                        select key from blob
                        union all select 'queue ' || task_instance from scheduled_task
                        union all select 'queue ' || task_instance from scheduled_webhook
                        union all select 'checkpoint of ' || id from job where checkpoint is not null""").mapTo(String.class).set());
        house.blobs.list("", "", 1_000_000).forEach(entry -> found.add(entry.key()));
        found.removeAll(wanted);
        found.addAll(onTheirWay(house));
        return found;
    }

    /** What lies where inputs are on their way, apart from the locks of nodes that live, and blobs that were never finished. */
    private static Set<String> onTheirWay(House house) throws IOException {
        Path mine = house.scratch.folder();
        Path parent = Objects.requireNonNull(mine.getParent(), "a folder of each node's in one of all");
        Scratch.open(parent).close();
        // It comes with the first blob, and a small input is none.
        Path making = Files.createDirectories(house.folder.resolve("blobs/.unfinished"));
        try (Stream<Path> scratch = Files.walk(parent);
                Stream<Path> unfinished = Files.walk(making)) {
            return Stream.concat(scratch, unfinished)
                    .filter(Files::isRegularFile)
                    .map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !name.equals("gate") && !name.endsWith(".lock"))
                    .collect(Collectors.toSet());
        }
    }

    /** Whether nothing is wrong. */
    public boolean isClean() {
        return Stream.of(lost, twice, changed, orphans).allMatch(Set::isEmpty);
    }
}
