package io.flowstate.server;

import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartConfig;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.util.Attributes;

/**
 * What a task's request brought: an audio file, which now lies in the spool, and its options from the query and the body together.
 *
 * <p>Three kinds of body are taken: a form ({@code multipart/form-data}) whose field {@code file} is the audio, the audio itself, and a JSON object of options that says
 * where the audio is. Audio is never held in memory.
 *
 * @param audio empty when the options say where it is ({@link #ELSEWHERE})
 */
record Upload(Optional<AudioInput> audio, Options options) {
    /** Options that name audio which is not in the request. */
    static final List<String> ELSEWHERE = List.of("url", "upload_id");

    private static final String FILE = "file";
    private static final String FILE_EXAMPLE = "Send the audio in the field `file`, as curl -F file=@song.mp3 does.";
    private static final String MULTIPART = "multipart/form-data";
    private static final String TAKEN =
            MULTIPART + ", audio/*, application/ogg, application/octet-stream, application/json";
    private static final int MOST_PARTS = 64;
    private static final int PART_BYTES_IN_MEMORY = 64 << 10;
    private static final int MOST_PART_HEADER_BYTES = 8 << 10;
    private static final int MOST_JSON_BYTES = 64 << 10;
    private static final int MOST_NAME_BYTES = 512;

    /**
     * Reads the whole body; blocks.
     *
     * @param known names of the task's options, to which a form's fields are held; the query has been already
     */
    static Upload receive(Exchange exchange, Collection<String> known, Spool.Room room, Cancellation cancellation) {
        String mediaType = exchange.header("Content-Type").orElse("");
        String essence = mediaType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (essence.equals(MULTIPART)) {
            return receiveForm(exchange, mediaType, known, room, cancellation);
        }
        if (essence.startsWith("audio/")
                || essence.equals("application/octet-stream")
                || essence.equals("application/ogg")) {
            return receiveRaw(exchange, room, cancellation);
        }
        if (essence.equals(Json.MEDIA_TYPE)) {
            return receiveJson(exchange, known, cancellation);
        }
        exchange.set("Accept", TAKEN);
        throw (essence.isEmpty()
                        ? FlowError.of(
                                Code.UNSUPPORTED_MEDIA_TYPE,
                                "The request does not say of what type its body is: it has no Content-Type.")
                        : FlowError.of(
                                Code.UNSUPPORTED_MEDIA_TYPE, "A body of type \"%s\" is not taken here.", essence))
                .field("Content-Type")
                .advice(
                        "Send a form (multipart/form-data, as curl -F file=@song.mp3 does), or the audio itself as audio/wav, "
                                + "audio/flac, audio/mpeg or another audio/* type, application/ogg or application/octet-stream "
                                + "(curl --data-binary @song.wav -H 'Content-Type: audio/wav'), or a JSON object that names its url.");
    }

    private static Upload receiveJson(Exchange exchange, Collection<String> known, Cancellation cancellation) {
        Options.Builder options = new Options.Builder();
        options.addAll(exchange.query());
        options.addAll(Json.options(
                Json.parseObject(exchange.body(MOST_JSON_BYTES, cancellation).bytes())));
        Options all = options.build();
        all.requireKnown(known);
        return whole(Optional.empty(), all);
    }

    private static Upload receiveRaw(Exchange exchange, Spool.Room room, Cancellation cancellation) {
        Path file = room.file(FILE);
        try {
            exchange.body(Long.MAX_VALUE, cancellation).saveTo(file);
        } catch (IOException refused) {
            throw room.failure(refused);
        }
        Options options = exchange.query();
        return whole(Optional.of(new AudioInput("audio", file)), options);
    }

    private static Upload receiveForm(
            Exchange exchange, String mediaType, Collection<String> known, Spool.Room room, Cancellation cancellation) {
        Body body = exchange.body(Long.MAX_VALUE, cancellation);
        Options.Builder options = new Options.Builder();
        options.addAll(exchange.query());
        Optional<AudioInput> audio = Optional.empty();
        try (MultiPartFormData.Parts parts = parse(body, mediaType, room)) {
            body.skipRest();
            for (MultiPart.Part part : parts) {
                if (part.getName() == null) {
                    throw FlowError.of(Code.BAD_REQUEST, "A part of the form has no name.");
                }
                if (part.getName().equals(FILE)) {
                    if (audio.isPresent()) {
                        throw Options.bad(FILE, "must be one file; this form has several");
                    }
                    audio = Optional.of(save(part, room));
                } else if (known.contains(part.getName())) {
                    options.add(part.getName(), text(part));
                } else {
                    throw unknown(part, known);
                }
            }
        }
        return whole(audio, options.build());
    }

