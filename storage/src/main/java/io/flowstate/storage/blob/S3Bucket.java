package io.flowstate.storage.blob;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** One bucket and the client that talks to it: whatever fails comes out as an {@link IOException} that says where and what. Thread-safe. */
final class S3Bucket implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LONGEST_STALL = Duration.ofSeconds(30);
    /** An open stream holds one. */
    private static final int MAX_CONNECTIONS = 256;

    private static final int INSUFFICIENT_STORAGE = 507;

    /** One request. */
    @FunctionalInterface
    interface Call<T> {
        T on(S3Client client);
    }

    private final S3Client client;
    private final String name;
    private final String prefix;

    S3Bucket(S3Config config) {
        this.client = client(config);
        this.name = config.bucket();
        this.prefix = config.prefix();
    }

    String name() {
        return name;
    }

    String prefix() {
        return prefix;
    }

    /** The name under which a blob lies in the bucket. */
    String object(String key) {
        return prefix + Keys.require(key);
    }

    /**
     * Makes a request, retried as configured.
     *
     * @param what is attempted, e.g. {@code read}
     * @throws NoSuchFileException if the store knows no such object
     */
    <T> T call(String what, String key, Call<T> call) throws IOException {
        try {
            return call.on(client);
        } catch (NoSuchKeyException none) {
            throw new NoSuchFileException(key);
        } catch (SdkException failed) {
            throw failure(what, key, failed);
        }
    }

    @Override
    public void close() {
        client.close();
    }

    private IOException failure(String what, String key, SdkException cause) {
        String where = "s3://%s/%s%s: cannot %s".formatted(name, prefix, key, what);
        if (cause instanceof AbortedException) {
            InterruptedIOException interrupted = new InterruptedIOException(where + ": interrupted");
            interrupted.initCause(cause);
            return interrupted;
        }
        return new IOException(where + ": " + reason(cause), cause);
    }

    private static String reason(SdkException cause) {
        if (!(cause instanceof AwsServiceException answer)) {
            return String.valueOf(cause.getMessage());
        }
        AwsErrorDetails details = answer.awsErrorDetails();
        String code = details == null || details.errorCode() == null ? "no error code" : details.errorCode();
        boolean full = answer.statusCode() == INSUFFICIENT_STORAGE
                || code.contains("QuotaExceeded")
                || code.contains("StorageFull");
        return "%s%d %s, %s"
                .formatted(full ? "no space left in the store: " : "", answer.statusCode(), code, answer.getMessage());
    }

    private static S3Client client(S3Config config) {
        Duration stall = config.attemptTimeout().compareTo(LONGEST_STALL) < 0 ? config.attemptTimeout() : LONGEST_STALL;
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(config.region()))
                .credentialsProvider(credentials(config))
                .forcePathStyle(config.pathStyle())
                // The checksums that the SDK adds of late, and the chunked signatures, are not understood by every
                // other store. What goes up over plain HTTP is signed
                // with its SHA-256 instead, which all understand and check.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
                .overrideConfiguration(calls -> calls.apiCallAttemptTimeout(config.attemptTimeout())
                        .retryStrategy(retries -> retries.maxAttempts(config.attempts())))
                .httpClientBuilder(Apache5HttpClient.builder()
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .socketTimeout(stall)
                        .maxConnections(MAX_CONNECTIONS));
        config.endpoint().ifPresent(builder::endpointOverride);
        return builder.build();
    }

    private static AwsCredentialsProvider credentials(S3Config config) {
        return config.credentials()
                .<AwsCredentialsProvider>map(given -> StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        given.accessKeyId(), given.secretAccessKey().value())))
                .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    }
}
