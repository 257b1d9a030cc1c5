package io.flowstate.jobs;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Sha256;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.egress.Downloaded;
import io.flowstate.egress.Egress;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job's input on the machine that runs it, fetched first if the job only names it. Used by the thread of the run. */
final class JobInput implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JobInput.class);

    private final Database database;
    private final Reconnecting durable;
    private final BlobStore blobs;
    private final Egress egress;
    private final Path scratch;
    private final long maxBytes;
    private final Job job;
    private final Optional<byte[]> content;
    private final Cancellation cancellation;
    private Optional<Path> copy = Optional.empty();

    JobInput(
            Database database,
            Reconnecting durable,
            BlobStore blobs,
            Egress egress,
            JobsConfig config,
            Job job,
            Optional<byte[]> content,
            Cancellation cancellation) {
        this.database = database;
        this.durable = durable;
        this.blobs = blobs;
        this.egress = egress;
        this.scratch = config.scratch();
        this.maxBytes = config.maxBytes();
        this.job = job;
        this.content = content;
        this.cancellation = cancellation;
    }

    /** The store's own file, or a copy for this run. */
    Path file() throws IOException {
        Files.createDirectories(scratch);
        Optional<String> blob = job.input().blob();
        Path file = content.isPresent()
                ? Files.write(onThisMachine(), content.get())
                : blobs.file(blob.isPresent() ? blob.get() : fetched(), scratch);
        if (file.startsWith(scratch)) {
            copy = Optional.of(file);
        }
        requireWhole(file);
        return file;
    }

    /** Of this run alone. */
    private Path onThisMachine() {
        return scratch.resolve(job.id() + "-" + job.attempt());
    }

    /** Of a whole blob a store that gives less of it cannot be told from one that has no more. */
    private void requireWhole(Path file) throws IOException {
        long bytes = Files.size(file);
        if (bytes != job.input().bytes().orElse(bytes)) {
            throw new IOException("of the input's %d bytes there are %d"
                    .formatted(job.input().bytes().getAsLong(), bytes));
        }
    }

    /** Takes in the audio that the job only names. Another attempt finds it there. */
    private String fetched() throws IOException {
        URI url = job.input().url().orElseThrow(() -> new IllegalStateException("a job without its input"));
        String key = "jobs/%s/fetched/%d".formatted(job.id(), job.attempt());
        Path file = onThisMachine();
        try {
            Downloaded audio = egress.download(url, file, room(), cancellation, (_, _) -> {});
            durable.change(tx -> BlobTable.enter(
                    tx,
                    key,
                    job.id(),
                    BlobTable.INPUT,
                    audio.bytes(),
                    database.clock().instant()));
            try (BlobStore.Writer to = blobs.create(key)) {
                Files.copy(file, to);
                to.commit();
            }
            String sum = Sha256.of(file);
            durable.change(tx -> {
                if (!JobStates.received(tx, job.id(), job.attempt(), key, audio.bytes(), sum)) {
                    throw new LeaseLost(job.id(), job.attempt());
                }
            });
            return key;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** How many bytes an input that is fetched may have: no more than there is room for. */
    private long room() {
        return Math.max(1, maxBytes - database.read(BlobTable::totalBytes));
    }

    /** Removes the copy, if there is one. */
    @Override
    public void close() {
        try {
            if (copy.isPresent()) {
                Files.deleteIfExists(copy.get());
            }
        } catch (IOException stuck) {
            log.warn("{}: the copy of its input could not be removed: {}", job.id(), stuck.toString());
        }
    }
}
