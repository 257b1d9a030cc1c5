package io.flowstate.testkit;

import java.net.URI;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/**
 * A real S3-compatible server in this process, on a port of its own, that keeps its objects in memory and checks every signature. A module that uses it names s3proxy among
 * its own test dependencies.
 */
public final class S3Server implements AutoCloseable {
    public static final String BUCKET = "flowstate-test";
    public static final String ACCESS_KEY = "tester";
    public static final String SECRET_KEY = "let-me-in";

    private final S3Proxy server;
    private final TransientNio2BlobStore objects = new TransientNio2BlobStore();

    public S3Server() throws Exception {
        this(BUCKET, ACCESS_KEY, SECRET_KEY);
    }

    /** One whose only bucket and user are these. */
    public S3Server(String bucket, String accessKey, String secretKey) throws Exception {
        objects.createContainer(bucket);
        server = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, accessKey, secretKey)
                .build();
        server.start();
    }

    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception stuck) {
            throw new IllegalStateException("the S3 server did not stop", stuck);
        }
        objects.close();
    }
}
