package io.flowstate.server;

import io.flowstate.core.Cancellation;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
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
    private final Cancellation cancellation;
    private final Clock clock;
    private final ZipOutputStream zip;
    private final List<Spooled> waiting = new ArrayList<>();
    private boolean opened;

    private record Spooled(Description description, Path file, OutputStream stream) {}

    ZippedStems(Exchange exchange, String track, Spool.Room room, Cancellation cancellation, Clock clock) {
        this.exchange = exchange;
        this.track = track;
        this.room = room;
        this.cancellation = cancellation;
        this.clock = clock;
        this.zip = new ZipOutputStream(new BufferedOutputStream(exchange.stream(cancellation), BUFFER_BYTES));
        zip.setLevel(Deflater.NO_COMPRESSION);
    }

    @Override
    public OutputStream open(Description description) throws IOException {
        if (!opened) {
            opened = true;
            exchange.set("Content-Disposition", FileNames.attachment(track + "-stems.zip"));
            exchange.begin(200, "application/zip", OptionalLong.empty());
            return new Live(description);
        }
        Path file = room.file(description.name());
        OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES);
        waiting.add(new Spooled(description, file, stream));
        return new Guarded(stream);
    }

    @Override
    public boolean discard() {
        if (exchange.isCommitted()) {
            return false;
        }
        exchange.clear();
        opened = false;
        for (Spooled spooled : waiting) {
            try {
                spooled.stream().close();
            } catch (IOException unwritten) {
                log.debug("{}: its bytes are dropped anyway", spooled.file(), unwritten);
            }
        }
        waiting.clear();
        return true;
    }

    @Override
    public void finish() throws IOException {
        for (Spooled spooled : waiting) {
            zip.putNextEntry(entry(spooled.description()));
            Files.copy(spooled.file(), zip);
            zip.closeEntry();
            Files.delete(spooled.file());
        }
        zip.finish();
        zip.flush();
        exchange.end();
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

    /** The entry that is sent while it is made; its head goes with its first byte, so that until then another attempt can start afresh. */
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

        @Override
        public void close() throws IOException {
            begin();
            zip.closeEntry();
            zip.flush();
        }

        private void begin() throws IOException {
            if (!begun) {
                begun = true;
                zip.putNextEntry(entry(description));
            }
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
