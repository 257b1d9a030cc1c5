package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.ModelStore.Derived;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Progress.Phase;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DerivedFolderTest {
    @TempDir
    Path root;

    @TempDir
    Path origin;

    private final Weights weights = Weights.of("graph.onnx", 1_000);
    private final Cancellation never = new Cancellation();
    private Model model;
    private DiskModelStore store;

    @BeforeEach
    void aModelThatIsHere() {
        weights.writeTo(origin);
        model = weights.model("tiny", weights.source(Kind.FILE, origin.toString()));
        store = TestStores.in(root);
        store.ensure(model, Progress.Listener.NONE, never);
    }

    @Test
    void what_was_derived_goes_with_its_model_and_that_of_others_stays() throws IOException {
        Model other = Weights.of("graph.onnx", 1).model("other");
        Path mine = derive(model);
        Path theirs = derive(other);

        assertThat(store.remove(model, never)).isTrue();

        assertThat(mine).doesNotExist();
        assertThat(theirs).exists();
        assertThat(TestStores.filesIn(root)).containsExactly("derived/other/graph");
    }

    @Test
    void a_look_at_the_folder_neither_makes_it_nor_waits_for_its_holder() {
        Path folder = store.derivedFolder(model);
        assertThat(folder).doesNotExist();

        try (Derived derived = store.derived(model, Progress.Listener.NONE, never)) {
            assertThat(store.derivedFolder(model)).isEqualTo(derived.folder()).isDirectory();
        }
    }

    @Test
    void a_second_thread_waits_until_the_first_is_done_and_says_so_once() throws Exception {
        Queue<Progress> told = new ConcurrentLinkedQueue<>();
        CountDownLatch waits = new CountDownLatch(1);
        Progress.Listener listener = progress -> {
            told.add(progress);
            waits.countDown();
        };
        Path unfinished = store.derivedFolder(model).resolve("unfinished");

        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Derived first = store.derived(model, Progress.Listener.NONE, never);
            Files.createFile(unfinished);
            Future<Boolean> second = threads.submit(() -> {
                try (Derived _ = TestStores.in(root).derived(model, listener, never)) {
                    return Files.exists(unfinished);
                }
            });
            waits.await();
            Files.delete(unfinished);
            first.close();

            assertThat(second.get()).as("it was let in too early").isFalse();
        }
        assertThat(told).containsExactly(new Progress(Phase.QUEUED, 1, 0));
    }

    @Test
    void one_who_waits_can_be_stopped() {
        Cancellation stopped = new Cancellation();

        try (Derived _ = store.derived(model, Progress.Listener.NONE, never)) {
            FlowError error = catchThrowableOfType(
                    FlowError.class,
                    () -> store.derived(model, _ -> stopped.cancel(FlowError.of(Code.CANCELED, "enough")), stopped));

            assertThat(error.message()).isEqualTo("enough");
        }
    }

    @Test
    void the_model_itself_can_be_used_while_somebody_derives_from_it() {
        try (Derived _ = store.derived(model, Progress.Listener.NONE, never)) {
            assertThat(store.verify(model, Progress.Listener.NONE, never).isOk())
                    .isTrue();
        }
    }

    @Test
    void nothing_is_deleted_under_whoever_derives() throws Exception {
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Derived holder = store.derived(model, Progress.Listener.NONE, never);
            Path file = Files.writeString(holder.folder().resolve("graph"), "derived");
            Future<Boolean> removal = threads.submit(() -> store.remove(model, never));
            Await.until(
                    "the model's own files are gone", () -> store.find(model).isEmpty());
            assertThat(file).exists();
            assertThat(removal).isNotDone();
            holder.close();

            assertThat(removal.get()).isTrue();
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void another_process_waits_for_this_one_and_this_one_for_it_until_it_is_killed() throws Exception {
        Derived mine = store.derived(model, Progress.Listener.NONE, never);
        Process other = DerivingProcess.start(root, model);
        try (BufferedReader says = other.inputReader()) {
            assertThat(says.readLine()).isEqualTo("waiting");
            mine.close();
            assertThat(says.readLine()).isEqualTo("holding");

            Queue<Phase> told = new ConcurrentLinkedQueue<>();
            Progress.Listener killer = progress -> {
                told.add(progress.phase());
                other.destroyForcibly();
            };
            try (Derived again = store.derived(model, killer, never)) {
                assertThat(told).containsExactly(Phase.QUEUED);
                assertThat(again.folder()).isDirectory();
            }
        } finally {
            other.destroyForcibly();
        }
    }

    private Path derive(Model from) throws IOException {
        try (Derived derived = store.derived(from, Progress.Listener.NONE, never)) {
            return Files.writeString(derived.folder().resolve("graph"), "derived");
        }
    }
}
