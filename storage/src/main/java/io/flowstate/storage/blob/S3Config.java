package io.flowstate.storage.blob;

import io.flowstate.core.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Where an S3-compatible store is, and how long it may take.
 *
 * @param endpoint e.g. {@code http://127.0.0.1:9000}; empty for Amazon's own in that region
 * @param region for requests to be signed with; stores without regions take {@code us-east-1}, some want {@code auto}
 * @param bucket it exists already, and this program may read, write, delete and list in it
 * @param prefix before each key: empty, or a key with a slash at its end. Others may have a place of their own below it, or beside it in the bucket
 * @param pathStyle {@code endpoint/bucket/key} rather than {@code bucket.endpoint/key}, as most stores other than Amazon's want it
 * @param credentials empty to look for them where Amazon's tools do: environment, {@code ~/.aws}, the container's or the machine's role
 * @param attemptTimeout for one attempt of one request: for 8 MiB to go up, or for an answer to begin; a download that stalls for that long or 30 s, whichever is less, is
 *     broken off
 * @param attempts of one request, the first included, when the store fails, is too busy, or does not answer
 */
public record S3Config(
        Optional<URI> endpoint,
        String region,
        String bucket,
        String prefix,
        boolean pathStyle,
        Optional<Credentials> credentials,
        Duration attemptTimeout,
        int attempts) {
    public static final Duration DEFAULT_ATTEMPT_TIMEOUT = Duration.ofMinutes(2);
    public static final int DEFAULT_ATTEMPTS = 5;

    /** A key pair that does not expire. */
    public record Credentials(String accessKeyId, Secret secretAccessKey) {
        public Credentials {
            require(!accessKeyId.isBlank() && !secretAccessKey.value().isBlank(), "credentials", "may not be blank");
        }
    }

    public S3Config {
        endpoint.ifPresent(uri -> require(
                uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())),
                "endpoint",
                "must be an address like https://s3.example.org, was \"" + uri + "\""));
        require(!region.isBlank(), "region", "may not be blank");
        require(!bucket.isBlank(), "bucket", "may not be blank");
        require(
                prefix.isEmpty() || (prefix.endsWith("/") && Keys.isKey(prefix.substring(0, prefix.length() - 1))),
                "prefix",
                "must be empty or words of [a-z0-9_.-], each with a slash after it, was \"" + prefix + "\"");
        require(attemptTimeout.isPositive(), "attemptTimeout", "must be positive, was " + attemptTimeout);
        require(attempts >= 1, "attempts", "must be at least 1, was " + attempts);
    }

    private static void require(boolean holds, String name, String what) {
        if (!holds) {
            throw new IllegalArgumentException(name + " " + what);
        }
    }
}
