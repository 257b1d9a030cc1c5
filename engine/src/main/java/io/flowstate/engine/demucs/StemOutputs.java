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

/**
 * The files that a separation gives: sums the stems of each, treats what goes over full scale, and encodes as samples come. Used by one thread at a time.
 */
final class StemOutputs implements AutoCloseable {
    private static final int BLOCK = 1 << 14;
    private static final float HEADROOM = 1.01f;

    private final AudioFiles audio;
    private final Outputs outputs;
    private final Target target;
    private final Cancellation cancellation;
    private final List<Track> tracks = new ArrayList<>();
    private final float[][] block = new float[HtDemucs.CHANNELS][BLOCK];
    private double gain = 1;
    private long clipped;

    /**
     * What every file of a run has in common.
     *
     * @param frames of the output, at its own rate
     * @param scratch folder where {@link ClipMode#RESCALE} keeps samples until it knows the gain
     */
    record Target(AudioFormat format, ClipMode clip, int sampleRateHz, long frames, Path scratch) {}

    /** @param stems their places in the model's order */
    private record Track(Part part, List<Integer> stems, SampleSink sink) {}

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
        try {
            for (Part part : parts) {
                List<Integer> stems =
                        part.sumOf().stream().map(available::indexOf).toList();
                SampleSink sink =
                        target.clip() == ClipMode.RESCALE ? new SampleSpool(target.scratch()) : encode(part.name());
                tracks.add(new Track(part, stems, sink));
            }
        } catch (IOException refused) {
            FlowError failure = unwritable(refused);
            closeAfter(failure);
            throw failure;
        } catch (RuntimeException failure) {
            closeAfter(failure);
            throw failure;
        }
    }

    /** See {@link Separation.Sink#write}. */
    void write(float[][] rows, int from, int count) {
        try {
            for (Track track : tracks) {
                for (int done = 0; done < count; done += BLOCK) {
                    int length = Math.min(BLOCK, count - done);
                    sum(track.stems, rows, from + done, length);
                    if (target.clip() == ClipMode.CLAMP) {
                        clipped += clamp(length);
                    }
                    track.sink.write(block, 0, length);
                }
            }
        } catch (IOException refused) {
            cancellation.throwIfCanceled();
            throw unwritable(refused);
        }
    }

    /** Completes all files. */
    void finish() {
        try {
            for (Track track : tracks) {
                track.sink.finish();
            }
            if (target.clip() == ClipMode.RESCALE) {
                rescale();
            }
        } catch (IOException refused) {
            cancellation.throwIfCanceled();
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
            try {
                track.sink.close();
            } catch (RuntimeException failure) {
                first = first.or(() -> Optional.of(failure));
            }
        }
        first.ifPresent(failure -> {
            throw failure;
        });
    }

    private void closeAfter(RuntimeException failure) {
        try {
            close();
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
        }
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

    private static FlowError unwritable(IOException refused) {
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
