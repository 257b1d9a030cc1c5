package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Follows a job by its events until it is over. A stream that breaks is opened again where it was; a server that is away is waited for, since it keeps its jobs when it is
 * started anew. Used by one thread, which blocks.
 */
final class JobFollower {
    private static final Logger log = LoggerFactory.getLogger(JobFollower.class);
    private static final Duration BEFORE_ANOTHER_LOOK = Duration.ofSeconds(1);

    private final JobsClient client;
    private final Listener listener;
    private final Cancellation cancellation;
    private final Patience server;
    private Optional<Progress> shown = Optional.empty();
    private RemoteJob job;
    private String last = "";

    /** Hears of a job, on the thread that follows it. */
    interface Listener {
        void on(Progress progress);

        /** An output was begun, has grown or is complete. */
        default void on(RemoteJob.Output output) {}
    }

    /** @param job as it is known now */
    JobFollower(JobsClient client, RemoteJob job, Listener listener, Cancellation cancellation) {
        this.client = client;
        this.job = job;
        this.listener = listener;
        this.cancellation = cancellation;
        this.server = client.patience();
    }

    /**
     * Gives the job as it is when it is over.
     *
     * @throws FlowError if the server stays away, or forgets the job; the cancellation's reason if that was it
     */
    RemoteJob follow() {
        while (!job.isOver()) {
            try {
                listen();
                if (!job.isOver()) {
                    // A stream that ends early may have nothing more to tell, if its last event was all but heard.
                    job = client.find(job.id(), cancellation);
                    server.end();
                    Pause.of(BEFORE_ANOTHER_LOOK, cancellation);
                }
            } catch (IOException broken) {
                cancellation.throwIfCanceled();
                another(client.unreachable(broken));
            } catch (FlowError refused) {
                cancellation.throwIfCanceled();
                if (!refused.code().retryHelps() && !(refused.getCause() instanceof IOException)) {
                    throw refused;
                }
                another(refused);
            }
        }
        return job;
    }

    private void another(FlowError why) {
        if (!server.isLeft()) {
            throw server.exhausted(why).advice("It keeps the job; once it is back: flowstate jobs watch %s", job.id());
        }
        server.rest(why, why.retryAfter().orElse(Duration.ZERO), listener::on, cancellation);
    }

    /** Until the job is over or the stream ends. */
    private void listen() throws IOException {
        try (ServerHttp.Reply reply = client.events(job.id(), last, cancellation)) {
            if (server.isTried()) {
                server.end();
                // There may be no news for a while.
                shown.ifPresent(listener::on);
            }
            ServerEvents events = new ServerEvents(reply.body());
            for (Optional<ServerEvents.Event> next = events.next();
                    next.isPresent() && !job.isOver();
                    next = events.next()) {
                hear(next.get());
            }
        }
    }

    private void hear(ServerEvents.Event event) {
        JsonNode data = event.data();
        last = event.id();
        switch (event.type()) {
            case "status" -> {
                job = new RemoteJob(data);
                show(job.advance());
            }
            case "progress" -> show(job.advance(data));
            case "output" -> listener.on(RemoteJob.output(data));
            default -> log.debug("{}: an event of a kind that is not known here: {}", job.id(), event.type());
        }
    }

    private void show(Optional<Progress> progress) {
        progress.ifPresent(listener::on);
        shown = progress.or(() -> shown);
    }
}
