package io.flowstate.engine.rewrite;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A transposed convolution along one axis whose kernel is a whole number m of strides s long becomes an ordinary one with s times the filters and m taps, whose outputs are interleaved:
 *
 * <pre>out[s·i + r] = Σ_j x[i − j] · w[r + j·s],  r = 0..s−1,  j = 0..m−1</pre>
 *
 * so phase r is a convolution of x, padded by m − 1 on both sides, with the taps w[r + (m−1)·s], ..., w[r + s], w[r]. The runtime's ordinary convolution runs near the machine's peak; its transposed one
 * first computes all taps' products and then adds them up in memory.
 */
final class InterleavedConvolution implements Rule {
    /** The axis is the first one after batch and channels; all others are left alone by the kernel. */
    private static final int AXIS = 2;

    @Override
    public String name() {
        return "interleaved-convolution";
    }

    @Override
    public String anchor() {
        return "ConvTranspose";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node node) {
        Optional<Weights> kernel = graph.weights(node.input(1));
        Optional<Weights> bias = node.hasInput(2) ? graph.weights(node.input(2)) : Optional.empty();
        Optional<Shape> input = graph.shape(node.input(0));
        if (kernel.isEmpty()
                || bias.isEmpty()
                || input.isEmpty()
                || !isPlain(node, input.get(), kernel.get().shape())) {
            return false;
        }
        replace(graph, node, input.get(), kernel.get(), bias.get());
        return true;
    }

    private static boolean isPlain(Node node, Shape input, Shape kernel) {
        Window window = new Window(node, input.rank() - AXIS);
        boolean elsewhere = IntStream.range(AXIS + 1, input.rank())
                .allMatch(axis -> kernel.size(axis) == 1 && window.stride(axis - AXIS) == 1);
        return window.isExplicit()
                && elsewhere
                && input.size(0) == 1
                && node.integer("group", 1) == 1
                && node.hasOnly("dilations", 1)
                && node.hasOnly("pads", 0)
                && node.hasOnly("output_padding", 0)
                && !node.has("output_shape")
                && kernel.size(AXIS) % window.stride(0) == 0;
    }

    private static void replace(OnnxGraph graph, Node node, Shape input, Weights kernel, Weights bias) {
        int stride = (int) new Window(node, input.rank() - AXIS).stride(0);
        int taps = kernel.shape().sizeAsInt(AXIS) / stride;
        int channels = kernel.shape().sizeAsInt(1);
        long steps = input.size(AXIS) + taps - 1;
        String name = node.output();

        long[] pads = new long[2 * (input.rank() - AXIS)];
        pads[0] = taps - 1L;
        pads[pads.length / 2] = taps - 1L;
        Weights filters = phased(kernel, stride, taps);
        Weights biases = bias.gathered(Shape.of((long) stride * channels), at -> at % channels);
        Node convolution = Node.of(
                        "Conv",
                        List.of(node.input(0), graph.add(node.input(1), filters), graph.add(node.input(2), biases)),
                        graph.fresh(name + "_phases"))
                .withIntegers("kernel_shape", filters.shape().toArray(AXIS))
                .withIntegers("pads", pads);
        Shape phases = input.with(0, stride).with(1, channels).with(AXIS, steps);
        Node apart = graph.reshape(convolution.output(), phases, graph.fresh(name + "_apart"));
        // [phase][channel][step]... to [channel][step][phase]...
        long[] order = LongStream.range(0, input.rank()).toArray();
        System.arraycopy(new long[] {1, 2, 0}, 0, order, 0, 3);
        Node beside = Node.of("Transpose", List.of(apart.output()), graph.fresh(name + "_beside"))
                .withIntegers("perm", order);
        Node whole = graph.reshape(beside.output(), input.with(1, channels).with(AXIS, steps * stride), name);
        graph.replace(List.of(node), List.of(convolution, apart, beside, whole));
    }

    /** [in][out][tap·stride + phase] becomes [phase][out][in][tap], the last tap first. */
    private static Weights phased(Weights kernel, int stride, int taps) {
        int from = kernel.shape().sizeAsInt(0);
        int to = kernel.shape().sizeAsInt(1);
        Shape shape = kernel.shape().with(0, (long) stride * to).with(1, from).with(AXIS, taps);
        return kernel.gathered(shape, at -> {
            int tap = taps - 1 - at % taps;
            int in = at / taps % from;
            int out = at / taps / from % to;
            int phase = at / taps / from / to;
            return (in * to + out) * stride * taps + tap * stride + phase;
        });
    }
}
