package io.flowstate.storage.blob;

import io.flowstate.core.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/** A real S3-compatible server in this process, on a port of its own, that keeps its objects in memory and checks every signature. */
final class S3Server {
    static final String BUCKET = "flowstate-test";
    static final S3Config.Credentials CREDENTIALS = new S3Config.Credentials("tester", new Secret("let-me-in"));

    private final S3Proxy server;
    private final TransientNio2BlobStore objects = new TransientNio2BlobStore();

    S3Server() throws Exception {
        objects.createContainer(BUCKET);
        server = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(
                        AuthenticationType.AWS_V4,
                        CREDENTIALS.accessKeyId(),
                        CREDENTIALS.secretAccessKey().value())
                .build();
        server.start();
    }

    int port() {
        return server.getPort();
    }

    S3Config config() {
        return config(port(), "", Duration.ofSeconds(30));
    }

    static S3Config config(int port, String prefix, Duration attemptTimeout) {
        return new S3Config(
                Optional.of(URI.create("http://127.0.0.1:" + port)),
                "us-east-1",
                BUCKET,
                prefix,
                true,
                Optional.of(CREDENTIALS),
                attemptTimeout,
                3);
    }

    void stop() throws Exception {
        server.stop();
        objects.close();
    }
}
