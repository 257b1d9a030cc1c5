package io.flowstate.jobs;

import java.time.Instant;

/**
 * A file on its way, as it stood at one moment.
 *
 * @param length how many bytes it will have
 * @param offset how many have come and will stay
 * @param metadata what its sender said of it, as he said it; may be empty
 * @param expires when it is removed, unless more of it comes
 */
public record UploadState(String id, String owner, long length, long offset, String metadata, Instant expires) {
    public boolean isComplete() {
        return offset == length;
    }
}
