package io.flowstate.server;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.jobs.Checksum;
import io.flowstate.jobs.Idempotency;
import io.flowstate.jobs.UploadAppend;
import io.flowstate.jobs.UploadState;
import io.flowstate.jobs.Uploads;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * Resumable uploads by the protocol tus 1.0.0 (https://tus.io/protocols/resumable-upload), with its extensions creation, creation-with-upload, expiration, checksum and
 * termination.
 */
final class UploadsEndpoint {
    private static final String VERSION = "1.0.0";
    private static final String EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination";
    private static final String CHECKSUMS = Arrays.stream(Checksum.Algorithm.values())
            .map(Checksum.Algorithm::id)
            .collect(Collectors.joining(","));
    private static final String MEDIA_TYPE = "application/offset+octet-stream";
    private static final String OVERRIDE = "X-HTTP-Method-Override";
    /** As HTTP wants it, with two digits for the day, which the JDK's own format of this kind does not give. */
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final Uploads uploads;
    private final InFlight inFlight;
    private final String owner;

    /** @param owner whose every upload is, as long as there are no keys */
    UploadsEndpoint(Uploads uploads, InFlight inFlight, String owner) {
        this.uploads = uploads;
        this.inFlight = inFlight;
        this.owner = owner;
    }

    /** {@code OPTIONS /v1/uploads}: what is spoken here. */
    void abilities(Exchange exchange) throws IOException {
        exchange.set("Tus-Resumable", VERSION);
        exchange.set("Tus-Version", VERSION);
        exchange.set("Tus-Extension", EXTENSIONS);
        exchange.set("Tus-Max-Size", Long.toString(uploads.maxUploadBytes()));
        exchange.set("Tus-Checksum-Algorithm", CHECKSUMS);
        exchange.answer(204, "text/plain", new byte[0]);
    }

    /** {@code POST /v1/uploads}: begins an upload, perhaps with its first bytes. */
    void create(Exchange exchange) throws IOException {
        requireVersion(exchange);
        long length = number(exchange, "Upload-Length");
        UploadMetadata metadata =
                UploadMetadata.parse(exchange.header(UploadMetadata.HEADER).orElse(""));
        boolean withBytes = exchange.header("Content-Type").isPresent();
        if (withBytes) {
            requireMediaType(exchange);
        }
        Optional<Idempotency> key = IdempotencyKey.of(exchange, Long.toString(length), metadata.text());
        UploadState upload = uploads.create(owner, length, metadata.text(), key);
        if (withBytes && upload.offset() == 0) {
            upload = key.isPresent() ? receive(exchange, upload, 0) : receiveFirst(exchange, upload);
        }
        exchange.set("Location", "/v1/uploads/" + upload.id());
        describe(exchange, upload);
        exchange.answer(201, Json.MEDIA_TYPE, Json.bytes(document(upload)));
    }

    /** Whoever does not get the answer, and has no key to ask for it again, does not know where the upload is: it is removed again. */
    private UploadState receiveFirst(Exchange exchange, UploadState upload) throws IOException {
        try {
            return receive(exchange, upload, 0);
        } catch (IOException | RuntimeException failed) {
            try {
                uploads.remove(owner, upload.id());
            } catch (FlowError expires) {
                failed.addSuppressed(expires);
            }
            throw failed;
        }
    }

    /** {@code HEAD /v1/uploads/{id}}: how far it is. GET, of which tus knows nothing, says the same to whoever wants to read it. */
    void show(Exchange exchange) throws IOException {
        if (!exchange.method().equals("GET")) {
            requireVersion(exchange);
        }
        UploadState upload = uploads.find(owner, exchange.segment(2));
        exchange.set("Upload-Length", Long.toString(upload.length()));
        if (!upload.metadata().isEmpty()) {
            exchange.set(UploadMetadata.HEADER, upload.metadata());
        }
        exchange.set("Cache-Control", "no-store");
        describe(exchange, upload);
        exchange.answer(200, Json.MEDIA_TYPE, Json.bytes(document(upload)));
    }

    /** {@code PATCH /v1/uploads/{id}}: goes on with it. */
    void append(Exchange exchange) throws IOException {
        requireVersion(exchange);
        requireMediaType(exchange);
        long offset = number(exchange, "Upload-Offset");
        UploadState upload = uploads.find(owner, exchange.segment(2));
        describe(exchange, receive(exchange, upload, offset));
        exchange.answer(204, "text/plain", new byte[0]);
    }

    /** {@code DELETE /v1/uploads/{id}}. */
    void remove(Exchange exchange) throws IOException {
        requireVersion(exchange);
        uploads.remove(owner, exchange.segment(2));
        exchange.answer(204, "text/plain", new byte[0]);
    }

    /** {@code POST /v1/uploads/{id}}: for clients whose network lets no other method through, which name the one they mean. */
    void instead(Exchange exchange) throws IOException {
        requireVersion(exchange);
        switch (exchange.header(OVERRIDE).orElse("")) {
            case "PATCH" -> append(exchange);
            case "DELETE" -> remove(exchange);
            case "HEAD" -> show(exchange);
            default ->
                throw FlowError.of(
                                Code.METHOD_NOT_ALLOWED,
                                "%s takes POST only in place of another method.",
                                exchange.path())
                        .field(OVERRIDE)
                        .advice("Use PATCH, HEAD or DELETE, or name one of them in %s.", OVERRIDE);
        }
    }

    private UploadState receive(Exchange exchange, UploadState upload, long offset) throws IOException {
        Optional<Checksum> checksum = exchange.header("Upload-Checksum").map(UploadsEndpoint::checksum);
        Cancellation cancellation = new Cancellation();
        try (InFlight.Place _ = inFlight.enter(cancellation);
                UploadAppend append = uploads.append(owner, upload.id(), offset, checksum)) {
            exchange.bodyUpTo(upload.length() - offset, cancellation).writeTo(append);
            return append.finish();
        } catch (FlowError failure) {
            throw failure.code() == Code.TOO_LARGE ? moreThanAnnounced(upload, offset, failure) : failure;
        }
    }

    private static void requireVersion(Exchange exchange) {
        exchange.set("Tus-Resumable", VERSION);
        String asked = exchange.header("Tus-Resumable").orElse("");
        if (!asked.equals(VERSION)) {
            exchange.set("Tus-Version", VERSION);
            throw FlowError.of(
                            Code.UNSUPPORTED_VERSION,
                            "Uploads are taken by tus %s, and the request says %s.",
                            VERSION,
                            asked.isEmpty() ? "nothing" : asked)
                    .field("Tus-Resumable")
                    .advice("Send Tus-Resumable: %s.", VERSION);
        }
    }

    private static void requireMediaType(Exchange exchange) {
        String given = exchange.header("Content-Type").orElse("");
        if (!given.strip().equalsIgnoreCase(MEDIA_TYPE)) {
            exchange.set("Accept", MEDIA_TYPE);
            throw FlowError.of(Code.UNSUPPORTED_MEDIA_TYPE, "The bytes of an upload come as %s.", MEDIA_TYPE)
                    .field("Content-Type")
                    .advice("Send Content-Type: %s.", MEDIA_TYPE);
        }
    }

    private static long number(Exchange exchange, String header) {
        String text = exchange.header(header).orElse("");
        if (!text.matches("\\d{1,18}")) {
            throw FlowError.of(Code.BAD_REQUEST, "The header %s must be a number of bytes.", header)
                    .field(header)
                    .advice(
                            "%s",
                            "Upload-Length".equals(header)
                                    ? "Say how many bytes the file has; uploads whose length is not known are not taken."
                                    : "Ask for it with HEAD.");
        }
        return Long.parseLong(text);
    }

    /** @param header as in {@code sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=} */
    private static Checksum checksum(String header) {
        String[] words = header.strip().split(" +", -1);
        Checksum.Algorithm algorithm = Checksum.Algorithm.of(words[0]);
        try {
            byte[] sum = Base64.getDecoder().decode(words.length == 2 ? words[1] : "");
            if (sum.length == algorithm.bytes()) {
                return new Checksum(algorithm, HexFormat.of().formatHex(sum));
            }
            throw badSum(algorithm);
        } catch (IllegalArgumentException notBase64) {
            throw badSum(algorithm).causedBy(notBase64);
        }
    }

    private static FlowError badSum(Checksum.Algorithm algorithm) {
        return FlowError.of(
                        Code.BAD_REQUEST,
                        "Upload-Checksum must be the algorithm and %d bytes in base64.",
                        algorithm.bytes())
                .field("Upload-Checksum");
    }

    private static FlowError moreThanAnnounced(UploadState upload, long offset, FlowError failure) {
        return FlowError.of(
                        Code.TOO_LARGE,
                        "The upload was announced with %d bytes, of which %d are still to come; this is more.",
                        upload.length(),
                        upload.length() - offset)
                .advice("Begin another upload with the right Upload-Length.")
                .causedBy(failure);
    }

    private static void describe(Exchange exchange, UploadState upload) {
        exchange.set("Upload-Offset", Long.toString(upload.offset()));
        exchange.set("Upload-Expires", HTTP_DATE.format(upload.expires()));
    }

    private static ObjectNode document(UploadState upload) {
        return Json.object()
                .put("id", upload.id())
                .put("length", upload.length())
                .put("offset", upload.offset())
                .put("complete", upload.isComplete())
                .put(
                        "expires_at",
                        Instant.ofEpochMilli(upload.expires().toEpochMilli()).toString());
    }
}
