package io.flowstate.engine.rewrite;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/** The sizes of a tensor's axes. */
record Shape(List<Long> sizes) {
    Shape {
        sizes = List.copyOf(sizes);
    }

    static Shape of(long... sizes) {
        return new Shape(LongStream.of(sizes).boxed().toList());
    }

    int rank() {
        return sizes.size();
    }

    /** @param axis counted from the end when negative */
    long size(int axis) {
        return sizes.get(axis < 0 ? axis + rank() : axis);
    }

    int sizeAsInt(int axis) {
        return Math.toIntExact(size(axis));
    }

    /** How many elements a tensor of this shape has. */
    long count() {
        return sizes.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    Shape with(int axis, long size) {
        List<Long> changed = new ArrayList<>(sizes);
        changed.set(axis < 0 ? axis + rank() : axis, size);
        return new Shape(changed);
    }

    Shape permuted(List<Long> order) {
        return new Shape(order.stream().map(axis -> size(axis.intValue())).toList());
    }

    /** The shape of what two tensors give element by element, missing axes and axes of one being stretched. */
    Shape broadcast(Shape other) {
        List<Long> result = new ArrayList<>();
        for (int back = 1; back <= Math.max(rank(), other.rank()); back++) {
            long ours = back <= rank() ? size(-back) : 1;
            long theirs = back <= other.rank() ? other.size(-back) : 1;
            result.add(ours == 1 ? theirs : ours);
        }
        Collections.reverse(result);
        return new Shape(result);
    }

    /** Whether a transposition moves nothing but axes of size 1, so that the elements keep their order. */
    boolean keepsOrderWhen(List<Long> permutation) {
        List<Long> moved =
                permutation.stream().filter(axis -> size(axis.intValue()) != 1).toList();
        return moved.equals(moved.stream().sorted().toList());
    }

    /** Whether this has a single axis longer than one, at {@code back} places from the end (1 is the last), as that of a constant for one axis of what it is multiplied with. */
    boolean isVectorAlong(int back) {
        return rank() >= back && size(-back) == count();
    }

    /** The sizes from one axis on. */
    long[] toArray(int from) {
        return sizes.stream().skip(from).mapToLong(Long::longValue).toArray();
    }
}
