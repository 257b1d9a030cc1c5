package io.flowstate.jobs;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * One file that a job gives.
 *
 * @param generation changes when the file is begun again; bytes of two generations do not belong together
 * @param file name for whoever saves it
 * @param size of the whole, when it is known before the end
 * @param bytes written so far
 * @param sha256 of the whole, in hexadecimal, once it is complete
 * @param revision of the job when it changed last
 */
public record Output(
        String name,
        long generation,
        String file,
        String mediaType,
        OptionalLong size,
        long bytes,
        Optional<String> sha256,
        long revision) {
    public boolean isComplete() {
        return sha256.isPresent();
    }
}
