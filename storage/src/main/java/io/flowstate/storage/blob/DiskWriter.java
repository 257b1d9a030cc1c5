package io.flowstate.storage.blob;

import io.flowstate.core.Reason;
import io.flowstate.core.spi.BlobStore;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A blob on its way to the disk. Used by one thread. */
final class DiskWriter extends BlobStore.Writer {
    private static final Logger log = LoggerFactory.getLogger(DiskWriter.class);
    private static final int BUFFER_BYTES = 1 << 16;

    private final DiskBlobs store;
    private final Path fresh;
    private final Path target;
    private final FileChannel channel;
    private final OutputStream out;
    private final WriterState state = new WriterState();

    DiskWriter(DiskBlobs store, Path fresh, Path target) throws IOException {
        this.store = store;
        this.fresh = fresh;
        this.target = target;
        this.channel = FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        this.out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
    }

    @Override
    public void write(int oneByte) throws IOException {
        state.write(() -> out.write(oneByte));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        state.write(() -> out.write(bytes, offset, length));
    }

    @Override
    public void commit() throws IOException {
        state.commit(() -> {
            out.flush();
            channel.force(true);
            channel.close();
            store.place(fresh, target);
        });
    }

    @Override
    public void close() {
        if (!state.close()) {
            return;
        }
        try {
            channel.close();
            Files.deleteIfExists(fresh);
        } catch (IOException stubborn) {
            log.warn("{} could not be removed: {}; the next sweep tries again", fresh, Reason.of(stubborn));
        }
    }
}
