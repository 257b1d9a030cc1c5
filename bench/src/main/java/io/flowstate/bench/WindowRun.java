package io.flowstate.bench;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import io.flowstate.engine.DenormalsAsZero;
import io.flowstate.engine.Graph;
import io.flowstate.engine.OnnxRuntime;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** One JVM that loads a graph with given options, runs it a few times over noise in buffers that it owns, as the engine does, and prints what that took. */
final class WindowRun {
    private WindowRun() {}

    /**
     * @param denormals whether numbers below the normal range are computed with, or count as zero
     * @param blockBase of {@code session.dynamic_block_base}; 0 leaves it out
     */
    record Options(boolean arena, boolean pattern, boolean spinning, boolean denormals, int threads, int blockBase) {
        List<String> asArguments(Path graph, int runs) {
            return List.of(
                    graph.toString(),
                    Integer.toString(runs),
                    Boolean.toString(arena),
                    Boolean.toString(pattern),
                    Boolean.toString(spinning),
                    Boolean.toString(denormals),
                    Integer.toString(threads),
                    Integer.toString(blockBase));
        }

        static Options parse(String[] arguments) {
            return new Options(
                    Boolean.parseBoolean(arguments[2]),
                    Boolean.parseBoolean(arguments[3]),
                    Boolean.parseBoolean(arguments[4]),
                    Boolean.parseBoolean(arguments[5]),
                    Integer.parseInt(arguments[6]),
                    Integer.parseInt(arguments[7]));
        }

        /** The engine's own, but for what is tried. */
        SessionOptions make() throws OrtException {
            SessionOptions made = Graph.options(threads);
            made.setMemoryPatternOptimization(pattern);
            made.setCPUArenaAllocator(arena);
            if (spinning) {
                made.addConfigEntry("session.intra_op.allow_spinning", "1");
            }
            if (denormals) {
                made.addConfigEntry("session.set_denormal_as_zero", "0");
            }
            if (blockBase > 0) {
                made.addConfigEntry("session.dynamic_block_base", Integer.toString(blockBase));
            }
            return made;
        }
    }

    /**
     * Medians over the runs after the first.
     *
     * @param loadSeconds once, before the first
     */
    record Figures(double wallSeconds, double cpuSeconds, double loadSeconds, long peakRssBytes) {
        static Figures parse(String line) {
            String[] fields = line.split(" ", -1);
            return new Figures(
                    Double.parseDouble(fields[0]),
                    Double.parseDouble(fields[1]),
                    Double.parseDouble(fields[2]),
                    Long.parseLong(fields[3]));
        }

        @Override
        public String toString() {
            return "%s %s %s %d".formatted(wallSeconds, cpuSeconds, loadSeconds, peakRssBytes);
        }
    }

    /** Takes what {@link Options#asArguments} makes. */
    public static void main(String[] arguments) throws OrtException, IOException {
        Options options = Options.parse(arguments);
        int runs = Integer.parseInt(arguments[1]);
        long start = System.nanoTime();
        // Options that are set twice are logged, which the runtime cannot do, and ends the process, before it has been
        // started.
        OrtEnvironment environment = OnnxRuntime.environment();
        try (Arena memory = Arena.ofShared();
                SessionOptions made = options.make();
                OrtSession session = environment.createSession(arguments[0], made)) {
            double load = secondsSince(start);
            if (options.denormals()) {
                System.out.println(measure(session, memory, runs, load));
            } else {
                try (DenormalsAsZero _ = DenormalsAsZero.open()) {
                    System.out.println(measure(session, memory, runs, load));
                }
            }
        }
    }

    private static Figures measure(OrtSession session, Arena memory, int runs, double load)
            throws OrtException, IOException {
        Map<String, OnnxTensor> inputs = tensors(session.getInputInfo(), memory);
        Map<String, OnnxTensor> outputs = tensors(session.getOutputInfo(), memory);
        List<Double> wall = new ArrayList<>();
        List<Double> cpu = new ArrayList<>();
        for (int run = 0; run <= runs; run++) {
            long begun = System.nanoTime();
            Duration used = ownCpu();
            session.run(inputs, Set.of(), outputs, null).close();
            if (run > 0) {
                wall.add(secondsSince(begun));
                cpu.add(ownCpu().minus(used).toNanos() / 1e9);
            }
        }
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
        return new Figures(
                Statistics.median(wall),
                Statistics.median(cpu),
                load,
                PeakMemory.bytes(ProcessHandle.current().pid()));
    }

    /** Noise for each input or output, in memory that Java and the graph share; the caller closes them before the memory. */
    static Map<String, OnnxTensor> tensors(Map<String, NodeInfo> nodes, Arena memory) throws OrtException {
        SplittableRandom random = new SplittableRandom(1);
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, NodeInfo> node : nodes.entrySet()) {
            long[] shape = ((TensorInfo) node.getValue().getInfo()).getShape();
            long count = 1;
            for (long size : shape) {
                count *= size;
            }
            FloatBuffer buffer = memory.allocate(count * Float.BYTES, 64)
                    .asByteBuffer()
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            for (int i = 0; i < buffer.capacity(); i++) {
                buffer.put(i, random.nextFloat() - 0.5f);
            }
            tensors.put(node.getKey(), OnnxTensor.createTensor(OnnxRuntime.environment(), buffer, shape));
        }
        return tensors;
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Processor time of this process until now. */
    static Duration ownCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }
}
