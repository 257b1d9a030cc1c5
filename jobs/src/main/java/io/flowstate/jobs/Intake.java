package io.flowstate.jobs;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.storage.Tx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where jobs come in: understood, planned, their input kept, and entered with their place in the queue. Thread-safe. */
final class Intake {
    private static final Logger log = LoggerFactory.getLogger(Intake.class);

    private final Database database;
    private final BlobStore blobs;
    private final Gateway gateway;
    private final JobsConfig config;
    private final Ids ids;
    private final Room room;

    Intake(Database database, BlobStore blobs, Gateway gateway, JobsConfig config, Ids ids) {
        this.database = database;
        this.blobs = blobs;
        this.gateway = gateway;
        this.config = config;
        this.ids = ids;
        this.room = new Room(database, config.maxBytes());
    }

    /** See {@link Jobs#submit}. */
    Job submit(Submission submission) {
        Optional<Job> before = submission.idempotency().flatMap(key -> earlier(submission.owner(), key));
        if (before.isPresent()) {
            return before.get();
        }
        if (submission.source() instanceof Submission.Uploaded uploaded) {
            try (UploadedFile file =
                    UploadedFile.fetch(database, blobs, submission.owner(), uploaded, config.scratch())) {
                return take(submission.with(file.sent()));
            }
        }
        return take(submission);
    }

    private Job take(Submission submission) {
        Gateway.Foresight foresight = foresee(submission);
        Instant now = database.clock().instant();
        String id = ids.next("job", now);
        Optional<String> blob = keep(submission.source(), id);
        JobTable.New job = new JobTable.New(
                id,
                submission,
                blob,
                foresight.audio(),
                Documents.text(Documents.of(foresight.plan())),
                now,
                submission.keepInput().orElse(config.keepInput()),
                submission.keepOutput().orElse(config.keepOutput()));
        Optional<Job> entered = database.write(tx -> enter(tx, job));
        if (entered.isEmpty()) {
            blob.ifPresent(this::discard);
            return submission
                    .idempotency()
                    .flatMap(key -> earlier(submission.owner(), key))
                    .orElseThrow();
        }
        return entered.get();
    }

    /** Empty, and nothing is entered, if somebody else has used the idempotency key meanwhile. */
    private static Optional<Job> enter(Tx tx, JobTable.New job) {
        Submission submission = job.submission();
        String owner = submission.owner();
        if (!Answered.isFirst(tx, owner, submission.idempotency(), job.id(), job.now())) {
            return Optional.empty();
        }
        Job entered = JobTable.insert(tx, job);
        if (job.blob().isPresent() && submission.source() instanceof Submission.Sent sent) {
            BlobTable.enter(tx, job.blob().get(), job.id(), BlobTable.INPUT, sent.bytes(), job.now());
        }
        Schedule.add(tx, job.id(), owner, submission.policy().priority(), Documents.lane(job.plan()));
        return Optional.of(entered);
    }

    private Optional<Job> earlier(String owner, Idempotency key) {
        return database.read(sql ->
                Answered.subject(sql, owner, key, database.clock().instant()).flatMap(id -> JobTable.find(sql, id)));
    }

    private Gateway.Foresight foresee(Submission submission) {
        Request request = submission.request();
        return switch (submission.source()) {
            case Submission.Sent _ -> gateway.foresee(request, submission.policy(), new Cancellation());
            case Submission.Remote _ -> gateway.foreseeUnheard(request, submission.policy());
            case Submission.Uploaded _ -> throw stillUploaded();
        };
    }

    /** The key of an input is entered with its job: that of a node which dies before is one that no row knows. See {@link Sweeper#reconcile}. */
    private Optional<String> keep(Submission.Source source, String id) {
        return switch (source) {
            case Submission.Remote _ -> Optional.empty();
            case Submission.Uploaded _ -> throw stillUploaded();
            case Submission.Sent sent -> {
                room.take(sent.bytes());
                String key = "jobs/%s/input".formatted(id);
                try (InputStream from = Files.newInputStream(sent.file());
                        BlobStore.Writer to = blobs.create(key)) {
                    from.transferTo(to);
                    to.commit();
                } catch (IOException refused) {
                    throw unkept(refused);
                }
                yield Optional.of(key);
            }
        };
    }

    private void discard(String blob) {
        try {
            blobs.delete(blob);
        } catch (IOException refused) {
            log.debug("{} is left to the sweeper: {}", blob, refused.toString());
        }
    }

    private static IllegalStateException stillUploaded() {
        return new IllegalStateException("an upload has become a file before");
    }

    private static FlowError unkept(IOException refused) {
        return FlowError.of(Code.STORE_UNAVAILABLE, "The store for files does not take the input at the moment.")
                .retryAfter(Duration.ofSeconds(5))
                .advice("Try again soon; the log of the server has the reason.")
                .causedBy(refused);
    }
}
