package io.flowstate.models;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.Progress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of downloads share: a hub, another server that it may point to, and a store with a token that wants one file of three megabytes. */
abstract class HubCase {
    static final int SIZE = 3_000_000;
    static final String MAIN = HubServer.resolve("main", "graph.onnx");
    static final String CUT_OFF = "\"v1\"";

    @TempDir
    Path root;

    final HubServer hub = new HubServer();
    final HubServer cdn = new HubServer();
    final Weights weights = Weights.of("graph.onnx", SIZE);
    final byte[] content = weights.content("graph.onnx");
    final Model model = weights.model("tiny", weights.source(Kind.HUB, "org/repo"));
    DiskModelStore store;

    @BeforeEach
    final void aStoreWithAToken() {
        store = TestStores.withHub(root, hub.address(), "secret-token");
    }

    @AfterEach
    final void stopServers() {
        hub.close();
        cdn.close();
    }

    final void ensure(Model wanted) {
        store.ensure(wanted, Progress.Listener.NONE, new Cancellation());
    }

    final FlowError failure(Model wanted) {
        return catchThrowableOfType(FlowError.class, () -> ensure(wanted));
    }
}
