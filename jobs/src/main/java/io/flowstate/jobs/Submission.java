package io.flowstate.jobs;

import io.flowstate.core.AudioInput;
import io.flowstate.core.Request;
import io.flowstate.core.routing.Policy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A job that somebody hands in.
 *
 * @param owner whose it will be
 * @param request its audio's file may be a placeholder: what counts is {@code source}
 * @param webhook its address must have passed {@code Egress.check("webhook_url", …)}, so that one that is not allowed is refused to whoever gave it; when a message is sent,
 *     the address is checked once more
 * @param keepInput after submission; never shorter than the job lives
 * @param keepOutput after the job has ended
 * @param idempotency a second submission with the same key is the same job
 */
public record Submission(
        String owner,
        Request request,
        Policy policy,
        Source source,
        List<String> tags,
        Optional<Job.Hook> webhook,
        Optional<Duration> keepInput,
        Optional<Duration> keepOutput,
        Optional<Idempotency> idempotency) {
    public Submission {
        tags = List.copyOf(tags);
    }

    /** The same, of which nothing stays for longer than this. */
    public Submission kept(Duration limit) {
        return new Submission(
                owner, request, policy, source, tags, webhook, Optional.of(limit), Optional.of(limit), idempotency);
    }

    /** The same with its audio at hand. */
    Submission with(Sent file) {
        return new Submission(
                owner,
                Documents.request(request.task().id(), Documents.of(request), new AudioInput(file.name(), file.file())),
                policy,
                file,
                tags,
                webhook,
                keepInput,
                keepOutput,
                idempotency);
    }

    /** Where the audio comes from. */
    public sealed interface Source {
        String name();
    }

    /**
     * A file of the caller's, whose bytes are taken over when the submission returns.
     *
     * @param sha256 of its bytes, in hexadecimal
     */
    public record Sent(String name, Path file, long bytes, String sha256) implements Source {}

    /** An address that whoever runs the job fetches. */
    public record Remote(String name, URI url) implements Source {}

    /** An upload of the owner's that is complete. Its bytes are copied when the submission returns. */
    public record Uploaded(String name, String uploadId) implements Source {}
}
