package io.flowstate.engine;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ONNX graph of fixed shapes with float inputs and outputs, loaded and ready. Inputs and outputs are known by position: their names are artefacts of the export.
 * One run at a time; loading and running are native and slow, so callers use a platform thread.
 */
public final class Graph implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Graph.class);
    private static final Map<String, String> SHRINKING = Map.of("memory.enable_memory_arena_shrinkage", "cpu:0");

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final boolean keepsMemory;
    private final Map<String, long[]> inputs;
    private final Map<String, long[]> outputs;

    private Graph(OrtEnvironment environment, OrtSession session, boolean keepsMemory) throws OrtException {
        this.environment = environment;
        this.session = session;
        this.keepsMemory = keepsMemory;
        this.inputs = shapes(session.getInputInfo());
        this.outputs = shapes(session.getOutputInfo());
    }

    /**
     * Loads a graph with {@link #options}.
     *
     * @throws FlowError {@link Code#MODEL_CORRUPT} if ONNX Runtime does not take the file
     */
    public static Graph load(Path file, int threads) {
        return load(file, () -> options(threads), true);
    }

    /** The same, but between its operators the graph holds no memory that it does not need at the moment: a quarter slower, and for large published graphs a gigabyte less. */
    public static Graph loadSparingly(Path file, int threads) {
        return load(
                file,
                () -> {
                    SessionOptions options = options(threads);
                    options.setCPUArenaAllocator(false);
                    return options;
                },
                false);
    }

    /** Options for a session, made when they are needed. */
    @FunctionalInterface
    public interface Options {
        SessionOptions make() throws OrtException;
    }

    /** The same with options of the caller's own, for a graph whose {@link #runLast} is like any other run. */
    public static Graph load(Path file, Options wanted) {
        return load(file, wanted, false);
    }

    private static Graph load(Path file, Options wanted, boolean keepsMemory) {
        OrtEnvironment environment = OnnxRuntime.environment();
        // The first session would set the loading thread's state and leave it so.
        try (DenormalsAsZero _ = DenormalsAsZero.open();
                SessionOptions options = wanted.make()) {
            return new Graph(environment, environment.createSession(file.toString(), options), keepsMemory);
        } catch (OrtException refused) {
            if (isOutOfMemory(refused)) {
                throw outOfMemory(refused);
            }
            throw FlowError.of(Code.MODEL_CORRUPT, "ONNX Runtime cannot load %s.", file.getFileName())
                    .advice("Run: flowstate models verify, then flowstate models pull.")
                    .causedBy(refused);
        }
    }

    /**
     * The session options that were measured best on large static graphs (docs/decisions/0003): the arena keeps pages, the memory pattern would hold everything twice, and
     * spinning threads burn cores that others need; numbers too small to matter count as zero (0008). The caller closes them.
     */
    public static SessionOptions options(int threads) throws OrtException {
        SessionOptions options = new SessionOptions();
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        options.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
        options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
        options.setMemoryPatternOptimization(false);
        options.setCPUArenaAllocator(true);
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        options.addConfigEntry("session.set_denormal_as_zero", "1");
        return options;
    }

    /** Shapes by position. */
    public List<long[]> inputShapes() {
        return List.copyOf(inputs.values());
    }

    /** Shapes by position. */
    public List<long[]> outputShapes() {
        return List.copyOf(outputs.values());
    }

    /** A set of input and output buffers for {@link #run}, outside the heap; one run's worth of the graph's data. */
    public Buffers allocate() {
        return new Buffers();
    }

    /**
     * Runs the graph over a set of buffers of its own.
     *
     * @throws FlowError the cancellation's reason when stopped, which takes effect after the node that is being computed
     */
    public void run(Buffers buffers, Cancellation cancellation) {
        run(buffers, cancellation, Map.of());
    }

    /**
     * The same, and then gives the memory for what the graph computes in between back to the system: for the last run of a series. The next one has to ask for it again, which takes it a tenth of a
     * second for each gigabyte.
     */
    public void runLast(Buffers buffers, Cancellation cancellation) {
        run(buffers, cancellation, keepsMemory ? SHRINKING : Map.of());
    }

    /** Gives that memory back without computing anything: for a series that ends before its last run. The buffers stay as they are. */
    public void giveBack(Buffers buffers) {
        if (!keepsMemory) {
            return;
        }
        // The runtime does it only at the end of a run, which may be one that is stopped before its first node.
        try (OrtSession.RunOptions options = runOptions(SHRINKING)) {
            options.setTerminate(true);
            session.run(buffers.inputTensors, Set.of(), buffers.outputTensors, options)
                    .close();
        } catch (OrtException stopped) {
            log.trace("memory given back", stopped);
        }
    }

    private void run(Buffers buffers, Cancellation cancellation, Map<String, String> settings) {
        cancellation.throwIfCanceled();
        try (OrtSession.RunOptions options = runOptions(settings);
                Cancellation.Registration _ = cancellation.onCancel(() -> terminate(options));
                DenormalsAsZero _ = DenormalsAsZero.open();
                OrtSession.Result _ = session.run(buffers.inputTensors, Set.of(), buffers.outputTensors, options)) {
            cancellation.throwIfCanceled();
        } catch (OrtException failed) {
            cancellation.throwIfCanceled();
            throw nativeFailure(failed);
        }
    }

    private static OrtSession.RunOptions runOptions(Map<String, String> settings) throws OrtException {
        OrtSession.RunOptions options = new OrtSession.RunOptions();
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            options.addRunConfigEntry(setting.getKey(), setting.getValue());
        }
        return options;
    }

    private static void terminate(OrtSession.RunOptions options) {
        try {
            options.setTerminate(true);
        } catch (OrtException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static FlowError nativeFailure(OrtException failed) {
        return isOutOfMemory(failed)
                ? outOfMemory(failed)
                : FlowError.of(Code.INTERNAL_ERROR, "ONNX Runtime failed to run the model.")
                        .causedBy(failed);
    }

    /** The runtime has no code for it; its allocators say "Failed to allocate memory" and C++ says "bad_alloc". */
    private static boolean isOutOfMemory(OrtException failed) {
        String message = String.valueOf(failed.getMessage());
        return message.contains("allocate") || message.contains("bad_alloc");
    }

    private static FlowError outOfMemory(OrtException failed) {
        return FlowError.of(Code.OUT_OF_MEMORY, "The model ran out of memory.")
                .advice("Free memory on this machine and send the request again.")
                .causedBy(failed);
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException leaked) {
            throw new IllegalStateException(leaked);
        }
    }

    private static Map<String, long[]> shapes(Map<String, NodeInfo> nodes) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        nodes.forEach((name, node) ->
                shapes.put(name, node.getInfo() instanceof TensorInfo tensor ? tensor.getShape() : new long[0]));
        return shapes;
    }

    /** Memory that both Java and the graph see, so that nothing is copied. Not thread-safe; closing frees it. */
    public final class Buffers implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final List<FloatBuffer> in = new ArrayList<>();
        private final List<FloatBuffer> out = new ArrayList<>();
        private final Map<String, OnnxTensor> inputTensors = new LinkedHashMap<>();
        private final Map<String, OnnxTensor> outputTensors = new LinkedHashMap<>();

        private Buffers() {
            try {
                inputs.forEach((name, shape) -> inputTensors.put(name, tensor(shape, in)));
                outputs.forEach((name, shape) -> outputTensors.put(name, tensor(shape, out)));
            } catch (RuntimeException | Error failed) {
                close();
                throw failed;
            }
        }

        public FloatBuffer input(int position) {
            return in.get(position);
        }

        public FloatBuffer output(int position) {
            return out.get(position);
        }

        private OnnxTensor tensor(long[] shape, List<FloatBuffer> into) {
            long count = 1;
            for (long size : shape) {
                count = Math.multiplyExact(count, size);
            }
            FloatBuffer buffer = arena.allocate(Math.multiplyExact(count, Float.BYTES), 64)
                    .asByteBuffer()
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            into.add(buffer);
            try {
                return OnnxTensor.createTensor(environment, buffer, shape);
            } catch (OrtException refused) {
                throw new IllegalStateException(refused);
            }
        }

        @Override
        public void close() {
            inputTensors.values().forEach(OnnxTensor::close);
            outputTensors.values().forEach(OnnxTensor::close);
            arena.close();
        }
    }
}
