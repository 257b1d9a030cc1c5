package io.flowstate.server;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Outputs;
import io.flowstate.jobs.Documents;
import io.flowstate.jobs.Job;
import io.flowstate.jobs.JobDocument;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.Output;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Answers a request that waits with what its job gives, while the job makes it, as if it were no job. A client that leaves does not end the job: it may come back for it.
 *
 * <p>When the job begins anew, after the death of its node for instance, so does the answer, as long as none of it has gone out; later it is cut off, since what has gone out
 * is not the beginning of what will come.
 */
final class JobAnswer {
    private static final Duration GLANCE = Duration.ofSeconds(1);

    private final Jobs jobs;
    private final String id;
    private final Cancellation cancellation;

    /** @param cancellation ends the answer, but not the job */
    JobAnswer(Jobs jobs, Job job, Cancellation cancellation) {
        this.jobs = jobs;
        this.id = job.id();
        this.cancellation = cancellation;
    }

    /** Blocks until the answer is complete. */
    void send(Exchange exchange, AudioFormat format, Delivery delivery) throws IOException {
        exchange.set("flowstate-job", JobDocument.path(job()));
        int sent = 0;
        while (true) {
            Optional<Output> next = next(exchange, sent);
            if (next.isEmpty()) {
                delivery.finish();
                return;
            }
            Output output = next.get();
            try (OutputStream to = delivery.open(new Outputs.Description(output.name(), format, output.size()));
                    InputStream from = jobs.read(job(), output, 0, Long.MAX_VALUE, cancellation)) {
                from.transferTo(to);
                sent++;
            } catch (FlowError stopped) {
                if (stopped.code() != Code.CONFLICT || !delivery.discard()) {
                    throw stopped.code() == Code.EXPIRED ? expired(exchange, stopped) : stopped;
                }
                // The job begins anew, and nothing of what it had made has gone out.
                sent = 0;
            }
        }
    }

    /** A repeated request would be told the same for as long as its key is known. */
    private static FlowError expired(Exchange exchange, FlowError told) {
        return exchange.header(IdempotencyKey.HEADER).isEmpty()
                ? told
                : told.advice(
                        "Send the request with a new key to have it done again; keep_outputs says how long outputs are kept.");
    }

    /** The output after those that were sent, as soon as it has been begun; empty when there are no more. */
    private Optional<Output> next(Exchange exchange, int sent) {
        @Nullable Job last = null;
        while (true) {
            cancellation.throwIfCanceled();
            Job job = last == null
                    ? job()
                    : jobs.awaitChange(JobsEndpoints.OWNER, id, last.revisions().last(), GLANCE);
            List<Output> outputs = jobs.outputs(job);
            if (job.status() == Job.Status.FAILED || job.status() == Job.Status.CANCELED) {
                throw failure(exchange, job);
            }
            if (outputs.size() > sent) {
                describe(exchange, job());
                return Optional.of(outputs.get(sent));
            }
            if (job.status() == Job.Status.SUCCEEDED) {
                return Optional.empty();
            }
            last = job;
        }
    }

    private static void describe(Exchange exchange, Job job) {
        job.deployment().ifPresent(deployment -> exchange.set("flowstate-deployment", deployment));
        exchange.set(
                "flowstate-cost-usd",
                job.costUsd().map(BigDecimal::toPlainString).orElse("unpriced"));
        exchange.set(
                Attempts.COUNT,
                Integer.toString(Math.max(1, Documents.parse(job.attempts()).size())));
    }

    /** The end of the job as that of a request. The job's run has been counted, so this is not counted once more. */
    private static TaskFailure failure(Exchange exchange, Job job) {
        List<JsonNode> failed = Documents.parse(job.attempts()).valueStream().toList();
        if (!failed.isEmpty()) {
            describe(exchange, job);
            Attempts.tellFailed(exchange, failed);
        }
        return new TaskFailure(Documents.error(Documents.parse(job.error().orElseThrow())), failed);
    }

    private Job job() {
        return jobs.find(JobsEndpoints.OWNER, id);
    }
}