    /** Exactly one source of audio, and something in it. */
    private static Upload whole(Optional<AudioInput> sent, Options options) {
        List<String> elsewhere =
                ELSEWHERE.stream().filter(options.values()::containsKey).toList();
        if (sent.isEmpty() && elsewhere.isEmpty()) {
            throw Options.bad(FILE, "is missing: the request has no audio")
                    .advice("%s Or name where it is: url, upload_id.", FILE_EXAMPLE);
        }
        if (elsewhere.size() + (sent.isPresent() ? 1 : 0) > 1) {
            throw Options.bad(elsewhere.getFirst(), "cannot be combined with another source of audio");
        }
        Optional<AudioInput> named =
                sent.map(audio -> new AudioInput(options.text("name").orElse(audio.name()), audio.file()));
        named.ifPresent(Upload::requireContent);
        return new Upload(named, options);
    }

    private static AudioInput save(MultiPart.Part part, Spool.Room room) {
        requireNoName(part);
        Path file = room.file(FILE);
        try {
            part.writeTo(file);
        } catch (IOException refused) {
            throw room.failure(refused);
        }
        return new AudioInput(Optional.ofNullable(part.getFileName()).orElse("audio"), file);
    }

    /** A short line of text that came without a file name is the name itself: {@code -F file=song.mp3}, where curl wants an @. */
    private static void requireNoName(MultiPart.Part part) {
        if (part.getFileName() != null || part.getLength() == 0 || part.getLength() > MOST_NAME_BYTES) {
            return;
        }
        String text = part.getContentAsString(StandardCharsets.UTF_8);
        if (text.codePoints().noneMatch(Upload::isNoText)) {
            throw Options.bad(FILE, "is the text \"%s\" and no audio".formatted(text))
                    .advice("Did you forget the @? %s", FILE_EXAMPLE);
        }
    }

    private static boolean isNoText(int character) {
        return Character.isISOControl(character) || character == '\uFFFD';
    }

    private static FlowError unknown(MultiPart.Part part, Collection<String> known) {
        return part.getFileName() == null
                ? Options.unknown(
                        part.getName(),
                        Stream.concat(Stream.of(FILE), known.stream()).toList())
                : misplaced(part);
    }

    private static String text(MultiPart.Part part) {
        if (part.getLength() > PART_BYTES_IN_MEMORY) {
            throw part.getFileName() == null
                    ? Options.bad(part.getName(), "is too long for an option").advice("%s", FILE_EXAMPLE)
                    : misplaced(part);
        }
        return part.getContentAsString(StandardCharsets.UTF_8);
    }

    /** A file that is no option can only be meant to be the audio. */
    private static FlowError misplaced(MultiPart.Part part) {
        return FlowError.of(
                        Code.BAD_REQUEST,
                        "A file came in the field \"%s\", but the audio belongs in the field `%s`.",
                        part.getName(),
                        FILE)
                .field(part.getName())
                .advice("Did you mean `%s`? %s", FILE, FILE_EXAMPLE);
    }

    private static void requireContent(AudioInput audio) {
        try {
            if (Files.size(audio.file()) == 0) {
                throw FlowError.of(Code.AUDIO_EMPTY, "The file holds no audio samples.")
                        .field(FILE)
                        .advice("Check that the recording or export was finished, and send the file again.");
            }
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private static MultiPartFormData.Parts parse(Body body, String mediaType, Spool.Room room) {
        MultiPartConfig limits = new MultiPartConfig.Builder()
                .location(room.path())
                .maxParts(MOST_PARTS)
                .maxSize(-1)
                .maxPartSize(-1)
                .maxMemoryPartSize(PART_BYTES_IN_MEMORY)
                .maxHeadersSize(MOST_PART_HEADER_BYTES)
                .build();
        try {
            return MultiPartFormData.getParts(body, new Attributes.Mapped(), mediaType, limits);
        } catch (CompletionException | IllegalArgumentException | IllegalStateException failed) {
            body.throwIfFailed();
            Throwable cause =
                    failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
            if (cause instanceof IOException refused && !(cause instanceof EOFException)) {
                throw room.failure(refused);
            }
            throw FlowError.of(
                            Code.BAD_REQUEST,
                            "The form is not valid multipart/form-data: %s.",
                            String.valueOf(cause.getMessage()))
                    .advice("Let an HTTP library build it; a form has at most %d parts.", MOST_PARTS)
                    .causedBy(cause);
        }
    }
}
