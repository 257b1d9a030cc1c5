package io.flowstate.engine.rewrite;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** Constants that say shapes, axes and places: 64-bit whole numbers. */
final class Integers {
    private Integers() {}

    /** Empty when the tensor holds anything else, or holds it in another file. */
    static Optional<List<Long>> read(TensorProto proto) {
        if (proto.getDataType() != TensorProto.DataType.INT64.getNumber() || proto.getExternalDataCount() > 0) {
            return Optional.empty();
        }
        if (proto.getInt64DataCount() > 0) {
            return Optional.of(List.copyOf(proto.getInt64DataList()));
        }
        LongBuffer raw = proto.getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer();
        List<Long> values = new ArrayList<>();
        while (raw.hasRemaining()) {
            values.add(raw.get());
        }
        return Optional.of(values);
    }

    static TensorProto write(String name, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        LongStream.of(values).forEach(raw::putLong);
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(values.length)
                .setRawData(ByteString.copyFrom(raw.flip()))
                .build();
    }
}
