package io.flowstate.server;

import io.flowstate.core.Cancellation;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several outputs as one zip, {@code song-stems/vocals.wav} and so on: unpacked, it is the folder that the command line leaves.
 *
 * <p>A zip holds its entries one after the other while a separation makes all of them at once, so the first that is opened is sent as it is made, and the others wait in
 * the spool until it is complete. Nothing is compressed, because audio hardly can be. Entries over 4 GiB get zip64 records by themselves.
 */
final class ZippedStems implements Delivery {
    private static final Logger log = LoggerFactory.getLogger(ZippedStems.class);
    private static final int BUFFER_BYTES = 64 << 10;

    private final Exchange exchange;
    private final String track;
    private final Spool.Room room;
    private final Outflow outflow;
    private final Cancellation cancellation;
    private final Clock clock;
    private final List<Spooled> waiting = new ArrayList<>();
    private Archive zip;
    private @Nullable Live live;

    private record Spooled(Description description, Path file, OutputStream stream) {}

    ZippedStems(
            Exchange exchange, String track, Spool.Room room, Outflow outflow, Cancellation cancellation, Clock clock) {
        this.exchange = exchange;
        this.track = track;
        this.room = room;
        this.outflow = outflow;
        this.cancellation = cancellation;
        this.clock = clock;
        this.zip = new Archive(outflow.stream());
    }

    @Override
    public Exchange exchange() {
        return exchange;
    }

    @Override
    public OutputStream open(Description description) throws IOException {
        if (live == null) {
            exchange.set("Content-Disposition", FileNames.attachment(track + "-stems.zip"));
            exchange.begin(200, "application/zip", OptionalLong.empty());
            live = new Live(description);
            return live;
        }
        Path file = room.file(description.name());
        OutputStream stream = new BufferedOutputStream(new Guarded(Files.newOutputStream(file)), BUFFER_BYTES);
        waiting.add(new Spooled(description, file, stream));
        return stream;
    }

    @Override
    public boolean discard() {
        if (!outflow.takeBack()) {
            return false;
        }
        exchange.clear();
        live = null;
        zip.release();
        zip = new Archive(outflow.stream());
        dropWaiting();
        return true;
    }

    @Override
    public void finish() throws IOException {
        outflow.made();
        if (live != null) {
            live.complete();
        }
        for (Spooled spooled : waiting) {
            zip.putNextEntry(entry(spooled.description()));
            try (InputStream bytes = taken(spooled.file())) {
                bytes.transferTo(zip);
            }
            zip.closeEntry();
        }
        zip.finish();
        zip.flush();
        outflow.end();
    }

    /** A file that cannot be read is the spool's failure, where an exception of its stream would pass for the client's departure. */
    private InputStream taken(Path file) {
        try {
            return new FilterInputStream(Files.newInputStream(file, StandardOpenOption.DELETE_ON_CLOSE)) {
                @Override
                public int read(byte[] into, int offset, int length) {
                    try {
                        return in.read(into, offset, length);
                    } catch (IOException unreadable) {
                        throw room.failure(unreadable);
                    }
                }
            };
        } catch (IOException unreadable) {
            throw room.failure(unreadable);
        }
    }

    @Override
    public void close() {
        try {
            outflow.close();
        } finally {
            zip.release();
            dropWaiting();
        }
    }

    private void dropWaiting() {
        for (Spooled spooled : waiting) {
            try {
                spooled.stream().close();
            } catch (IOException unwritten) {
                log.debug("{}: its bytes are dropped anyway", spooled.file(), unwritten);
            }
        }
        waiting.clear();
    }

    private ZipEntry entry(Description description) {
        ZipEntry entry = new ZipEntry("%s-stems/%s.%s"
                .formatted(
                        track,
                        description.name(),
                        description.format().container().id()));
        entry.setTime(clock.millis());
        return entry;
    }

    /**
     * The entry that is sent while it is made. Its head goes with its first byte, so that until then another attempt can start afresh; the provider's close adds nothing,
     * because it closes what has failed as well.
     */
    private final class Live extends OutputStream {
        private final Description description;
        private boolean begun;

        Live(Description description) {
            this.description = description;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            begin();
            zip.write(bytes, offset, length);
            zip.flush();
        }

        void complete() throws IOException {
            begin();
            zip.closeEntry();
        }

        private void begin() throws IOException {
            if (!begun) {
                begun = true;
                zip.putNextEntry(entry(description));
            }
        }
    }

    /** A zip that may be left unfinished. */
    private static final class Archive extends ZipOutputStream {
        Archive(OutputStream out) {
            super(new BufferedOutputStream(out, BUFFER_BYTES));
            setLevel(Deflater.NO_COMPRESSION);
        }

        /** Frees the native memory, where closing would write the end of the zip as well. */
        void release() {
            def.end();
        }
    }

    /** Says that the disk refused, where the provider could only say that an output did. */
    private final class Guarded extends FilterOutputStream {
        Guarded(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException refused) {
                cancellation.cancel(room.failure(refused));
                throw refused;
            }
        }
    }
}
