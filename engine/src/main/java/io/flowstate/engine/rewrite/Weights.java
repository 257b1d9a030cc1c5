package io.flowstate.engine.rewrite;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * A constant tensor of floats, row by row. The buffer may be a part of the file itself, so that reading a model takes no memory for its weights; it is never written to.
 */
record Weights(Shape shape, FloatBuffer values) {
    static Weights of(Shape shape, float... values) {
        return new Weights(shape, FloatBuffer.wrap(values));
    }

    /** Empty when the tensor holds anything but floats, or holds them in another file. */
    static Optional<Weights> read(TensorProto proto) {
        if (proto.getDataType() != TensorProto.DataType.FLOAT.getNumber() || proto.getExternalDataCount() > 0) {
            return Optional.empty();
        }
        Shape shape = new Shape(proto.getDimsList());
        if (proto.getFloatDataCount() > 0) {
            List<Float> listed = proto.getFloatDataList();
            return Optional.of(generate(shape, at -> listed.get(at)));
        }
        return Optional.of(new Weights(
                shape,
                proto.getRawData()
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()));
    }

    TensorProto write(String name) {
        ByteBuffer raw = room(count());
        raw.asFloatBuffer().put(values.duplicate().rewind());
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .addAllDims(shape.sizes())
                .setRawData(UnsafeByteOperations.unsafeWrap(raw))
                .build();
    }

    /** The element at a place of the row-major order. */
    @FunctionalInterface
    interface Element {
        double at(int place);
    }

    static Weights generate(Shape shape, Element element) {
        FloatBuffer values = room(Math.toIntExact(shape.count())).asFloatBuffer();
        for (int i = 0; i < values.capacity(); i++) {
            values.put(i, (float) element.at(i));
        }
        return new Weights(shape, values);
    }

    /** Outside the heap, which need not be as large as a model. */
    private static ByteBuffer room(int count) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    }

    int count() {
        return values.capacity();
    }

    float get(int place) {
        return values.get(place);
    }

    boolean isAll(float value) {
        for (int i = 0; i < count(); i++) {
            if (values.get(i) != value) {
                return false;
            }
        }
        return true;
    }

    Weights reshaped(Shape other) {
        return new Weights(other, values);
    }

    /** The elements that {@code from} names, in a tensor of another shape. */
    Weights gathered(Shape other, IntUnaryOperator from) {
        return generate(other, at -> values.get(from.applyAsInt(at)));
    }

    /** Rows {@code from} to {@code to} of the first axis. */
    Weights rows(int from, int to) {
        int row = count() / shape.sizeAsInt(0);
        return new Weights(shape.with(0, to - from), values.slice(from * row, (to - from) * row));
    }
}
