package io.flowstate.jobs;

import io.flowstate.core.Secret;
import io.flowstate.storage.blob.S3Blobs;
import io.flowstate.storage.blob.S3Config;
import io.flowstate.testkit.S3Server;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** An S3-compatible store of its own for a class of tests. */
final class TestS3 implements AutoCloseable {
    private final S3Server server;

    TestS3() throws Exception {
        this.server = new S3Server();
    }

    /** A place of its own in the bucket for each test. */
    S3Blobs blobs() {
        return blobs(server.port(), Duration.ofSeconds(30), 3);
    }

    int port() {
        return server.port();
    }

    /** A place of its own on a server like this one, or on the way to it. */
    static S3Blobs blobs(int port, Duration attemptTimeout, int attempts) {
        return new S3Blobs(new S3Config(
                Optional.of(URI.create("http://127.0.0.1:" + port)),
                "us-east-1",
                S3Server.BUCKET,
                UUID.randomUUID() + "/",
                true,
                Optional.of(new S3Config.Credentials(S3Server.ACCESS_KEY, new Secret(S3Server.SECRET_KEY))),
                attemptTimeout,
                attempts));
    }

    @Override
    public void close() {
        server.close();
    }
}
