package io.flowstate.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.flowstate.engine.DenormalsAsZero;
import io.flowstate.engine.Graph;
import io.flowstate.engine.OnnxRuntime;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/** A graph, loaded with the engine's session options and ONNX Runtime's profiler, that runs over noise. For one thread. */
final class ProfiledGraph implements AutoCloseable {
    private final Arena memory = Arena.ofConfined();
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, OnnxTensor> outputs;

    /** @param trace beginning of the name of the file that the profiler writes */
    ProfiledGraph(Path graph, Path trace) throws OrtException {
        try (SessionOptions options = Graph.options(Runtime.getRuntime().availableProcessors())) {
            options.enableProfiling(trace.toString());
            session = OnnxRuntime.environment().createSession(graph.toString(), options);
        }
        inputs = WindowRun.tensors(session.getInputInfo(), memory);
        outputs = WindowRun.tensors(session.getOutputInfo(), memory);
    }

    void run() throws OrtException {
        try (DenormalsAsZero _ = DenormalsAsZero.open()) {
            session.run(inputs, Set.of(), outputs, null).close();
        }
    }

    /** After two runs at least; ends the profile. */
    KernelTimes times() throws OrtException {
        return KernelTimes.ofQuickestRun(JsonMapper.shared().readTree(Path.of(session.endProfiling())));
    }

    @Override
    public void close() throws OrtException {
        session.close();
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
        memory.close();
    }
}
