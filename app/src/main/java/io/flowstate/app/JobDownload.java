package io.flowstate.app;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.Sha256;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what a job gives, beginning while that is still being made.
 *
 * <p>Every output has a thread that reads it to its end as the server writes it. When that breaks off, it goes on from where it was at the next news of the output, at the
 * latest when the job has succeeded. Only then it is known how long outputs are and what their sums must be: if one is not so, because the server has begun its attempt anew
 * in between, all are thrown away and fetched once more.
 *
 * <p>One thread calls this and blocks. What a {@link Part} has read belongs to its reader, and to the caller once that has ended.
 */
final class JobDownload implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JobDownload.class);
    private static final int BUFFER_BYTES = 128 << 10;
    private static final int TRIES = 30;
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
    private static final Duration GLANCE = Duration.ofMillis(200);

    private final JobsClient client;
    private final String job;
    private final Outputs outputs;
    private final AudioFormat format;
    private final Cancellation cancellation;
    private final Cancellation readers = new Cancellation();
    private final Cancellation.Registration joined;
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private final Patience server;

    /**
     * @param outputs where they go; publishing them is the caller's
     * @param format that they have
     */
    JobDownload(JobsClient client, String job, Outputs outputs, AudioFormat format, Cancellation cancellation) {
        this.client = client;
        this.job = job;
        this.outputs = outputs;
        this.format = format;
        this.cancellation = cancellation;
        this.server = client.patience();
        this.joined = cancellation.onCancel(() -> readers.cancel(cancellation.reason()));
    }

    /** Waits until the job is over, and fetches as much as there is meanwhile. Gives the job as it is then. */
    RemoteJob follow(RemoteJob begun, Progress.Listener listener) {
        begun.outputs().forEach(this::begin);
        JobFollower.Listener both = new JobFollower.Listener() {
            @Override
            public void on(Progress progress) {
                listener.on(progress);
            }

            @Override
            public void on(RemoteJob.Output output) {
                begin(output);
            }
        };
        return new JobFollower(client, begun, both, cancellation).follow();
    }

    /** Sees to it that an output is being read. */
    private void begin(RemoteJob.Output output) {
        Part part = parts.get(output.name());
        if (part == null) {
            part = open(output);
            parts.put(output.name(), part);
        }
        if (!part.isRead()) {
            part.readOn();
        }
    }

    private Part open(RemoteJob.Output output) {
        try {
            return new Part(
                    output.name(), outputs.open(new Outputs.Description(output.name(), format, OptionalLong.empty())));
        } catch (IOException refused) {
            throw notWritable(refused);
        }
    }

    /**
     * Fetches what is still missing of a job that has succeeded, and checks all of it.
     *
     * @throws FlowError if that does not work, even after some tries
     */
    void finish(RemoteJob done, Progress.Listener listener) {
        awaitReaders(done, listener);
        int tries = 1;
        while (true) {
            long before = received();
            done.outputs().stream().filter(this::isShort).forEach(this::begin);
            awaitReaders(done, listener);
            if (received() > before) {
                server.end();
            }
            if (done.outputs().stream().allMatch(this::isWhole)) {
                closeFiles();
                return;
            }
            cancellation.throwIfCanceled();
            Optional<FlowError> failure = failure();
            if (failure.isPresent()) {
                restAfter(failure.get(), listener);
                continue;
            }
            if (tries++ == TRIES) {
                throw damaged();
            }
            if (done.outputs().stream().anyMatch(this::isAnother)) {
                log.info("{}: outputs are not those that were begun; they are fetched anew", job);
                startOver();
            }
            Pause.of(BETWEEN_TRIES, cancellation);
        }
    }

    private void restAfter(FlowError failure, Progress.Listener listener) {
        if (!mayPass(failure)) {
            throw failure;
        }
        if (!server.isLeft()) {
            throw failure.getCause() instanceof IOException
                    ? server.exhausted(failure)
                            .advice("It keeps the outputs; once it is back: flowstate jobs get %s", job)
                    : failure;
        }
        server.rest(failure, failure.retryAfter().orElse(Duration.ZERO), listener, cancellation);
    }

    private long received() {
        return parts.values().stream().mapToLong(each -> each.position.get()).sum();
    }

    private void awaitReaders(RemoteJob done, Progress.Listener listener) {
        long total = done.outputs().stream().mapToLong(RemoteJob.Output::bytes).sum();
        for (Part part : parts.values()) {
            while (!part.await(GLANCE)) {
                listener.on(new Progress(Progress.Phase.RECEIVING, received(), total));
            }
        }
    }

    private boolean isWhole(RemoteJob.Output output) {
        Part part = parts.get(output.name());
        return part != null
                && !part.isRead()
                && part.position.get() == output.bytes()
                && output.sha256().map(part.sum()::equals).orElse(true);
    }

    /** Whether there is more of it than was read; a request for bytes after its last one would be refused. */
    private boolean isShort(RemoteJob.Output output) {
        Part part = parts.get(output.name());
        return part == null || part.position.get() < output.bytes();
    }

    /** Whether what was read cannot be the beginning of it. */
    private boolean isAnother(RemoteJob.Output output) {
        Part part = parts.get(output.name());
        return part != null && part.position.get() >= output.bytes() && !isWhole(output);
    }

    private Optional<FlowError> failure() {
        return parts.values().stream()
                .flatMap(part -> Optional.ofNullable(part.failure).stream())
                .findFirst();
    }

    /** A connection that broke, and a server that is full or just starting. */
    private static boolean mayPass(FlowError why) {
        return why.code() == Code.UNAVAILABLE
                || why.code() == Code.CONFLICT
                || why.code().retryHelps();
    }

    private void startOver() {
        closeFiles();
        parts.clear();
        if (!outputs.discard()) {
            throw damaged();
        }
    }

    private void closeFiles() {
        for (Part part : parts.values()) {
            try {
                part.file.close();
            } catch (IOException refused) {
                throw notWritable(refused);
            }
        }
    }

    private FlowError damaged() {
        return FlowError.of(
                        Code.UNAVAILABLE,
                        "What %s gives as outputs of %s is not what they should be.",
                        client.server(),
                        job)
                .advice("Try again: flowstate jobs get %s", job);
    }

    private static FlowError notWritable(IOException refused) {
        return FlowError.of(Code.OUTPUT_NOT_WRITABLE, "The output cannot be written: %s.", Reason.of(refused))
                .causedBy(refused);
    }

    /** Ends all reading. */
    @Override
    public void close() {
        joined.close();
        readers.cancel(FlowError.of(Code.CANCELED, "Nobody wants the outputs any more."));
        parts.values().forEach(Part::awaitEnd);
    }

    /** An output as far as it is here. */
    private final class Part {
        private final String name;
        private final OutputStream file;
        private final MessageDigest digest = Sha256.begin();
        private final AtomicLong position = new AtomicLong();
        private volatile @Nullable FlowError failure;
        private @Nullable Thread reader;

        Part(String name, OutputStream file) {
            this.name = name;
            this.file = file;
        }

        void readOn() {
            failure = null;
            reader = Thread.ofVirtual().name("fetch-" + name).start(this::read);
        }

        boolean isRead() {
            Thread current = reader;
            return current != null && current.isAlive();
        }

        private void read() {
            try (ServerHttp.Reply reply = client.output(job, name, position.get(), readers)) {
                InputStream body = reply.body();
                if (!reply.isPart()) {
                    body.skipNBytes(position.get());
                }
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int got = body.read(buffer); got >= 0; got = body.read(buffer)) {
                    write(buffer, got);
                }
            } catch (IOException broken) {
                failure = client.unreachable(broken);
            } catch (FlowError refused) {
                failure = refused;
            }
        }

        private void write(byte[] bytes, int length) {
            try {
                file.write(bytes, 0, length);
            } catch (IOException refused) {
                throw notWritable(refused);
            }
            digest.update(bytes, 0, length);
            position.addAndGet(length);
        }

        /** Of what is here; more may still come. */
        String sum() {
            try {
                return Sha256.end((MessageDigest) digest.clone());
            } catch (CloneNotSupportedException impossible) {
                throw new IllegalStateException("the SHA-256 of every JDK can be copied", impossible);
            }
        }

        /** Whether the reader has ended, after at most so long. */
        boolean await(Duration atMost) {
            Thread current = reader;
            try {
                return current == null || current.join(atMost);
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
                throw FlowError.of(Code.CANCELED, "The download was interrupted.")
                        .causedBy(hurry);
            }
        }

        void awaitEnd() {
            boolean _ = await(Duration.ofSeconds(5));
        }
    }
}
