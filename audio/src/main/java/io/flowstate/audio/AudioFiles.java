package io.flowstate.audio;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.AudioProbe;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Opens and makes audio files. WAV is read and written here; every other format, and every change of rate, is a run of ffmpeg over pipes. All of it streams: no
 * file is ever held whole. Thread-safe; the readers and writers are used by one thread each, on which they block.
 */
public final class AudioFiles implements AudioProbe {
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final int[] MP3_RATES = {8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000};
    private static final int[] AAC_RATES = {
        8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000
    };

    private final FfmpegTools tools;
    private final Duration longest;

    public AudioFiles(FfmpegTools tools) {
        this(tools, LONGEST);
    }

    /** @param longest more than this is not decoded: a few kilobytes can claim to be years */
    AudioFiles(FfmpegTools tools, Duration longest) {
        this.tools = tools;
        this.longest = longest;
    }

    @Override
    public AudioFacts probe(AudioInput input, Cancellation cancellation) {
        try (FileChannel file = FileChannel.open(input.file(), StandardOpenOption.READ)) {
            if (file.size() == 0) {
                throw DecodedReader.empty();
            }
            Optional<WavHeader> wav = WavHeader.read(file);
            return wav.isPresent() ? facts(wav.get()) : new MediaProbe(tools).probe(input, cancellation);
        } catch (IOException e) {
            throw notReadable(e);
        }
    }

    private static AudioFacts facts(WavHeader wav) {
        if (wav.frames() == 0 && wav.announcedFrames() == 0) {
            throw DecodedReader.empty();
        }
        double seconds = DecodedReader.seconds(wav.announcedFrames(), wav.sampleRateHz());
        return new AudioFacts(
                "wav",
                wav.encoding().codec(),
                wav.sampleRateHz(),
                wav.channels(),
                Optional.of(Duration.ofNanos(Math.round(seconds * 1e9))));
    }

    /**
     * Decodes a file as planar floats of the shape wanted. One channel is doubled for two, more are mixed down as {@link Downmix} says, other rates are resampled.
     *
     * @param facts of this input, from {@link #probe}
     * @param allowTruncated whether a file that ends before its announced length is used as it is
     * @throws FlowError {@code AUDIO_UNREADABLE}, {@code AUDIO_EMPTY}, {@code AUDIO_TRUNCATED}, {@code TOO_LARGE}, {@code TOOL_MISSING}; here or while reading
     */
    public ClipReader open(
            AudioInput input, AudioFacts facts, Layout wanted, boolean allowTruncated, Cancellation cancellation) {
        Source source = source(input, facts, allowTruncated, cancellation);
        ClipReader reader = source.reader;
        try {
            float[][] matrix = Downmix.matrix(reader.channels(), source.speakers, wanted.channels());
            // Fewer channels are cheaper to resample: down before, up after.
            if (reader.channels() > wanted.channels()) {
                reader = new MixedReader(reader, matrix);
            }
            if (reader.sampleRateHz() != wanted.sampleRateHz()) {
                reader = new ResampledReader(tools, reader, wanted.sampleRateHz(), cancellation);
            }
            return reader.channels() < wanted.channels() ? new MixedReader(reader, matrix) : reader;
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    private record Source(ClipReader reader, int speakers) {}

    private Source source(AudioInput input, AudioFacts facts, boolean allowTruncated, Cancellation cancellation) {
        Optional<Source> wav =
                facts.container().equals("wav") ? wav(input, allowTruncated, cancellation) : Optional.empty();
        return wav.orElseGet(
                () -> new Source(new DecodedReader(tools, input, facts, allowTruncated, longest, cancellation), 0));
    }

    private static Optional<Source> wav(AudioInput input, boolean allowTruncated, Cancellation cancellation) {
        FileChannel file = null;
        boolean handedOver = false;
        try {
            file = FileChannel.open(input.file(), StandardOpenOption.READ);
            Optional<WavHeader> header = WavHeader.read(file);
            if (header.isEmpty()) {
                return Optional.empty();
            }
            WavHeader wav = header.get();
            if (wav.frames() < wav.announcedFrames() && !allowTruncated) {
                throw DecodedReader.truncated(
                        "wav",
                        DecodedReader.seconds(wav.frames(), wav.sampleRateHz()),
                        DecodedReader.seconds(wav.announcedFrames(), wav.sampleRateHz()));
            }
            if (wav.frames() == 0) {
                throw DecodedReader.empty();
            }
            handedOver = true;
            return Optional.of(new Source(new WavReader(file, wav, cancellation), wav.speakers()));
        } catch (IOException e) {
            throw notReadable(e);
        } finally {
            if (file != null && !handedOver) {
                WavReader.close(file);
            }
        }
    }

    private static FlowError notReadable(IOException e) {
        return FlowError.of(Code.AUDIO_UNREADABLE, "The file could not be read.")
                .advice("Check that it exists and may be read.")
                .causedBy(e);
    }

    /**
     * Makes a file of exactly {@code frames} frames; the container's own granularity may add silence at the end of an m4a.
     *
     * @param from shape of the samples that will be written
     * @param outRateHz the file's rate; Opus always has 48 kHz, and mp3 and m4a take the nearest rate that they know
     * @param frames length at {@code outRateHz}; when that is also the rate written, just as many frames have to come
     */
    public ClipWriter create(
            OutputStream to, AudioFormat format, Layout from, int outRateHz, long frames, Cancellation cancellation) {
        int rate = encodedRate(format.container(), outRateHz);
        long length = RateChange.frames(frames, outRateHz, rate);
        Layout layout = new Layout(rate, from.channels());
        ClipWriter writer = format.container() == Container.WAV
                ? new WavWriter(to, format.bits(), layout, length, cancellation)
                : new EncodedWriter(
                        tools, withLength(to, format.container(), length, rate), format, layout, cancellation);
        if (rate == from.sampleRateHz()) {
            return writer;
        }
        try {
            RateChange change = new RateChange(tools, from.channels(), from.sampleRateHz(), rate, cancellation);
            return new ResampledWriter(change, writer, from.channels(), length);
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    /** Encoders on a pipe cannot go back to the head of the file when they know the length; it is known here. */
    private static OutputStream withLength(OutputStream to, Container container, long frames, int rateHz) {
        return switch (container) {
            case FLAC -> new FlacLength(to, frames);
            case MP3 -> new Mp3Length(to, frames, rateHz);
            case WAV, OPUS, M4A -> to;
        };
    }

    private static int encodedRate(Container container, int rateHz) {
        return switch (container) {
            case WAV, FLAC -> rateHz;
            case OPUS -> 48_000;
            case MP3 -> nearest(MP3_RATES, rateHz);
            case M4A -> nearest(AAC_RATES, rateHz);
        };
    }

    /** The rate itself; else the largest that divides it, so that 192 kHz becomes 48 and 176.4 becomes 44.1; else the next one above, or the highest. */
    private static int nearest(int[] rates, int rateHz) {
        return Arrays.stream(rates)
                .filter(rate -> rate >= 32_000 && rateHz % rate == 0)
                .max()
                .orElseGet(() -> Arrays.stream(rates)
                        .filter(rate -> rate >= rateHz)
                        .findFirst()
                        .orElse(rates[rates.length - 1]));
    }

    /** Exact size of the file that {@link #create} would write at the rate of {@code frames}; empty where it depends on the samples. */
    public static OptionalLong sizeOf(AudioFormat format, int channels, long frames) {
        return format.container() == Container.WAV
                ? OptionalLong.of(WavWriter.size(format.bits(), channels, frames))
                : OptionalLong.empty();
    }
}
