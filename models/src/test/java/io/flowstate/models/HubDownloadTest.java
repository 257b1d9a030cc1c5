package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source.Kind;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where a download comes from and where it lies. */
class HubDownloadTest extends HubCase {
    @Test
    void files_lie_in_the_layout_of_the_hub_under_their_commit() {
        Weights two = weights.and("onnx/voices.bin", 50_000);
        Model both = two.model("both", two.source(Kind.HUB, "org/repo@main"));
        hub.repository(two);

        ensure(both);

        Path repository = root.resolve("models/org/repo");
        assertThat(repository.resolve(HubServer.COMMIT + "/graph.onnx")).hasBinaryContent(content);
        assertThat(repository.resolve(HubServer.COMMIT + "/onnx/voices.bin"))
                .hasBinaryContent(two.content("onnx/voices.bin"));
        assertThat(repository.resolve("refs/main")).hasContent(HubServer.COMMIT);
        assertThat(hub.asked())
                .as("the second file is asked of the first one's commit")
                .extracting(HubServer.Asked::path)
                .containsExactly(MAIN, HubServer.resolve(HubServer.COMMIT, "onnx/voices.bin"));
    }

    @Test
    void two_models_may_share_a_file_and_removing_one_leaves_the_other() {
        Weights two = weights.and("voices.bin", 50_000);
        Model both = two.model("both", two.source(Kind.HUB, "org/repo"));
        hub.repository(two);
        ensure(model);
        ensure(both);

        store.remove(both, new Cancellation());

        assertThat(store.find(model)).isPresent();
        assertThat(TestStores.filesIn(root)).noneMatch(file -> file.endsWith("voices.bin"));
    }

    @Test
    void removing_the_last_model_of_a_repository_removes_its_refs() {
        hub.repository(weights);
        ensure(model);

        store.remove(model, new Cancellation());

        assertThat(TestStores.filesIn(root)).isEmpty();
    }

    @Test
    void the_token_goes_to_the_hub_and_not_where_the_hub_points() {
        hub.answer(
                MAIN,
                exchange -> HubServer.status(
                        exchange, 302, Map.of("Location", cdn.address() + "/blob", "X-Repo-Commit", HubServer.COMMIT)));
        cdn.answer("/blob", exchange -> HubServer.serve(exchange, content, CUT_OFF, SIZE));

        ensure(model);

        assertThat(hub.asked())
                .extracting(HubServer.Asked::authorization)
                .containsExactly(Optional.of("Bearer secret-token"));
        assertThat(cdn.asked()).extracting(HubServer.Asked::authorization).containsExactly(Optional.empty());
        assertThat(root.resolve("models/org/repo").resolve(HubServer.COMMIT).resolve("graph.onnx"))
                .exists();
    }

    @Test
    void a_chain_back_to_the_hub_carries_the_token_again_and_an_endless_one_ends() {
        hub.answer(MAIN, exchange -> HubServer.status(exchange, 307, Map.of("Location", "/moved/graph.onnx")));
        hub.answer("/moved/graph.onnx", exchange -> HubServer.serve(exchange, content, CUT_OFF, SIZE));
        ensure(model);
        assertThat(hub.asked()).allMatch(asked -> asked.authorization().isPresent());

        store.remove(model, new Cancellation());
        hub.answer(MAIN, exchange -> HubServer.status(exchange, 302, Map.of("Location", MAIN)));
        assertThat(failure(model).message()).contains("redirects more than");
    }

    @Test
    void a_plain_address_brings_one_file_and_one_with_a_slash_a_folder() {
        hub.answer("/files/any-name", exchange -> HubServer.serve(exchange, content, CUT_OFF, SIZE));
        ensure(weights.model("one", weights.source(Kind.HTTPS, hub.address() + "/files/any-name")));
        Weights two = weights.and("a b/voices.bin", 1_000);
        hub.answer("/all/graph.onnx", exchange -> HubServer.serve(exchange, content, CUT_OFF, SIZE));
        hub.answer(
                "/all/a%20b/voices.bin",
                exchange -> HubServer.serve(exchange, two.content("a b/voices.bin"), CUT_OFF, SIZE));

        ensure(two.model("two", two.source(Kind.HTTPS, hub.address() + "/all/")));

        assertThat(hub.asked()).allMatch(asked -> asked.authorization().isEmpty());
    }
}
