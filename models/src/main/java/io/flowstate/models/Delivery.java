package io.flowstate.models;

import io.flowstate.core.catalogue.Model;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Verified files that a source has brought, ready to be put on the shelf.
 *
 * @param repository folder under {@code models/} to which they go, {@code org/name}
 * @param commit folder in the repository: the hub's commit, or what stands for it
 * @param revision the name that led to the commit, when the catalogue asks by one
 */
record Delivery(String repository, String commit, Optional<String> revision, List<Item> items) {
    private static final int COMMIT_DIGITS = 40;

    Delivery {
        items = List.copyOf(items);
    }

    /** @param staged where the file lies now, on the store's own disk */
    record Item(Wanted wanted, Path staged, String path) {}

    /** Files from elsewhere than the hub. A digest of what they are stands for the commit, so that new weights never lie where old ones lay. */
    static Delivery ofContent(Model model, List<Item> items) {
        MessageDigest digest = VerifiedFile.sha256();
        items.stream()
                .map(item -> "%s %s\n".formatted(item.wanted().file().sha256(), item.path()))
                .sorted(Comparator.naturalOrder())
                .forEach(line -> digest.update(line.getBytes(StandardCharsets.UTF_8)));
        String commit = VerifiedFile.hex(digest).substring(0, COMMIT_DIGITS);
        return new Delivery("flowstate/" + model.id(), commit, Optional.empty(), items);
    }
}
