package io.flowstate.engine.rewrite;

import java.util.List;

/** How a convolution moves over its input; axes are counted without batch and channels. */
record Window(Node convolution, int axes) {
    /** Whether all is said in numbers. */
    boolean isExplicit() {
        return convolution.proto().getAttributeList().stream()
                .filter(each -> each.getName().equals("auto_pad"))
                .allMatch(each -> each.getS().toStringUtf8().equals("NOTSET"));
    }

    long stride(int axis) {
        return at("strides", axis, 1);
    }

    long dilation(int axis) {
        return at("dilations", axis, 1);
    }

    /** Before and after together. */
    long padding(int axis) {
        return at("pads", axis, 0) + at("pads", axis + axes, 0);
    }

    private long at(String attribute, int position, long otherwise) {
        List<Long> values = convolution.integers(attribute);
        return values.isEmpty() ? otherwise : values.get(position);
    }
}
