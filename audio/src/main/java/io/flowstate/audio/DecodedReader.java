package io.flowstate.audio;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A file decoded by ffmpeg at its own rate, with its own number of channels. */
final class DecodedReader implements ClipReader {
    /** Containers whose announced length can be trusted, and how far a whole file may stay below it: encoders round up to their blocks. */
    private static final Map<String, Duration> EXACT = Map.of(
            "flac", Duration.ZERO,
            "wv", Duration.ZERO,
            "tta", Duration.ZERO,
            "ape", Duration.ZERO,
            "w64", Duration.ofMillis(250),
            "wav", Duration.ofMillis(250),
            "aiff", Duration.ofMillis(250),
            "caf", Duration.ofMillis(250),
            "mov", Duration.ofMillis(250));

    /** Above are the deaths by signal. Below, ffmpeg tells of packets that it could not decode, the rest of which is good. */
    private static final int LAST_ORDINARY_EXIT = 127;

    /** Up to here ffmpeg has a layout for every number, in which it brings the channels; see {@link Downmix}. */
    private static final int MOST_NAMED_CHANNELS = 8;

    private final AudioFacts facts;
    private final boolean allowTruncated;
    private final Duration longest;
    private final Child child;
    private final FrameSource source;
    private final AtomicLong frames = new AtomicLong();

    DecodedReader(
            FfmpegTools tools,
            AudioInput input,
            AudioFacts facts,
            boolean allowTruncated,
            Duration longest,
            Cancellation cancellation) {
        this.facts = facts;
        this.allowTruncated = allowTruncated;
        this.longest = longest;
        this.child = Child.reading(tools, tools.ffmpeg(), options(facts), input.file(), cancellation);
        this.source = new FrameSource(child, facts.channels());
    }

    private static List<String> options(AudioFacts facts) {
        List<String> options =
                new ArrayList<>(List.of("-nostdin", "-v", "error", "-threads", "1", "-vn", "-sn", "-dn"));
        options.addAll(MediaProbe.SAFE_INPUT);
        options.addAll(List.of("-map", "0:a:0", "-filter_threads", "1"));
        // Named although nothing changes: a stream that switches rate or layout in its middle is brought back to what
        // was announced.
        options.addAll(List.of("-ar", "" + facts.sampleRateHz()));
        if (facts.channels() <= MOST_NAMED_CHANNELS) {
            options.addAll(List.of("-ac", "" + facts.channels()));
        }
        options.addAll(List.of("-c:a", Encoding.F32.codec(), "-f", Encoding.F32.demuxer(), "pipe:1"));
        return options;
    }

    @Override
    public int channels() {
        return facts.channels();
    }

    @Override
    public int sampleRateHz() {
        return facts.sampleRateHz();
    }

    @Override
    public int read(float[][] into, int offset, int max) {
        int count = source.read(into, offset, max);
        if (count < 0) {
            checkEnd();
            return -1;
        }
        frames.addAndGet(count);
        if (frames.get() > framesOf(longest)) {
            close();
            throw FlowError.of(Code.TOO_LARGE, "The audio is longer than %d hours.", longest.toHours())
                    .advice("Cut it into parts.");
        }
        return count;
    }

    private void checkEnd() {
        int exit = child.awaitExit();
        long got = frames.get();
        if (got == 0 && exit == 0) {
            throw empty();
        }
        if (got == 0 || exit > LAST_ORDINARY_EXIT) {
            throw unreadable(child.complaint());
        }
        if (!allowTruncated && missing().isPresent()) {
            double announced = facts.duration().orElseThrow().toNanos() / 1e9;
            throw truncated(facts.container(), seconds(got, facts.sampleRateHz()), announced);
        }
    }

    @Override
    public Optional<Duration> missing() {
        Optional<Duration> tolerance = Optional.ofNullable(EXACT.get(facts.container()));
        if (tolerance.isEmpty() || facts.duration().isEmpty()) {
            return Optional.empty();
        }
        Duration announced = facts.duration().get();
        // One frame for the rounding of a length that was given in seconds.
        return frames.get() + 1 < framesOf(announced.minus(tolerance.get()))
                ? missing(frames.get(), framesOf(announced), facts.sampleRateHz())
                : Optional.empty();
    }

    static Optional<Duration> missing(long frames, long announced, int sampleRateHz) {
        return frames < announced
                ? Optional.of(Duration.ofNanos(Math.round(1e9 * seconds(announced - frames, sampleRateHz))))
                : Optional.empty();
    }

    private long framesOf(Duration duration) {
        return Math.round(duration.toNanos() / 1e9 * facts.sampleRateHz());
    }

    static double seconds(long frames, int sampleRateHz) {
        return (double) frames / sampleRateHz;
    }

    static FlowError empty() {
        return FlowError.of(Code.AUDIO_EMPTY, "The file holds no audio samples.")
                .advice("Check that the recording or export was finished, and send the file again.");
    }

    static FlowError unreadable(String why) {
        return FlowError.of(Code.AUDIO_UNREADABLE, "The file cannot be decoded as audio: %s.", why)
                .advice(
                        "Send an audio file such as WAV, FLAC, MP3, Ogg, Opus, M4A or AIFF; a damaged one has to be exported again.");
    }

    static FlowError truncated(String container, double got, double announced) {
        return FlowError.of(
                        Code.AUDIO_TRUNCATED,
                        "The %s stream ends after %.2f s of %.2f s.",
                        container.toUpperCase(Locale.ROOT),
                        got,
                        announced)
                .advice(
                        "Send the whole file again, or set allow_truncated=true (--allow-truncated) to use what is there.");
    }

    @Override
    public long sourceFrames() {
        return frames.get();
    }

    @Override
    public void close() {
        child.close();
    }
}
