package io.flowstate.audio;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Samples of a WAV file, read without a child process. */
final class WavReader implements ClipReader {
    private static final int BUFFER_FRAMES = 8192;

    private final FileChannel file;
    private final WavHeader header;
    private final Cancellation cancellation;
    private final byte[] bytes;
    private final AtomicLong frames = new AtomicLong();

    /** Takes the channel over. */
    WavReader(FileChannel file, WavHeader header, Cancellation cancellation) {
        this.file = file;
        this.header = header;
        this.cancellation = cancellation;
        this.bytes = new byte[BUFFER_FRAMES * header.frameBytes()];
    }

    @Override
    public int channels() {
        return header.channels();
    }

    @Override
    public int sampleRateHz() {
        return header.sampleRateHz();
    }

    @Override
    public int read(float[][] into, int offset, int max) {
        cancellation.throwIfCanceled();
        int wanted = (int) Math.min(Math.min(max, BUFFER_FRAMES), header.frames() - frames.get());
        if (wanted == 0) {
            return -1;
        }
        int count = fill(wanted * header.frameBytes()) / header.frameBytes();
        if (count == 0) {
            return -1;
        }
        header.encoding().decode(bytes, count, into, offset);
        frames.addAndGet(count);
        return count;
    }

    private int fill(int length) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
        long at = header.dataStart() + frames.get() * header.frameBytes();
        try {
            while (buffer.hasRemaining()) {
                int n = file.read(buffer, at + buffer.position());
                if (n < 0) {
                    break;
                }
            }
        } catch (ClosedChannelException e) {
            throw FlowError.of(Code.CANCELED, "The audio was closed before its end.")
                    .causedBy(e);
        } catch (IOException e) {
            throw FlowError.of(Code.AUDIO_UNREADABLE, "The file could not be read to its end.")
                    .causedBy(e);
        }
        return buffer.position();
    }

    @Override
    public long sourceFrames() {
        return frames.get();
    }

    @Override
    public Optional<Duration> missing() {
        return DecodedReader.missing(header.frames(), header.announcedFrames(), header.sampleRateHz());
    }

    @Override
    public void close() {
        close(file);
    }

    static void close(FileChannel file) {
        try {
            file.close();
        } catch (IOException nothingWasWritten) {
            // A file that was only read loses nothing.
        }
    }
}
