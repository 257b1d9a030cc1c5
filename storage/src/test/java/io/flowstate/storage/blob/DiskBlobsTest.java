package io.flowstate.storage.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowstate.core.DiskFull;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.BlobStore.Writer;
import io.flowstate.testkit.BlobStoreContract;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DiskBlobsTest extends BlobStoreContract {
    @Override
    protected BlobStore store() throws IOException {
        return new DiskBlobs(root());
    }

    private Path root() {
        return temp.resolve("data/blobs");
    }

    @Test
    void a_blob_lies_at_the_path_that_its_key_spells_and_is_given_as_it_is() throws IOException {
        put("jobs/1/vocals.wav", bytes(5, 1));

        assertThat(store().file("jobs/1/vocals.wav", temp)).isEqualTo(root().resolve("jobs/1/vocals.wav"));
    }

    @Test
    void a_new_store_is_closed_to_other_users() throws IOException {
        store();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root())))
                .isEqualTo("rwx------");
    }

    @Test
    void folders_go_with_their_last_blob() throws IOException {
        put("jobs/1/a", bytes(5, 2));
        put("jobs/2/a", bytes(5, 3));

        store().delete("jobs/1/a");
        assertThat(root().resolve("jobs/1")).doesNotExist();
        assertThat(root().resolve("jobs/2/a")).exists();

        store().delete("jobs/2/a");
        assertThat(root().resolve("jobs")).doesNotExist();
        assertThat(root()).exists();
    }

    @Test
    void a_key_cannot_be_a_blob_and_a_folder() throws IOException {
        put("a/b", bytes(5, 4));
        put("c", bytes(5, 5));

        assertThatThrownBy(() -> put("a", bytes(1, 6)))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("a folder of other blobs");
        assertThatThrownBy(() -> put("c/d/e", bytes(1, 6)))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("a blob, so it cannot be the folder of others");
        assertThat(keys("", "", 10)).containsExactly("a/b", "c");
        assertThat(store().sweepUnfinished(List.of(""), Instant.now().plusSeconds(60)))
                .isZero();
    }

    @Test
    void files_of_others_are_not_blobs() throws IOException {
        put("a", bytes(5, 7));
        Files.writeString(root().resolve(".DS_Store"), "");
        Files.writeString(root().resolve("Thumbs.db"), "");
        Files.createSymbolicLink(root().resolve("dangling"), temp.resolve("nowhere"));

        assertThat(keys("", "", 10)).containsExactly("a");
    }

    @Test
    void a_reader_keeps_the_blob_that_it_began() throws IOException {
        byte[] old = bytes(100_000, 8);
        put("a", old);

        try (InputStream in = store().read("a", 0, Long.MAX_VALUE)) {
            byte[] start = in.readNBytes(10);
            put("a", bytes(100_000, 9));
            store().delete("a");

            assertThat(start).isEqualTo(Arrays.copyOf(old, 10));
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(old, 10, 100_000));
        }
    }

    @Test
    void a_file_that_others_cut_short_is_noticed() throws IOException {
        put("a", bytes(100_000, 10));

        try (InputStream in = store().read("a", 0, Long.MAX_VALUE)) {
            Files.write(root().resolve("a"), bytes(10, 10));

            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(EOFException.class)
                    .hasMessageContaining("99990 bytes are missing");
        }
    }

    @Test
    void a_full_disk_is_told_as_such_and_neither_a_blob_nor_a_leftover_is_on_it() throws Exception {
        Path disk = Files.createDirectory(temp.resolve("disk"));
        boolean mounted = exec("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
        assumeThat(mounted).as("SKIPPED: a small disk cannot be mounted here").isTrue();
        try {
            BlobStore small = new DiskBlobs(disk);
            try (Writer writer = small.create("a")) {
                assertThatIOException()
                        .isThrownBy(() -> writer.write(bytes(2 << 20, 11)))
                        .matches(DiskFull::isReasonOf);
                assertThatIOException().isThrownBy(() -> writer.write(1)).matches(DiskFull::isReasonOf);
                assertThatIOException().isThrownBy(writer::commit).matches(DiskFull::isReasonOf);
            }
            assertThat(small.list("", "", 10)).isEmpty();
            assertThat(small.sweepUnfinished(List.of(""), Instant.now().plusSeconds(60)))
                    .isZero();

            try (Writer writer = small.create("a")) {
                writer.write(bytes(1 << 19, 12));
                writer.commit();
            }
            assertThat(small.size("a")).hasValue(1 << 19);
        } finally {
            exec("umount", disk.toString());
        }
    }

    @Test
    void a_disk_that_is_full_only_when_the_buffer_is_emptied_is_met_at_the_commit() throws Exception {
        Path disk = Files.createDirectory(temp.resolve("disk"));
        boolean mounted = exec("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.toString());
        assumeThat(mounted).as("SKIPPED: a small disk cannot be mounted here").isTrue();
        try {
            BlobStore small = new DiskBlobs(disk);
            Files.write(disk.resolve("rest"), new byte[60 << 10]);
            try (Writer writer = small.create("a")) {
                writer.write(bytes(10_000, 13));
                assertThatIOException().isThrownBy(writer::commit).matches(DiskFull::isReasonOf);
            }
            assertThat(small.size("a")).isEmpty();
        } finally {
            exec("umount", disk.toString());
        }
    }

    private static boolean exec(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }
}
