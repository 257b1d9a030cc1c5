package io.flowstate.storage.blob;

import io.flowstate.core.spi.BlobStore.Writer;
import io.flowstate.testkit.FaultyWire;
import io.flowstate.testkit.S3Server;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;

/** A server, the wire to it, and two stores on it: one behind the faults and one past them. Each has at most one blob. */
final class FaultyStore {
    static final Instant LATER = Instant.parse("9999-01-01T00:00:00Z");
    static final int THREE_PARTS = 2 * S3Writer.PART_BYTES + 1000;
    /** As configured in {@link TestBucket}. */
    static final int ATTEMPTS = 3;

    private static final String KEY = "a";

    final S3Server server = new S3Server();
    final FaultyWire wire = new FaultyWire(server.port());
    /** Behind the faults. */
    final S3Blobs blobs = behind(Duration.ofSeconds(30));
    /** Past them. */
    final S3Blobs direct = new S3Blobs(TestBucket.config(server));

    FaultyStore() throws Exception {}

    void stop() throws Exception {
        blobs.close();
        direct.close();
        wire.close();
        server.close();
    }

    /** Another one behind the faults. */
    S3Blobs behind(Duration attemptTimeout) {
        return new S3Blobs(TestBucket.config(wire.port(), "", attemptTimeout));
    }

    void put(byte[] bytes) throws IOException {
        put(blobs, bytes);
    }

    byte[] read(long from, long length) throws IOException {
        return read(blobs, from, length);
    }

    void putDirectly(byte[] bytes) throws IOException {
        put(direct, bytes);
    }

    byte[] readDirectly() throws IOException {
        return read(direct, 0, Long.MAX_VALUE);
    }

    boolean isThere() throws IOException {
        return direct.size(KEY).isPresent();
    }

    static byte[] read(S3Blobs from, long start, long length) throws IOException {
        try (InputStream in = from.read(KEY, start, length)) {
            return in.readAllBytes();
        }
    }

    static void put(S3Blobs to, byte[] bytes) throws IOException {
        try (Writer writer = to.create(KEY)) {
            writer.write(bytes);
            writer.commit();
        }
    }

    /** Others for each length. */
    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }
}
