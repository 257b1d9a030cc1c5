package io.flowstate.engine.demucs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Checkpoint;
import io.flowstate.core.spi.Progress;
import io.flowstate.engine.Graph;
import io.flowstate.testkit.MemoryCheckpoint;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A separation that was cut off and is gone on with gives the very samples that one in a single go gives. */
final class ContinuationTest {
    private static final TinyDemucs TINY = TinyDemucs.small();
    private static final int ROWS = 2 * TINY.time().size();
    private static final int LENGTH = 9 * TINY.size() + 123;

    @TempDir
    private Path folder;

    private final ExecutorService companion = Executors.newSingleThreadExecutor();
    private final float[][] mix = noise();
    private Graph graph;

    @BeforeEach
    void load() throws IOException {
        graph = Graph.load(TINY.writeTo(folder.resolve("tiny.onnx")), 1);
    }

    @AfterEach
    void end() {
        graph.close();
        companion.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 20})
    void the_samples_are_the_same_wherever_it_was_cut_off(int afterWrites) {
        float[][] whole = new float[ROWS][LENGTH];
        separate(Continuation.NONE, new Collecting(whole, Integer.MAX_VALUE), 2);
        MemoryCheckpoint checkpoint = new MemoryCheckpoint(Duration.ZERO);
        assertThatThrownBy(() -> separate(saved(checkpoint), new Collecting(new float[ROWS][LENGTH], afterWrites), 2))
                .hasMessage("cut off");

        float[][] resumed = new float[ROWS][LENGTH];
        Collecting second = new Collecting(resumed, Integer.MAX_VALUE);
        separate(saved(checkpoint), second, 2);

        assertThat(resumed).isDeepEqualTo(whole);
        assertThat(second.frames).isEqualTo(LENGTH);
        assertThat(checkpoint.last()).isPresent();
    }

    @Test
    void what_another_separation_saved_is_not_gone_on_with() {
        MemoryCheckpoint checkpoint = new MemoryCheckpoint(Duration.ZERO);
        assertThatThrownBy(() -> separate(saved(checkpoint), new Collecting(new float[ROWS][LENGTH], 7), 1))
                .hasMessage("cut off");

        int next = new SavedContinuation(checkpoint, InstantSource.system(), "another", ROWS)
                .restore(new OverlapAdd(ROWS, TINY.size(), 0), (rows, from, count) -> {
                    throw new AssertionError("nothing is to be handed on");
                });

        assertThat(next).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_state_that_the_store_has_lost_is_forgotten_and_the_attempt_after_begins_afresh(boolean whole) {
        MemoryCheckpoint checkpoint = cutOff();
        String part = checkpoint.last().orElseThrow().parts().getFirst();
        if (whole) {
            checkpoint.lose(part);
        } else {
            checkpoint.cut(part);
        }

        assertUnavailable(checkpoint);

        assertThat(checkpoint.last().orElseThrow().parts()).isEmpty();
        assertEndsWell(checkpoint);
    }

    /** The store is away, or the thread is to stop: what it has saved is worth hours. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_state_that_cannot_be_read_at_the_moment_is_kept_for_the_attempt_after(boolean first) {
        MemoryCheckpoint checkpoint = cutOff();
        Checkpoint.Saved saved = checkpoint.last().orElseThrow();
        checkpoint.failOnce(first ? saved.parts().getFirst() : saved.parts().getLast());

        assertUnavailable(checkpoint);

        assertThat(checkpoint.last()).contains(saved);
        assertEndsWell(checkpoint);
    }

    private MemoryCheckpoint cutOff() {
        MemoryCheckpoint checkpoint = new MemoryCheckpoint(Duration.ZERO);
        assertThatThrownBy(() -> separate(saved(checkpoint), new Collecting(new float[ROWS][LENGTH], 7), 1))
                .hasMessage("cut off");
        return checkpoint;
    }

    private void assertUnavailable(MemoryCheckpoint checkpoint) {
        assertThatThrownBy(() ->
                        separate(saved(checkpoint), new Collecting(new float[ROWS][LENGTH], Integer.MAX_VALUE), 1))
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.STORE_UNAVAILABLE));
    }

    private void assertEndsWell(MemoryCheckpoint checkpoint) {
        float[][] resumed = new float[ROWS][LENGTH];
        separate(saved(checkpoint), new Collecting(resumed, Integer.MAX_VALUE), 1);
        float[][] whole = new float[ROWS][LENGTH];
        separate(Continuation.NONE, new Collecting(whole, Integer.MAX_VALUE), 1);
        assertThat(resumed).isDeepEqualTo(whole);
    }

    private static SavedContinuation saved(MemoryCheckpoint checkpoint) {
        return new SavedContinuation(checkpoint, InstantSource.system(), "this", ROWS);
    }

    private void separate(Continuation continuation, Separation.Sink sink, int passes) {
        TrackStatistics statistics = TrackStatistics.measure(new MemoryClip(mix, 44_100), 0, Progress.Listener.NONE);
        HtDemucs shape = new HtDemucs(ROWS / 2, TINY.size(), TINY.bins(), Math.ceilDiv(TINY.size(), TINY.bins() / 2));
        Segments segments = Segments.cut(LENGTH, TINY.size(), 1_000, 0.25, passes, new SplittableRandom(3));
        try (continuation) {
            new Separation(shape, graph, segments, new MemoryClip(mix, 44_100), statistics, sink, continuation)
                    .run(companion, new Cancellation(), Progress.Listener.NONE);
        }
    }

    private static float[][] noise() {
        SplittableRandom random = new SplittableRandom(11);
        float[][] noise = new float[2][LENGTH];
        for (float[] channel : noise) {
            for (int i = 0; i < LENGTH; i++) {
                channel[i] = (float) random.nextDouble(-0.5, 0.5);
            }
        }
        return noise;
    }

    /** Takes samples until it has been given so many times as it can stand. */
    private static final class Collecting implements Separation.Sink {
        private final float[][] into;
        private int writesLeft;
        private int frames;

        Collecting(float[][] into, int writes) {
            this.into = into;
            this.writesLeft = writes;
        }

        @Override
        public void write(float[][] rows, int from, int count) {
            if (writesLeft-- == 0) {
                throw FlowError.of(Code.CANCELED, "cut off");
            }
            for (int row = 0; row < ROWS; row++) {
                System.arraycopy(rows[row], from, into[row], frames, count);
            }
            frames += count;
        }
    }
}
