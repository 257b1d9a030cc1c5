package io.flowstate.engine.demucs;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.ClipWriter;
import io.flowstate.audio.Layout;
import io.flowstate.core.AudioFormat;
import io.flowstate.core.Cancellation;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Code;
import io.flowstate.core.DiskFull;
import io.flowstate.core.FlowError;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection.Part;
import io.flowstate.core.spi.Outputs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files that a separation gives: sums the stems of each, treats what goes over full scale, and encodes as samples come. Used by one thread at a time.
 *
 * <p>Stems come in passes over the whole track, each of which gives some of them: {@link #begin}, {@link #write} for all samples in order, {@link #end}; after the last pass {@link #finish}.
 * A file is opened in the pass that brings the last of its stems, and before that, if its stems come in several passes, they are summed aside.
 */
final class StemOutputs implements AutoCloseable {
    private static final int BLOCK = 1 << 14;
    private static final float HEADROOM = 1.01f;

    private final AudioFiles audio;
    private final Outputs outputs;
    private final Target target;
    private final Cancellation cancellation;
    private final List<Stem> available;
    private final List<Track> tracks = new ArrayList<>();
    /** Those to which the present pass brings something. */
    private List<Track> present = List.of();

    private final float[][] block = new float[HtDemucs.CHANNELS][BLOCK];
    private double gain = 1;
    private long clipped;

    /**
     * What every file of a run has in common.
     *
     * @param frames of the output, at its own rate
     * @param scratch folder for samples that wait for a gain or for other stems
     */
    record Target(AudioFormat format, ClipMode clip, int sampleRateHz, long frames, Path scratch) {}

    private static final class Track {
        private final Part part;
        /** Those of the present pass; their places in the model's order. */
        private List<Integer> stems = List.of();
        /** How many stems later passes bring. */
        private int missing;

        private @Nullable PartialSum before;
        private @Nullable SampleSink sink;

        Track(Part part) {
            this.part = part;
            this.missing = part.sumOf().size();
        }
    }

    /** @param available the model's stems, in its order */
    StemOutputs(
            AudioFiles audio,
            Outputs outputs,
            List<Part> parts,
            List<Stem> available,
            Target target,
            Cancellation cancellation) {
        this.audio = audio;
        this.outputs = outputs;
        this.target = target;
        this.cancellation = cancellation;
        this.available = List.copyOf(available);
        parts.forEach(part -> tracks.add(new Track(part)));
    }

    /** A pass begins that gives these stems. */
    void begin(List<Stem> given) {
        try {
            present = tracks.stream()
                    .filter(track -> track.part.sumOf().stream().anyMatch(given::contains))
                    .toList();
            for (Track track : present) {
                prepare(track, given);
            }
        } catch (IOException refused) {
            throw unwritable(refused);
        }
    }

    private void prepare(Track track, List<Stem> given) throws IOException {
        track.stems = track.part.sumOf().stream()
                .filter(given::contains)
                .map(available::indexOf)
                .toList();
        track.missing -= track.stems.size();
        if (track.before != null) {
            track.before.rewind();
        } else if (track.missing > 0) {
            track.before = new PartialSum(target.scratch(), BLOCK);
        }
        if (track.missing == 0) {
            track.sink =
                    target.clip() == ClipMode.RESCALE ? new SampleSpool(target.scratch()) : encode(track.part.name());
        }
    }

    /** See {@link Separation.Sink#write}. */
    void write(float[][] rows, int from, int count) {
        try {
            for (Track track : present) {
                for (int done = 0; done < count; done += BLOCK) {
                    write(track, rows, from + done, Math.min(BLOCK, count - done));
                }
            }
        } catch (IOException refused) {
            throw unwritable(refused);
        }
    }

    private void write(Track track, float[][] rows, int from, int length) throws IOException {
        sum(track.stems, rows, from, length);
        if (track.before != null) {
            track.before.addTo(block, length);
            if (track.missing > 0) {
                track.before.hold(block, length);
            }
        }
        if (track.sink != null) {
            if (target.clip() == ClipMode.CLAMP) {
                clipped += clamp(length);
            }
            track.sink.write(block, 0, length);
        }
    }

    /** The pass is over: completes the files of which it brought the last stem. */
    void end() {
        try {
            for (Track track : present) {
                if (track.sink != null) {
                    track.sink.finish();
                }
            }
        } catch (IOException refused) {
            throw unwritable(refused);
        }
    }

    /** Completes what had to wait for all samples. */
    void finish() {
        try {
            if (target.clip() == ClipMode.RESCALE) {
                rescale();
            }
        } catch (IOException refused) {
            throw unwritable(refused);
        }
    }

    double gain() {
        return gain;
    }

    long clippedSamples() {
        return clipped;
    }

    /** Closes all, whatever happens to one of them, and then throws what happened first. */
    @Override
    public void close() {
        Optional<RuntimeException> first = Optional.empty();
        for (Track track : tracks) {
            try (PartialSum _ = track.before;
                    SampleSink _ = track.sink) {
                // Closing is all.
            } catch (RuntimeException failure) {
                first = first.or(() -> Optional.of(failure));
            }
        }
        first.ifPresent(failure -> {
            throw failure;
        });
    }

    private void sum(List<Integer> stems, float[][] rows, int from, int length) {
        for (int channel = 0; channel < HtDemucs.CHANNELS; channel++) {
            float[] into = block[channel];
            System.arraycopy(rows[HtDemucs.CHANNELS * stems.getFirst() + channel], from, into, 0, length);
            for (int stem : stems.subList(1, stems.size())) {
                float[] row = rows[HtDemucs.CHANNELS * stem + channel];
                for (int i = 0; i < length; i++) {
                    into[i] += row[from + i];
                }
            }
        }
    }

    private int clamp(int length) {
        int over = 0;
        for (float[] channel : block) {
            for (int i = 0; i < length; i++) {
                if (Math.abs(channel[i]) > 1f) {
                    channel[i] = Math.copySign(1f, channel[i]);
                    over++;
                }
            }
        }
        return over;
    }

    /** One gain for all files, so that their balance stays and they still add up. */
    private void rescale() throws IOException {
        List<SampleSpool> spools = new ArrayList<>();
        float peak = 0;
        for (Track track : tracks) {
            if (track.sink instanceof SampleSpool spool) {
                spools.add(spool);
                peak = Math.max(peak, spool.peak());
            }
        }
        gain = peak > 1f ? 1 / (HEADROOM * peak) : 1;
        for (int i = 0; i < spools.size(); i++) {
            try (SampleSink encoder = encode(tracks.get(i).part.name())) {
                spools.get(i).replay((float) gain, block, encoder);
                encoder.finish();
            }
        }
    }

    private SampleSink encode(String name) throws IOException {
        OutputStream stream = outputs.open(new Outputs.Description(
                name, target.format(), AudioFiles.sizeOf(target.format(), HtDemucs.CHANNELS, target.frames())));
        try {
            Layout layout = new Layout(HtDemucs.SAMPLE_RATE_HZ, HtDemucs.CHANNELS);
            ClipWriter writer =
                    audio.create(stream, target.format(), layout, target.sampleRateHz(), target.frames(), cancellation);
            return new EncodedTrack(writer, stream);
        } catch (RuntimeException failed) {
            stream.close();
            throw failed;
        }
    }

    private FlowError unwritable(IOException refused) {
        cancellation.throwIfCanceled();
        if (DiskFull.isReasonOf(refused)) {
            return FlowError.of(Code.DISK_FULL, "The disk is full; the outputs could not be written.")
                    .advice("Free some space and run it again.")
                    .causedBy(refused);
        }
        return FlowError.of(
                        Code.OUTPUT_NOT_WRITABLE,
                        "An output could not be written: %s.",
                        String.valueOf(refused.getMessage()))
                .advice("Check the place where the outputs go.")
                .causedBy(refused);
    }
}
