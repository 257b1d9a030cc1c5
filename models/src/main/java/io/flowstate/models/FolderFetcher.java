package io.flowstate.models;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.catalogue.Model.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Copies a model from a folder of this machine, verifying it like any other. */
final class FolderFetcher implements Fetcher {
    @Override
    public long diskBytes(Source source, Pull pull) {
        return pull.model().sizeBytes();
    }

    @Override
    public Delivery fetch(Source source, List<Wanted> wanted, Pull pull) {
        pull.meter().start(pull.model().sizeBytes());
        List<Delivery.Item> items = new ArrayList<>();
        for (Wanted file : wanted) {
            Path staged = file.in(pull.scratch());
            try (InputStream in = Files.newInputStream(Path.of(source.locator()).resolve(file.path()));
                    VerifiedFile out = VerifiedFile.create(staged, file.file(), pull)) {
                out.writeAll(in, pull.cancellation());
                out.seal();
            } catch (IOException | InvalidPathException unreadable) {
                throw FlowError.of(
                                Code.MODEL_UNAVAILABLE,
                                "%s cannot be read from the folder (%s).",
                                file.path(),
                                Reason.of(unreadable))
                        .advice("Put the file there, or correct the model's entry in the catalogue.")
                        .causedBy(unreadable);
            }
            items.add(new Delivery.Item(file, staged, file.file().name()));
        }
        return Delivery.ofContent(pull.model(), items);
    }
}
