package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Sha256;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A finished upload as one file, for as long as a submission takes. Used by one thread.
 *
 * @param sent what it would be if it had come with the submission
 */
record UploadedFile(Submission.Sent sent) implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(UploadedFile.class);

    /**
     * Puts the pieces together.
     *
     * @param scratch folder for the file
     * @throws FlowError {@code NOT_FOUND}, {@code EXPIRED}, {@code CONFLICT} if bytes are missing, or the store's trouble
     */
    static UploadedFile fetch(
            Database database, BlobStore blobs, String owner, Submission.Uploaded source, Path scratch) {
        UploadState upload = Uploads.find(database, owner, source.uploadId());
        if (!upload.isComplete()) {
            throw FlowError.of(
                            Code.CONFLICT,
                            "The upload %s is not complete: %d of %d bytes are missing.",
                            upload.id(),
                            upload.length() - upload.offset(),
                            upload.length())
                    .field("upload_id")
                    .advice("Send the rest to /v1/uploads/%s first.", upload.id());
        }
        List<UploadTable.Piece> pieces = database.read(sql -> UploadTable.pieces(sql, upload.id()));
        try {
            Files.createDirectories(scratch);
            Path file = Files.createTempFile(scratch, "upload-", ".tmp");
            try {
                String sha256 = join(blobs, pieces, file);
                return new UploadedFile(new Submission.Sent(source.name(), file, upload.length(), sha256));
            } catch (IOException | RuntimeException failed) {
                Files.deleteIfExists(file);
                throw failed;
            }
        } catch (NoSuchFileException removedMeanwhile) {
            throw Uploads.expired(upload.id()).causedBy(removedMeanwhile);
        } catch (IOException refused) {
            throw UploadAppend.unkept(refused);
        }
    }

    private static String join(BlobStore blobs, List<UploadTable.Piece> pieces, Path file) throws IOException {
        MessageDigest digest = Sha256.begin();
        try (OutputStream to = new DigestOutputStream(Files.newOutputStream(file), digest)) {
            for (UploadTable.Piece piece : pieces) {
                try (InputStream from = blobs.read(piece.blob(), 0, piece.bytes())) {
                    from.transferTo(to);
                }
            }
        }
        return Sha256.end(digest);
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(sent.file());
        } catch (IOException stuck) {
            log.warn("{} could not be removed: {}", sent.file(), stuck.toString());
        }
    }
}
