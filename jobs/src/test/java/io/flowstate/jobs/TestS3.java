package io.flowstate.jobs;

import io.flowstate.core.Secret;
import io.flowstate.storage.blob.S3Blobs;
import io.flowstate.storage.blob.S3Config;
import io.flowstate.testkit.S3Server;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * An S3-compatible store, which starts when it is first asked for something. Registered as a static extension it is there for a class of tests; otherwise whoever made it closes
 * it. With the test, or with it, go the places in the store that it gave. Thread-safe.
 */
final class TestS3 implements AutoCloseable, AfterEachCallback, AfterAllCallback {
    private final List<S3Blobs> places = new CopyOnWriteArrayList<>();
    private @Nullable S3Server server;

    private synchronized S3Server server() {
        if (server == null) {
            try {
                server = new S3Server();
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        }
        return server;
    }

    int port() {
        return server().port();
    }

    /** A place of its own in the bucket. */
    S3Blobs blobs() {
        return blobs(port(), Duration.ofSeconds(30), 3);
    }

    /** The same on the way to the server, with a patience of its own. */
    S3Blobs blobs(int port, Duration attemptTimeout, int attempts) {
        S3Blobs place = new S3Blobs(new S3Config(
                Optional.of(URI.create("http://127.0.0.1:" + port)),
                "us-east-1",
                S3Server.BUCKET,
                UUID.randomUUID() + "/",
                true,
                Optional.of(new S3Config.Credentials(S3Server.ACCESS_KEY, new Secret(S3Server.SECRET_KEY))),
                attemptTimeout,
                attempts));
        places.add(place);
        return place;
    }

    @Override
    public void afterEach(ExtensionContext test) {
        places.forEach(S3Blobs::close);
        places.clear();
    }

    @Override
    public void afterAll(ExtensionContext tests) {
        close();
    }

    @Override
    public synchronized void close() {
        places.forEach(S3Blobs::close);
        places.clear();
        if (server != null) {
            server.close();
        }
    }
}
