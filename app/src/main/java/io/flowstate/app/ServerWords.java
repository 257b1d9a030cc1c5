package io.flowstate.app;

import java.util.List;
import java.util.regex.Pattern;

/** What a server tells users of its API, said to somebody who uses this command line. A test reads all that a server may say, so that nothing is left out. */
final class ServerWords {
    private static final List<Said> ALL = List.of(
            said("GET /v1/jobs lists yours", "flowstate jobs list shows yours"),
            said(
                    "GET /v1/jobs/(\\S+)/deliveries lists those that it has",
                    "flowstate webhooks list $1 shows those that it has"),
            said(
                    "The job says why in `error`; POST /v1/jobs/(\\S+)/retry tries again",
                    "flowstate jobs show $1 says why; flowstate jobs retry $1 tries again"),
            said(
                    "Outputs appear in the job as soon as they are begun; /v1/jobs/(\\S+)/events tells",
                    "Outputs appear as soon as they are begun; flowstate jobs watch $1 shows how far it is"),
            said(
                    "Submit the job again; keep_outputs says",
                    "Hand the input in again with flowstate jobs submit; jobs.keep_outputs of the server says"),
            said(
                    "Remove jobs that are done with \\(DELETE /v1/jobs/\\{id}\\), wait until some expire, or raise jobs.max_bytes",
                    "Wait until some expire, have jobs removed that are done with, or have jobs.max_bytes of the server raised"),
            said(
                    "Send less: compressed audio such as FLAC, or a large file as a resumable upload \\(POST /v1/uploads\\)",
                    "Take compressed audio such as FLAC, or have server.max_body of the server raised"),
            said("Send the request again later; GET /v1/deployments shows the queues", "Try again later"),
            said("GET /openapi.json lists every address", "The server may be older than this command"));

    /** What a server says, as a pattern, and what is said here. */
    private record Said(Pattern there, String here) {}

    private ServerWords() {}

    private static Said said(String there, String here) {
        return new Said(Pattern.compile(there), here);
    }

    /** The text as it is, if the server did not mean users of its API alone. */
    static String translated(String text) {
        String told = text;
        for (Said each : ALL) {
            told = each.there().matcher(told).replaceAll(each.here());
        }
        return told;
    }
}
