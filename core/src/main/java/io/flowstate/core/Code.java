package io.flowstate.core;

import static io.flowstate.core.Code.Kind.CALLER;
import static io.flowstate.core.Code.Kind.CAPACITY;
import static io.flowstate.core.Code.Kind.INTERNAL;
import static io.flowstate.core.Code.Kind.SETUP;
import static io.flowstate.core.Code.Kind.UPSTREAM;

import java.util.Locale;

/** Every way in which FlowState says no. The name in lower case is the stable code of the API; docs/errors.md has a line for each. */
public enum Code {
    BAD_REQUEST(CALLER, 400, false, "A field is missing, unknown or out of range."),
    UNKNOWN_STEM(CALLER, 400, false, "A stem was named that the model does not have."),
    UNKNOWN_MODEL(CALLER, 404, false, "The catalogue has no such model or deployment."),
    NOT_FOUND(CALLER, 404, false, "There is nothing at this address."),
    METHOD_NOT_ALLOWED(CALLER, 405, false, "The address exists, but not for this HTTP method."),
    CONFLICT(CALLER, 409, false, "The thing is in a state in which this cannot be done to it."),
    EXPIRED(CALLER, 410, false, "It was kept for a while and has been removed."),
    UNSUPPORTED_VERSION(
            CALLER, 412, false, "The request is of a version of its protocol that the server does not speak."),
    CHECKSUM_MISMATCH(CALLER, 460, true, "The bytes that came do not have the checksum that was announced."),
    KEY_REUSED(CALLER, 422, false, "The idempotency key was used for another request."),
    FORBIDDEN(CALLER, 403, false, "The server does not take this request from where it comes."),
    UNSUPPORTED_MEDIA_TYPE(CALLER, 415, false, "The body is of a type that this address does not take."),
    TOO_LARGE(CALLER, 413, false, "The body or the audio is over a limit."),
    BAD_RANGE(CALLER, 416, false, "The range that was asked for has no byte of what there is."),
    UPLOAD_TIMEOUT(CALLER, 408, true, "The upload stalled or took too long."),
    AUDIO_UNREADABLE(CALLER, 422, false, "The file is not audio, or is too damaged to decode."),
    AUDIO_EMPTY(CALLER, 422, false, "The file holds no audio samples."),
    AUDIO_TRUNCATED(CALLER, 422, false, "The file ends before the length that it announces."),
    AUDIO_NOT_FINITE(CALLER, 422, false, "The audio holds NaN or infinite samples."),
    ADDRESS_NOT_ALLOWED(CALLER, 422, false, "An address in the request is one that the server does not go to."),
    ADDRESS_FAILED(
            CALLER, 422, true, "An address in the request could not be reached, or did not give what is needed."),
    NO_DEPLOYMENT(CALLER, 422, false, "No deployment can run the request under the policy; the reasons are listed."),
    CANCELED(CALLER, 499, true, "The caller went away or canceled."),
    DEADLINE_EXCEEDED(CAPACITY, 504, true, "The work was not done by its deadline and was stopped."),
    QUEUE_FULL(CAPACITY, 429, true, "Every place that can run this is busy and its queue is full."),
    SHUTTING_DOWN(CAPACITY, 503, true, "The server is stopping and takes no new work."),
    OUT_OF_MEMORY(CAPACITY, 503, true, "The model does not fit into the memory that is free."),
    UNAVAILABLE(SETUP, 503, false, "What could run the request is not available here; the reasons are listed."),
    NODE_LOST(
            CAPACITY, 503, true, "The job was lost with the node that ran it, too often to be tried again by itself."),
    STORE_FULL(CAPACITY, 507, true, "The room for inputs and outputs of jobs is used up."),
    STORE_UNAVAILABLE(CAPACITY, 503, true, "The database or the store for files cannot be reached at the moment."),
    MISDIRECTED(SETUP, 421, false, "This node only runs jobs; requests are for nodes with the role api."),
    MODEL_UNAVAILABLE(SETUP, 503, true, "A model's files could not be fetched."),
    MODEL_CORRUPT(SETUP, 503, false, "A model's file does not have the checksum of the catalogue."),
    DISK_FULL(SETUP, 507, true, "There is not enough disk space."),
    OUTPUT_NOT_WRITABLE(SETUP, 500, false, "An output could not be written."),
    TOOL_MISSING(SETUP, 503, false, "A program that the work needs, such as ffmpeg or npm, is not there."),
    BAD_CONFIG(
            SETUP,
            500,
            false,
            "The configuration or the catalogue has mistakes; all are listed with file, line and column."),
    NO_DEPLOYMENT_LEFT(
            UPSTREAM,
            502,
            true,
            "Several deployments were tried and failed in different ways; the attempts are listed."),
    INTERNAL_ERROR(INTERNAL, 500, true, "A fault of FlowState itself; the log has the details under the request id.");

    /** Whose turn it is. */
    public enum Kind {
        CALLER,
        CAPACITY,
        SETUP,
        UPSTREAM,
        INTERNAL;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;
    private final int httpStatus;
    private final boolean retryHelps;
    private final String meaning;

    Code(Kind kind, int httpStatus, boolean retryHelps, String meaning) {
        this.kind = kind;
        this.httpStatus = httpStatus;
        this.retryHelps = retryHelps;
        this.meaning = meaning;
    }

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public Kind kind() {
        return kind;
    }

    public int httpStatus() {
        return httpStatus;
    }

    /** Whether the same request can succeed later without a change. */
    public boolean retryHelps() {
        return retryHelps;
    }

    /** One sentence for the docs. */
    public String meaning() {
        return meaning;
    }
}
