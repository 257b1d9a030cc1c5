package io.flowstate.models;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model.Source;
import io.flowstate.models.PackageClient.Folders;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Fetches a package with its registry's own client and unpacks just the files that are wanted.
 *
 * <p>Progress: while the client works, the bytes that it has written, of the package's size when the catalogue tells it and of an unknown total when not; then the bytes unpacked.
 */
final class PackageFetcher implements Fetcher {
    private final PackageClient client;
    private final Duration silenceLimit;
    private final Clock clock;

    PackageFetcher(PackageClient client, Duration silenceLimit, Clock clock) {
        this.client = client;
        this.silenceLimit = silenceLimit;
        this.clock = clock;
    }

    /** The package lies twice for a moment, in the client's cache and as an archive; the cache is gone before the files are unpacked. */
    @Override
    public long diskBytes(Source source, Pull pull) {
        long archive = source.downloadBytes().orElse(pull.model().sizeBytes());
        return archive + Math.max(archive, pull.model().sizeBytes());
    }

    @Override
    public Delivery fetch(Source source, List<Wanted> wanted, Pull pull) {
        try {
            Folders folders = new Folders(
                    Files.createDirectories(pull.scratch().resolve("archive")),
                    Files.createDirectories(pull.scratch().resolve("cache")));
            long archiveBytes = download(source, folders, pull);
            Disk.deleteTree(folders.cache());
            Path archive = onlyArchive(folders.target());
            Map<Wanted, Path> staged = unpack(archive, wanted, archiveBytes, pull);
            Disk.deleteTree(folders.target());
            List<Delivery.Item> items = new ArrayList<>();
            staged.forEach((file, path) ->
                    items.add(new Delivery.Item(file, path, file.file().name())));
            return Delivery.ofContent(pull.model(), items);
        } catch (IOException failed) {
            throw Disk.failure(failed, pull.scratch());
        }
    }

    /** @return bytes of progress that the download accounts for; 0 when its size was not known */
    private long download(Source source, Folders folders, Pull pull) {
        List<String> command = client.commandFor(source.locator(), folders);
        OptionalLong size = source.downloadBytes();
        pull.meter().start(size.isPresent() ? size.getAsLong() + pull.model().sizeBytes() : 0);
        ChildProcess process;
        try {
            process = ChildProcess.start(command, folders.target(), folders.cache(), client.environment());
        } catch (IOException absent) {
            throw client.missing().causedBy(absent);
        }
        ChildProcess.Outcome outcome =
                process.await(() -> watch(folders, pull, size), silenceLimit, clock, pull.cancellation());
        if (outcome.exitCode() != 0) {
            throw client.explain(source.locator(), outcome, pull.scratch());
        }
        return size.orElse(0);
    }

    /**
     * Reports what the client has: it writes a package into its cache and once more as the archive, so the larger of the two counts, and at most the package's size.
     *
     * @return all that it has written, which shows that it is alive
     */
    private static long watch(Folders folders, Pull pull, OptionalLong size) {
        long cached = Disk.bytesIn(folders.cache());
        long delivered = Disk.bytesIn(folders.target());
        pull.meter().at(Math.min(Math.max(cached, delivered), size.orElse(Long.MAX_VALUE)));
        return cached + delivered;
    }

    private static Map<Wanted, Path> unpack(Path archive, List<Wanted> wanted, long archiveBytes, Pull pull) {
        if (archiveBytes > 0) {
            pull.meter().at(archiveBytes);
        } else {
            pull.meter().start(pull.model().sizeBytes());
        }
        return archive.toString().endsWith(".tgz")
                ? Archive.unpackTarball(archive, wanted, pull)
                : Archive.unpackZip(archive, wanted, pull);
    }

    private Path onlyArchive(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + client.archive())) {
            for (Path file : files) {
                return file;
            }
        }
        throw FlowError.of(
                        Code.MODEL_UNAVAILABLE,
                        "%s ended well but left no %s file.",
                        client.program(),
                        client.archive())
                .advice("Run \"%s\" by hand to see more.", String.join(" ", client.command()));
    }
}
