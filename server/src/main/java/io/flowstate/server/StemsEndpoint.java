package io.flowstate.server;

import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.Task;
import io.flowstate.core.gateway.Call;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.routing.RequestFacts;
import io.flowstate.core.spi.Progress;
import io.flowstate.jobs.Job;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.Submission;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /v1/stems}: takes a piece of music and answers with its stems while they are made. */
final class StemsEndpoint {
    private static final Logger log = LoggerFactory.getLogger(StemsEndpoint.class);
    /** What a worker makes for a caller who waits goes with the answer; for this long, if the node dies that should have removed it. */
    private static final Duration KEPT = Duration.ofHours(1);

    private final Node node;
    private final Gateway gateway;
    private final Jobs jobs;
    private final JobOptions jobOptions;
    private final JobsEndpoints endpoints;
    private final Spool spool;
    private final InFlight inFlight;
    private final ServerConfig config;
    private final Clock clock;

    StemsEndpoint(
            Node node,
            Gateway gateway,
            Jobs jobs,
            JobOptions jobOptions,
            JobsEndpoints endpoints,
            Spool spool,
            InFlight inFlight,
            ServerConfig config,
            Clock clock) {
        this.node = node;
        this.config = config;
        this.gateway = gateway;
        this.jobs = jobs;
        this.jobOptions = jobOptions;
        this.endpoints = endpoints;
        this.spool = spool;
        this.inFlight = inFlight;
        this.clock = clock;
    }

    /** What ends before the gateway takes the call is told to it here, so that a refusal counts like any other end; what ends later is a {@link TaskFailure} and was counted. */
    void separate(Exchange exchange) throws IOException {
        try {
            receive(exchange);
        } catch (FlowError refused) {
            gateway.refused(exchange.id(), Task.STEMS, refused, exchange.took());
            throw refused;
        }
    }

    private void receive(Exchange exchange) throws IOException {
        Options query = exchange.query();
        query.requireKnown(JobOptions.STEMS);
        if (!JobOptions.isWanted(exchange, query)) {
            // The query alone decides; what a form may say later only makes the choice smaller.
            gateway.admit(
                    new RequestFacts(Task.STEMS, query.text("model"), Optional.empty()), RoutingOptions.places(query));
        }
        Cancellation cancellation = new Cancellation();
        try (InFlight.Place _ = inFlight.enter(cancellation);
                Spool.Room room = spool.room()) {
            Upload upload = Upload.receive(exchange, JobOptions.STEMS, room, cancellation);
            upload.options().requireKnown(JobOptions.STEMS);
            if (JobOptions.isWanted(exchange, upload.options())) {
                submit(exchange, upload, room, cancellation);
            } else {
                JobOptions.requireNone(upload.options());
                if (node.has(Role.WORKER)) {
                    StemsRequest request = StemsOptions.request(
                            upload.options(), upload.audio().orElseThrow(), gateway.catalogue());
                    run(exchange, request, RoutingOptions.policy(upload.options()), room, cancellation);
                } else {
                    handOver(exchange, upload, room, cancellation);
                }
            }
        }
    }

    /** Has a worker do it, as a job that is there for as long as its caller waits: to him, and to the store, it is as if it had been done here. */
    private void handOver(Exchange exchange, Upload upload, Spool.Room room, Cancellation cancellation)
            throws IOException {
        Submission submission = jobOptions
                .submission(Task.STEMS, JobsEndpoints.OWNER, exchange, upload)
                .kept(KEPT);
        Job job = jobs.submit(submission);
        try {
            await(exchange, job, (StemsRequest) submission.request(), room, cancellation);
        } finally {
            remove(job);
        }
    }

    private void remove(Job job) {
        try {
            jobs.remove(JobsEndpoints.OWNER, job.id());
        } catch (RuntimeException trouble) {
            // The answer has gone out, or its failure is on its way: this must not take its place.
            log.warn("{} is not removed now, but when it expires", job.id(), trouble);
        }
    }

    private void submit(Exchange exchange, Upload upload, Spool.Room room, Cancellation cancellation)
            throws IOException {
        Submission submission = jobOptions.submission(Task.STEMS, JobsEndpoints.OWNER, exchange, upload);
        Job job = jobs.submit(submission);
        if (JobOptions.isAsync(exchange)) {
            endpoints.accept(exchange, job);
            return;
        }
        await(exchange, job, (StemsRequest) submission.request(), room, cancellation);
    }

    private void await(Exchange exchange, Job job, StemsRequest request, Spool.Room room, Cancellation cancellation)
            throws IOException {
        try (Delivery delivery = delivery(exchange, request, room, cancellation);
                Exchange.Watch _ = exchange.stopWhenClientLeaves(cancellation);
                Cancellation.Registration _ = cancellation.onCancel(exchange::abort)) {
            new JobAnswer(jobs, job, cancellation).send(exchange, request.output(), delivery);
        }
    }

    private Delivery delivery(Exchange exchange, StemsRequest request, Spool.Room room, Cancellation cancellation) {
        String track = request.input().track();
        Outflow outflow = new Outflow(exchange, room, cancellation, config, clock);
        return isOne(request.selection())
                ? new OneStem(exchange, track, outflow)
                : new ZippedStems(exchange, track, room, outflow, cancellation, clock);
    }

    private void run(Exchange exchange, StemsRequest request, Policy policy, Spool.Room room, Cancellation cancellation)
            throws IOException {
        Attempts attempts = new Attempts(exchange);
        try (Delivery delivery = delivery(exchange, request, room, cancellation);
                Exchange.Watch _ = exchange.stopWhenClientLeaves(cancellation);
                Cancellation.Registration _ = cancellation.onCancel(exchange::abort)) {
            gateway.answer(
                    new Call(exchange.id(), request, policy, cancellation, Progress.Listener.NONE, attempts, delivery));
            delivery.finish();
        } catch (FlowError failure) {
            throw new TaskFailure(failure, attempts.failed());
        }
    }

    /** One file is wanted only by somebody who names just one stem; whoever leaves it to the model takes what there is. */
    private static boolean isOne(StemSelection selection) {
        return selection instanceof StemSelection.Some some && some.stems().size() == 1;
    }
}
