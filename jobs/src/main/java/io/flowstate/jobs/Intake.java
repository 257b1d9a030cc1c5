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
import java.nio.file.Path;
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
        Optional<Input> input = keep(submission.source(), id);
        JobTable.New job = new JobTable.New(
                id,
                submission,
                input.map(Input::key),
                foresight.audio(),
                Documents.text(Documents.of(foresight.plan())),
                now,
                submission.keepInput().orElse(config.keepInput()),
                submission.keepOutput().orElse(config.keepOutput()));
        Optional<Job> entered = database.write(tx -> enter(tx, job, input, Documents.lane(foresight.plan())));
        if (entered.isEmpty()) {
            input.filter(Input::isInStore).ifPresent(kept -> discard(kept.key()));
            return submission
                    .idempotency()
                    .flatMap(key -> earlier(submission.owner(), key))
                    .orElseThrow();
        }
        return entered.get();
    }

    /** Empty, and nothing is entered, if somebody else has used the idempotency key meanwhile. */
    private static Optional<Job> enter(Tx tx, JobTable.New job, Optional<Input> input, String lane) {
        Submission submission = job.submission();
        String owner = submission.owner();
        if (!Answered.isFirst(tx, owner, submission.idempotency(), job.id(), job.now())) {
            return Optional.empty();
        }
        Job entered = JobTable.insert(tx, job);
        input.ifPresent(
                kept -> BlobTable.enterInput(tx, kept.key(), job.id(), kept.bytes(), kept.content(), job.now()));
        Schedule.add(tx, job.id(), owner, submission.policy().priority(), lane);
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

    /**
     * An input on its way to its job.
     *
     * @param content if it goes into its row; otherwise the store has it
     */
    private record Input(String key, long bytes, Optional<byte[]> content) {
        boolean isInStore() {
            return content.isEmpty();
        }
    }

    /** The key of an input is entered with its job: what a node that dies before has put into the store is there under a key that no row knows. See {@link Sweeper#reconcile}. */
    private Optional<Input> keep(Submission.Source source, String id) {
        return switch (source) {
            case Submission.Remote _ -> Optional.empty();
            case Submission.Uploaded _ -> throw stillUploaded();
            case Submission.Sent sent -> {
                room.take(sent.bytes());
                String key = "jobs/" + id + "/input";
                if (sent.bytes() <= BlobTable.MOST_IN_ROW) {
                    yield Optional.of(new Input(key, sent.bytes(), Optional.of(content(sent.file()))));
                }
                try (InputStream from = Files.newInputStream(sent.file());
                        BlobStore.Writer to = blobs.create(key)) {
                    from.transferTo(to);
                    to.commit();
                } catch (IOException refused) {
                    throw unkept(refused);
                }
                yield Optional.of(new Input(key, sent.bytes(), Optional.empty()));
            }
        };
    }

    private static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException refused) {
            throw unkept(refused);
        }
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
