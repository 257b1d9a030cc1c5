package io.flowstate.engine.rewrite;

import java.util.List;
import java.util.Optional;

/** A cut of one axis, every element from {@code start} to before {@code end}. */
record Slice(int axis, long start, long end) {
    /** Empty when it cuts several axes, takes steps, or its places are not constant. */
    static Optional<Slice> of(OnnxGraph graph, Node node, Shape from) {
        if (!node.hasInput(2)) {
            return Optional.empty();
        }
        Optional<List<Long>> starts = graph.integers(node.input(1));
        Optional<List<Long>> ends = graph.integers(node.input(2));
        Optional<List<Long>> axes = node.hasInput(3) ? graph.integers(node.input(3)) : Optional.empty();
        boolean steps = node.hasInput(4) && !graph.integers(node.input(4)).equals(Optional.of(List.of(1L)));
        if (steps
                || starts.isEmpty()
                || ends.isEmpty()
                || axes.isEmpty()
                || axes.get().size() != 1) {
            return Optional.empty();
        }
        int axis = Math.floorMod(axes.get().getFirst(), from.rank());
        long size = from.size(axis);
        return Optional.of(new Slice(
                axis, place(starts.get().getFirst(), size), place(ends.get().getFirst(), size)));
    }

    private static long place(long said, long size) {
        return Math.clamp(said < 0 ? said + size : said, 0, size);
    }

    long size() {
        return Math.max(0, end - start);
    }
}
