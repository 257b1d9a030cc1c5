package io.flowstate.audio;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Encodes with ffmpeg. The caller feeds it; a virtual thread carries the encoded bytes to the target stream. */
final class EncodedWriter implements ClipWriter {
    private final Child child;
    private final FrameSink sink;
    private final OutputStream to;
    private final Companion pump;

    EncodedWriter(FfmpegTools tools, OutputStream to, AudioFormat format, Layout layout, Cancellation cancellation) {
        Encoding fed = format.container().isLossy() ? Encoding.F32 : WavWriter.encoding(format.bits());
        this.to = to;
        this.child = Child.fed(tools, options(format, fed, layout), cancellation);
        this.sink = new FrameSink(fed, layout.channels(), child::write);
        this.pump = Companion.start("encoder-pump", this::pump);
    }

    private static List<String> options(AudioFormat format, Encoding fed, Layout layout) {
        List<String> options = new ArrayList<>(List.of("-v", "error", "-f", fed.demuxer()));
        options.addAll(List.of("-ar", "" + layout.sampleRateHz(), "-ac", "" + layout.channels(), "-i", "pipe:0"));
        // The same samples give the same bytes: no encoder versions, no random serial numbers.
        options.addAll(List.of("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"));
        options.addAll(
                switch (format.container()) {
                    case WAV -> throw new IllegalArgumentException("WAV is written without ffmpeg");
                    case FLAC -> List.of("-c:a", "flac", "-compression_level", "5", "-f", "flac");
                    case MP3 ->
                        List.of(
                                "-c:a",
                                "libmp3lame",
                                "-b:a",
                                bitrate(format, layout),
                                "-f",
                                "mp3",
                                "-write_xing",
                                "0",
                                "-id3v2_version",
                                "0");
                    case OPUS -> List.of("-c:a", "libopus", "-b:a", bitrate(format, layout), "-f", "ogg");
                    // A pipe cannot be rewound for an index at the end: fragments of two seconds, and a start that says
                    // how much of the first is priming.
                    case M4A ->
                        List.of(
                                "-c:a",
                                "aac",
                                "-b:a",
                                bitrate(format, layout),
                                "-f",
                                "mp4",
                                "-movflags",
                                "+empty_moov+delay_moov+default_base_moof",
                                "-frag_duration",
                                "2000000");
                });
        options.add("pipe:1");
        return options;
    }

    private static String bitrate(AudioFormat format, Layout layout) {
        int kbps = format.effectiveBitrateKbps();
        boolean isOpus = format.container() == AudioFormat.Container.OPUS;
        // libopus refuses more than 256 kbit/s per channel.
        return (isOpus ? Math.min(kbps, 256 * layout.channels()) : kbps) + "k";
    }

    private void pump() throws IOException {
        byte[] chunk = new byte[32 * 1024];
        try {
            for (int n = child.read(chunk, 0, chunk.length); n >= 0; n = child.read(chunk, 0, chunk.length)) {
                to.write(chunk, 0, n);
            }
        } catch (IOException targetGone) {
            // The writing side must not wait for an encoder whose output nobody takes.
            child.close();
            throw targetGone;
        }
    }

    @Override
    public void write(float[][] planar, int offset, int frames) throws IOException {
        pump.rethrow();
        try {
            sink.write(planar, offset, frames);
        } catch (IOException pipeBroke) {
            checkEnd();
            throw pipeBroke;
        }
    }

    @Override
    public void finish() throws IOException {
        child.endInput();
        checkEnd();
        to.flush();
    }

    private void checkEnd() throws IOException {
        pump.join();
        pump.rethrow();
        if (child.awaitExit() != 0) {
            throw FlowError.of(Code.INTERNAL_ERROR, "ffmpeg could not encode the output: %s.", child.complaint());
        }
    }

    @Override
    public void close() {
        child.close();
        pump.join();
    }
}
