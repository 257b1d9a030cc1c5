package io.flowstate.audio;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks ffprobe what a file says of itself. Thread-safe. */
final class MediaProbe {
    /**
     * Audio formats and the films' containers that carry audio. Nothing that names other files or addresses is among them: playlists, concatenations, HLS, DASH,
     * SDP, image sequences, filter graphs.
     */
    private static final String CONTAINERS =
            "wav,w64,flac,mp3,aac,loas,ogg,mov,matroska,aiff,caf,au,wv,ape,tta,tak,amr,ac3,eac3,dts,asf,dsf,mpc,mpc8,voc";

    /** Input options for a file that a stranger made: it comes through standard input, and neither network nor any other file can be opened for it. */
    static final List<String> SAFE_INPUT = List.of(
            "-protocol_whitelist", "fd,pipe", "-format_whitelist", CONTAINERS, "-max_alloc", "268435456", "-i", "fd:");

    private static final String ENTRIES =
            "stream=codec_name,sample_rate,channels,duration_ts,time_base:format=format_name,duration";
    private static final int LONGEST_ANSWER = 256 * 1024;

    private final FfmpegTools tools;
    private final JsonMapper json = new JsonMapper();

    MediaProbe(FfmpegTools tools) {
        this.tools = tools;
    }

    AudioFacts probe(AudioInput input, Cancellation cancellation) {
        List<String> options = new ArrayList<>(
                List.of("-v", "error", "-select_streams", "a:0", "-show_entries", ENTRIES, "-of", "json"));
        options.addAll(SAFE_INPUT);
        try (Child child = Child.reading(tools, tools.ffprobe(), options, input.file(), cancellation)) {
            byte[] answer = readAll(child);
            int exit = child.awaitExit();
            if (exit != 0) {
                throw DecodedReader.unreadable(child.complaint());
            }
            return facts(json.readTree(answer));
        } catch (JacksonException e) {
            throw DecodedReader.unreadable("its description is damaged").causedBy(e);
        }
    }

    private static byte[] readAll(Child child) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] chunk = new byte[4096];
        for (int n = child.read(chunk, 0, chunk.length); n >= 0; n = child.read(chunk, 0, chunk.length)) {
            if (answer.size() + n > LONGEST_ANSWER) {
                throw DecodedReader.unreadable("its description is too long");
            }
            answer.write(chunk, 0, n);
        }
        return answer.toByteArray();
    }

    private static AudioFacts facts(JsonNode answer) {
        JsonNode stream = answer.path("streams").path(0);
        JsonNode format = answer.path("format");
        if (stream.isMissingNode()) {
            throw FlowError.of(Code.AUDIO_UNREADABLE, "The file has no audio stream.")
                    .advice("Send a file that has sound in it.");
        }
        int rate = stream.path("sample_rate").asInt(0);
        int channels = stream.path("channels").asInt(0);
        if (rate < 1_000 || rate > 768_000 || channels < 1 || channels > 64) {
            throw DecodedReader.unreadable("it claims %d Hz and %d channels".formatted(rate, channels));
        }
        String container = format.path("format_name").asString("").split(",", 2)[0];
        return new AudioFacts(
                container, stream.path("codec_name").asString("unknown"), rate, channels, duration(stream, format));
    }

    private static Optional<Duration> duration(JsonNode stream, JsonNode format) {
        String[] base = stream.path("time_base").asString("").split("/", 2);
        double seconds;
        try {
            seconds = stream.has("duration_ts") && base.length == 2
                    ? stream.path("duration_ts").asDouble(0) * Double.parseDouble(base[0]) / Double.parseDouble(base[1])
                    : Double.parseDouble(format.path("duration").asString("0"));
        } catch (NumberFormatException notSaid) {
            return Optional.empty();
        }
        // Beyond a century it is damage, not length.
        return seconds > 0 && seconds < 3.2e9
                ? Optional.of(Duration.ofNanos(Math.round(seconds * 1e9)))
                : Optional.empty();
    }
}
