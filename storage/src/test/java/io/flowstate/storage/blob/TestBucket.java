package io.flowstate.storage.blob;

import io.flowstate.core.Secret;
import io.flowstate.testkit.S3Server;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** How the bucket of the test server is reached, there or by way of another port. */
final class TestBucket {
    static final S3Config.Credentials CREDENTIALS =
            new S3Config.Credentials(S3Server.ACCESS_KEY, new Secret(S3Server.SECRET_KEY));

    private TestBucket() {}

    static S3Config config(S3Server server) {
        return config(server.port(), "", Duration.ofSeconds(30));
    }

    static S3Config config(int port, String prefix, Duration attemptTimeout) {
        return new S3Config(
                Optional.of(URI.create("http://127.0.0.1:" + port)),
                "us-east-1",
                S3Server.BUCKET,
                prefix,
                true,
                Optional.of(CREDENTIALS),
                attemptTimeout,
                3);
    }
}
