package io.flowstate.engine.rewrite;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** One operator of a graph, immutable. */
record Node(NodeProto proto) {
    /** Operators of ONNX Runtime itself. */
    static final String RUNTIME_DOMAIN = "com.microsoft";

    static Node of(String type, List<String> inputs, String... outputs) {
        return new Node(NodeProto.newBuilder()
                .setOpType(type)
                .setName(outputs[0])
                .addAllInput(inputs)
                .addAllOutput(List.of(outputs))
                .build());
    }

    Node in(String domain) {
        return new Node(proto.toBuilder().setDomain(domain).build());
    }

    Node withInteger(String name, long value) {
        return with(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value));
    }

    Node withNumber(String name, float value) {
        return with(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.FLOAT)
                .setF(value));
    }

    Node withIntegers(String name, long... values) {
        return with(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INTS)
                .addAllInts(LongStream.of(values).boxed().toList()));
    }

    private Node with(AttributeProto.Builder attribute) {
        return new Node(proto.toBuilder().addAttribute(attribute).build());
    }

    Node withInputs(List<String> inputs) {
        return new Node(proto.toBuilder().clearInput().addAllInput(inputs).build());
    }

    Node withOutput(String output) {
        return new Node(proto.toBuilder()
                .clearOutput()
                .addOutput(output)
                .setName(output)
                .build());
    }

    /** After its domain and a dot, unless it is one of ONNX's own. */
    String type() {
        return proto.getDomain().isEmpty() ? proto.getOpType() : proto.getDomain() + "." + proto.getOpType();
    }

    /** Of ONNX's own operators alone. */
    boolean is(String type) {
        return proto.getOpType().equals(type) && proto.getDomain().isEmpty();
    }

    List<String> inputs() {
        return proto.getInputList();
    }

    String input(int position) {
        return proto.getInput(position);
    }

    boolean hasInput(int position) {
        return position < proto.getInputCount() && !proto.getInput(position).isEmpty();
    }

    List<String> outputs() {
        return proto.getOutputList();
    }

    String output() {
        return proto.getOutput(0);
    }

    private Optional<AttributeProto> attribute(String name) {
        return proto.getAttributeList().stream()
                .filter(each -> each.getName().equals(name))
                .findFirst();
    }

    boolean has(String attribute) {
        return attribute(attribute).isPresent();
    }

    long integer(String name, long otherwise) {
        return attribute(name).map(AttributeProto::getI).orElse(otherwise);
    }

    float number(String name, float otherwise) {
        return attribute(name).map(AttributeProto::getF).orElse(otherwise);
    }

    /** Empty when there is no such attribute. */
    List<Long> integers(String name) {
        return attribute(name).map(AttributeProto::getIntsList).orElse(List.of());
    }

    boolean hasOnly(String name, long value) {
        return integers(name).stream().allMatch(each -> each == value);
    }
}
