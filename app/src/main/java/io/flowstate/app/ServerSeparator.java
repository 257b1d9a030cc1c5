package io.flowstate.app;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Separates on a server, one job for each track. A few tracks are sent ahead, each by a thread of its own, so that the server has something to do while outputs come over;
 * no more, so that it is not filled with inputs. Jobs that are not over when this is closed are canceled.
 */
final class ServerSeparator implements Separator {
    private static final Logger log = LoggerFactory.getLogger(ServerSeparator.class);
    private static final int AHEAD = 3;
    private static final Duration GRACE = Duration.ofSeconds(5);
    /** How long an input that is almost there is waited for when all is stopped. */
    private static final Duration ARRIVAL = Duration.ofSeconds(2);

    private final JobsClient client;
    private final List<Track> tracks;
    private final Map<String, String> parameters;
    private final AudioFormat format;
    private final Map<Track, Submission> open = new LinkedHashMap<>();

    /**
     * @param tracks all, in the order in which they will be separated
     * @param parameters for every job, as the API calls them
     * @param format that they ask for
     */
    ServerSeparator(JobsClient client, List<Track> tracks, Map<String, String> parameters, AudioFormat format) {
        this.client = client;
        this.tracks = tracks;
        this.parameters = parameters;
        this.format = format;
    }

    @Override
    public Separated separate(
            Track track, TrackOutputs outputs, Progress.Listener progress, Cancellation cancellation) {
        RemoteJob job = submit(track).await(progress, cancellation);
        int next = tracks.indexOf(track) + 1;
        tracks.subList(next, Math.min(next + AHEAD, tracks.size())).forEach(this::submit);
        try (JobDownload download = new JobDownload(client, job.id(), outputs, format, cancellation)) {
            RemoteJob done = download.follow(job, progress);
            open.remove(track);
            if (!done.hasSucceeded()) {
                throw why(done);
            }
            download.finish(done, progress);
            return done.separated(client.server());
        } catch (FlowError failure) {
            cancellation.throwIfCanceled();
            throw outputs.failure().orElse(failure);
        }
    }

    /** Begins to send a track, unless that has been done. */
    private Submission submit(Track track) {
        return open.computeIfAbsent(track, Submission::new);
    }

    /** That another person canceled one job is no wish to stop all. */
    private FlowError why(RemoteJob done) {
        return done.status().equals("canceled")
                ? FlowError.of(Code.CONFLICT, "Its job on the server was canceled: %s.", done.id())
                        .advice("If that was not meant: flowstate jobs retry %s", done.id())
                : done.error().orElseGet(() -> FlowError.of(Code.INTERNAL_ERROR, "The job %s failed.", done.id()));
    }

    /** Rather a wait than a job that nobody wants. */
    @Override
    public Duration grace() {
        return GRACE;
    }

    /** Those that wait first, lest one begins when the one before it ends. */
    @Override
    public void close() {
        List<Thread> cancels = open.values().stream()
                .skip(1)
                .map(submission -> Thread.ofVirtual().start(submission::giveUp))
                .toList();
        try {
            for (Thread cancel : cancels) {
                cancel.join();
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        open.values().stream().findFirst().ifPresent(Submission::giveUp);
    }

    /** A track on its way to becoming a job. Once begun, it goes on when the work is stopped, until it is known whether there is a job to cancel. */
    private final class Submission {
        private final Cancellation sending = new Cancellation();
        private final CompletableFuture<RemoteJob> job = new CompletableFuture<>();
        private Progress.Listener listener = Progress.Listener.NONE;
        private Optional<Progress> last = Optional.empty();

        Submission(Track track) {
            Map<String, String> options = new LinkedHashMap<>(parameters);
            options.put("task", "stems");
            options.put("name", track.fileName());
            String key = UUID.randomUUID().toString();
            Thread.ofVirtual().name("send-" + track.number()).start(() -> {
                try {
                    job.complete(client.submit(options, track.file(), key, this::report, sending));
                } catch (RuntimeException failed) {
                    job.completeExceptionally(failed);
                }
            });
        }

        private synchronized void report(Progress progress) {
            last = Optional.of(progress);
            listener.on(progress);
        }

        /** Whoever comes late hears where it stands. */
        private synchronized void listen(Progress.Listener progress) {
            listener = progress;
            last.ifPresent(progress::on);
        }

        /** Waits until it is one. Meanwhile nobody else reports. */
        RemoteJob await(Progress.Listener progress, Cancellation cancellation) {
            CompletableFuture<RemoteJob> mine = job.copy();
            listen(progress);
            try (Cancellation.Registration _ =
                    cancellation.onCancel(() -> mine.completeExceptionally(cancellation.reason()))) {
                return mine.join();
            } catch (CompletionException failed) {
                throw failed.getCause() instanceof RuntimeException why ? why : failed;
            } finally {
                listen(Progress.Listener.NONE);
            }
        }

        /** Cancels the job, if it is one or is about to be. What has not arrived by then will not become one. */
        void giveUp() {
            try {
                String id = job.copy()
                        .orTimeout(ARRIVAL.toMillis(), TimeUnit.MILLISECONDS)
                        .join()
                        .id();
                client.cancel(id, new Cancellation());
            } catch (CompletionException neverBecameOne) {
                sending.cancel(FlowError.of(Code.CANCELED, "Nobody wants the result any more."));
            } catch (FlowError left) {
                log.warn("a job on {} could not be canceled: {}", client.server(), left.message());
            }
        }
    }
}
