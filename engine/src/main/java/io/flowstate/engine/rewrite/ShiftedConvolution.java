package io.flowstate.engine.rewrite;

import java.util.List;
import java.util.Optional;

/**
 * A convolution along time that leaves far fewer channels than it takes becomes one pointwise product for all its taps, whose few results are shifted and added up:
 *
 * <pre>y[t] = Σ_j W_j x[t + (j − m)·d] = Σ_j (W_j x)[t + (j − m)·d]</pre>
 *
 * with k = 2m + 1 taps, dilation d and zeros outside. The runtime would otherwise copy the wide input once for each tap before it multiplies; now only the narrow results are touched more than once.
 */
final class ShiftedConvolution implements Rule {
    /** At least so many times fewer channels come out than go in. */
    private static final int NARROWING = 4;

    @Override
    public String name() {
        return "shifted-convolution";
    }

    @Override
    public String anchor() {
        return "Conv";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node convolution) {
        Optional<Weights> filters = graph.weights(convolution.input(1));
        Optional<Shape> input = graph.shape(convolution.input(0));
        if (filters.isEmpty()
                || input.isEmpty()
                || !fits(graph, convolution, input.get(), filters.get().shape())) {
            return false;
        }
        replace(graph, convolution, filters.get());
        return true;
    }

    private static boolean fits(OnnxGraph graph, Node convolution, Shape input, Shape filters) {
        if (input.rank() != 3
                || !convolution.hasInput(2)
                || graph.weights(convolution.input(2)).isEmpty()) {
            return false;
        }
        Window window = new Window(convolution, 1);
        long taps = filters.size(2);
        List<Long> pads = convolution.integers("pads");
        long reach = (taps - 1) / 2 * window.dilation(0);
        return window.isExplicit()
                && taps > 1
                && taps % 2 == 1
                && reach < input.size(2)
                && filters.size(0) * NARROWING <= filters.size(1)
                && window.stride(0) == 1
                && convolution.integer("group", 1) == 1
                && pads.equals(List.of(reach, reach));
    }

    private static void replace(OnnxGraph graph, Node convolution, Weights filters) {
        int out = filters.shape().sizeAsInt(0);
        int in = filters.shape().sizeAsInt(1);
        int taps = filters.shape().sizeAsInt(2);
        long dilation = new Window(convolution, 1).dilation(0);
        Weights bias = graph.weights(convolution.input(2)).orElseThrow();
        Builder to = new Builder(graph, convolution.output());

        // [tap][out][in]; the bias goes with the tap in the middle, which is not shifted.
        Weights pointwise = filters.gathered(
                Shape.of((long) taps * out, in, 1), at -> (at / in % out * in + at % in) * taps + at / in / out);
        Weights middle =
                Weights.generate(Shape.of((long) taps * out), at -> at / out == taps / 2 ? bias.get(at % out) : 0);
        String products = to.add(Node.of(
                        "Conv",
                        List.of(convolution.input(0), to.constant("taps", pointwise), to.constant("bias", middle)),
                        to.name("products"))
                .withIntegers("kernel_shape", 1L));
        List<String> parts = to.split("tap", products, taps, out);
        String sum = parts.get(taps / 2);
        for (int away = 1; away <= taps / 2; away++) {
            String earlier = shifted(graph, to, parts.get(taps / 2 - away), away * dilation);
            String later = shifted(graph, to, parts.get(taps / 2 + away), -away * dilation);
            sum = to.add("Add", "sum", sum, to.add("Add", "pair", earlier, later));
        }
        to.add(Node.of("Identity", List.of(sum), convolution.output()));
        graph.replace(List.of(convolution), to.nodes());
    }

    /** What was at t is at t + steps; what falls off is lost, what comes in is zero. */
    private static String shifted(OnnxGraph graph, Builder to, String value, long steps) {
        return to.add("Pad", "moved", value, graph.addIntegers(to.name("pads"), 0, 0, steps, 0, 0, -steps));
    }
}
