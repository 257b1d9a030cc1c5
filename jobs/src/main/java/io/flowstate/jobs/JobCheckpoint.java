package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.Checkpoint;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A job's checkpoint: the token in its row, the parts as blobs. A state is saved under the attempt's number, like everything else of a running job, so that a node that was
 * superseded cannot take the job back to where it was. Used by the thread of the run.
 */
final class JobCheckpoint implements Checkpoint {
    private final Reconnecting database;
    private final InstantSource clock;
    private final BlobStore blobs;
    private final StoreWatch watch;
    private final Job job;
    private final Duration interval;
    private final String deployment;
    private final AtomicBoolean used;
    private int begun;

    /** What the job's row has, as it was written by {@link #save}. */
    private Optional<String> saved;

    JobCheckpoint(
            Reconnecting database,
            InstantSource clock,
            BlobStore blobs,
            StoreWatch watch,
            Job job,
            Duration interval,
            Optional<String> saved) {
        this(database, clock, blobs, watch, job, interval, saved, "", new AtomicBoolean(job.attempt() > 1));
    }

    private JobCheckpoint(
            Reconnecting database,
            InstantSource clock,
            BlobStore blobs,
            StoreWatch watch,
            Job job,
            Duration interval,
            Optional<String> saved,
            String deployment,
            AtomicBoolean used) {
        this.database = database;
        this.clock = clock;
        this.blobs = blobs;
        this.watch = watch;
        this.job = job;
        this.interval = interval;
        this.saved = saved;
        this.deployment = deployment;
        this.used = used;
    }

    /** Whether there may be parts of this or an earlier attempt. */
    boolean isUsed() {
        return used.get();
    }

    @Override
    public Checkpoint on(String other) {
        return new JobCheckpoint(database, clock, blobs, watch, job, interval, saved, other, used);
    }

    @Override
    public Duration interval() {
        return interval;
    }

    @Override
    public Optional<Saved> last() {
        return saved.map(Documents::parse)
                .filter(node -> node.get("deployment").stringValue().equals(deployment))
                .map(node -> new Saved(node.get("token").stringValue(), parts(node)));
    }

    private static List<String> parts(JsonNode node) {
        List<String> parts = new ArrayList<>();
        node.get("parts").forEach(part -> parts.add(part.stringValue()));
        return parts;
    }

    @Override
    public Part begin() throws IOException {
        String key = "jobs/%s/checkpoint/%s/%d-%d"
                .formatted(job.id(), deployment.replaceAll("[^a-z0-9]+", "-"), job.attempt(), begun++);
        used.set(true);
        database.change(tx -> BlobTable.enter(tx, key, job.id(), BlobTable.CHECKPOINT, 0, clock.instant()));
        return new Kept(key, watch.call(() -> blobs.create(key)));
    }

    @Override
    public InputStream read(String part) throws IOException {
        return watch.call(() -> blobs.read(part, 0, Long.MAX_VALUE));
    }

    @Override
    public void save(Saved state) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("deployment", deployment);
        node.put("token", state.token());
        ArrayNode names = node.putArray("parts");
        state.parts().forEach(names::add);
        Set<String> superseded = new HashSet<>(last().map(Saved::parts).orElse(List.of()));
        superseded.removeAll(state.parts());
        String text = Documents.text(node);
        database.change(tx -> {
            if (!JobStates.checkpoint(tx, job.id(), job.attempt(), text)) {
                throw new LeaseLost(job.id(), job.attempt());
            }
            superseded.forEach(key -> BlobTable.doomOne(tx, key));
        });
        saved = Optional.of(text);
    }

    /** A part on its way to the store. */
    private final class Kept extends Part {
        private final String key;
        private final BlobStore.Writer writer;
        private long bytes;

        Kept(String key, BlobStore.Writer writer) {
            this.key = key;
            this.writer = writer;
        }

        @Override
        public String name() {
            return key;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            watch.run(() -> writer.write(from, offset, length));
            bytes += length;
        }

        @Override
        public void commit() throws IOException {
            watch.run(writer::commit);
            database.change(tx -> BlobTable.measured(tx, key, bytes));
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }
}
