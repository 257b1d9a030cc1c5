package io.flowstate.engine.rewrite;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/** An ONNX model as its file says it, immutable. Weights stay in the mapped file; those that the model keeps in other files are left there. */
record OnnxModel(ModelProto proto) {
    private static final int PIECE_BYTES = 1 << 20;

    /**
     * @param arena holds the file's mapping; the model must not be used once it is closed
     * @throws IOException if the file cannot be read, is no ONNX model, or is larger than such a file can be (2 GB)
     */
    static OnnxModel read(Path file, Arena arena) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new IOException(file + " is too large for an ONNX model");
            }
            ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena)
                    .asByteBuffer();
            // What is known not to change may be shared instead of copied.
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(mapped).newCodedInput();
            in.enableAliasing(true);
            in.setSizeLimit(Integer.MAX_VALUE);
            return new OnnxModel(ModelProto.parseFrom(in));
        }
    }

    void write(Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), PIECE_BYTES)) {
            proto.writeTo(out);
        }
    }

    GraphProto graph() {
        return proto.getGraph();
    }

    /** The version of ONNX's own operators. */
    long opset() {
        return proto.getOpsetImportList().stream()
                .filter(each -> each.getDomain().isEmpty())
                .mapToLong(OperatorSetIdProto::getVersion)
                .findFirst()
                .orElse(0);
    }

    /** Whether some operator holds a graph of its own (If, Loop, Scan), which can take values of the whole without saying so. */
    boolean hasInnerGraphs() {
        return graph().getNodeList().stream()
                .flatMap(node -> node.getAttributeList().stream())
                .anyMatch(each -> each.hasG() || each.getGraphsCount() > 0);
    }

    /** The same model around another graph with the same inputs and outputs, which may use the runtime's own operators. */
    OnnxModel with(Collection<Node> nodes, Collection<TensorProto> constants) {
        GraphProto.Builder graph =
                graph().toBuilder().clearNode().clearInitializer().clearInput().clearValueInfo();
        nodes.forEach(node -> graph.addNode(node.proto()));
        graph.addAllInitializer(constants);
        // Old exports list their constants among the inputs; those that are gone would have to be given.
        Set<String> published =
                graph().getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
        graph().getInputList().stream()
                .filter(each -> !published.contains(each.getName()))
                .forEach(graph::addInput);
        ModelProto.Builder changed = proto.toBuilder().setGraph(graph);
        if (proto.getOpsetImportList().stream()
                .noneMatch(each -> each.getDomain().equals(Node.RUNTIME_DOMAIN))) {
            changed.addOpsetImport(OperatorSetIdProto.newBuilder()
                    .setDomain(Node.RUNTIME_DOMAIN)
                    .setVersion(1));
        }
        return new OnnxModel(changed.build());
    }
}
