package io.flowstate.engine.rewrite;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The second half of a residual block: a pointwise convolution widens k channels h to 2c, these are normalised over everything, and the halves a and g become a · sigmoid(g). Instead of writing the wide
 * tensor, measuring it and writing it again, its mean and variance are computed from the second moments of its narrow input. With h' = h and a further channel of ones, of n = 2c·t values
 *
 * <pre>y = W' h',  W' = [W | b]
 * M = h' h'ᵀ                          (k+1) × (k+1)
 * mean(y)  = ⟨M, column sums of W' in the last column⟩ / n
 * mean(y²) = ⟨M, W'ᵀ W'⟩ / n</pre>
 *
 * and the normalisation is applied to the narrow input too, where a channel more carries the mean:
 *
 * <pre>norm(y) = gamma · (W' h' − mean) / deviation + beta = [gamma W' | gamma] [h' / deviation ; −mean / deviation] + beta</pre>
 *
 * so that the wide halves are written once each, finished, by convolutions with constant weights. A factor for each channel of the gated product (LayerScale) goes into the weights of a.
 *
 * <p>The variance comes as a difference, mean(y²) − mean(y)², which loses digits where the mean is far greater than the deviation; after a normalisation and a GELU it is not.
 */
final class FoldedNorm implements Rule {
    /**
     * What the rule found.
     *
     * @param scale of each channel of the product, if there is one
     * @param last gives what comes out
     */
    private record Block(
            Node convolution, WholeNorm norm, Node split, Node sigmoid, Node gate, Optional<Node> scale, Node last) {}

    @Override
    public String name() {
        return "folded-norm";
    }

    @Override
    public String anchor() {
        return "Conv";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node convolution) {
        Optional<Block> block = isPointwise(graph, convolution) ? block(graph, convolution) : Optional.empty();
        block.ifPresent(found -> replace(graph, found));
        return block.isPresent();
    }

    private static boolean isPointwise(OnnxGraph graph, Node convolution) {
        Optional<Shape> input = graph.shape(convolution.input(0));
        return input.isPresent()
                && input.get().rank() == 3
                && convolution.hasInput(2)
                && convolution.integer("group", 1) == 1
                && convolution.hasOnly("strides", 1)
                && convolution.hasOnly("pads", 0)
                && graph.weights(convolution.input(2)).isPresent()
                && graph.weights(convolution.input(1))
                        .filter(each -> each.shape().size(2) == 1)
                        .isPresent();
    }

    private static Optional<Block> block(OnnxGraph graph, Node convolution) {
        List<Node> below = graph.below(convolution.output(), "Reshape");
        Optional<WholeNorm> norm = below.isEmpty() ? Optional.empty() : WholeNorm.at(graph, below.getFirst());
        List<Node> split = norm.isEmpty() ? List.of() : graph.below(norm.get().output(), "Split");
        if (split.isEmpty()
                || split.getFirst().outputs().size() != 2
                || split.getFirst().integer("axis", 0) != 1) {
            return Optional.empty();
        }
        List<String> halves = split.getFirst().outputs();
        List<Node> gate = graph.below(halves.get(1), "Sigmoid", "Mul");
        boolean gated = !gate.isEmpty()
                && graph.shape(halves.get(0)).isPresent()
                && graph.shape(halves.get(0)).equals(graph.shape(halves.get(1)))
                && graph.below(halves.get(0), "Mul").equals(gate.subList(1, 2));
        if (!gated) {
            return Optional.empty();
        }
        Optional<Node> scale = graph.below(gate.get(1).output(), "Mul").stream()
                .filter(node -> graph.factor(node)
                        .filter(each -> isOfChannels(each, graph.knownShape(halves.get(0))))
                        .isPresent())
                .findFirst();
        return Optional.of(new Block(
                convolution, norm.get(), split.getFirst(), gate.get(0), gate.get(1), scale, scale.orElse(gate.get(1))));
    }

    private static boolean isOfChannels(Weights factor, Shape shape) {
        return factor.shape().rank() <= shape.rank()
                && factor.shape().isVectorAlong(2)
                && factor.count() == shape.size(1);
    }

    private static void replace(OnnxGraph graph, Block block) {
        String input = block.convolution().input(0);
        Shape narrow = graph.knownShape(input);
        Builder to = new Builder(graph, block.norm().output());
        Tables tables = Tables.of(graph, block, narrow);
        int channels = tables.beta().count() / 2;

        String pads = graph.addIntegers(to.name("pads"), 0, 0, 0, 0, 2, 0);
        String ones = to.add("Pad", "ones", input, pads, to.scalar("one", 1));
        String across =
                to.add(Node.of("Transpose", List.of(ones), to.name("across")).withIntegers("perm", 0, 2, 1));
        String moments = to.add("MatMul", "moments", ones, across);
        String mean =
                to.sum("mean", to.add("Mul", "mean_terms", moments, to.constant("mean_table", tables.mean())), 1, 2);
        String square = to.sum(
                "square", to.add("Mul", "square_terms", moments, to.constant("square_table", tables.square())), 1, 2);
        String variance = to.add("Sub", "variance", square, to.add("Mul", "mean_square", mean, mean));
        String safe = to.add(
                "Add", "safe", variance, to.scalar("epsilon", block.norm().epsilon()));
        String deviation = to.add("Sqrt", "deviation", safe);

        String less = to.add("Mul", "less", mean, to.constant("mean_channel", tables.meanChannel()));
        String scale = to.add(
                "Div",
                "scale",
                to.add("Sub", "numerator", to.constant("own_channels", tables.ownChannels()), less),
                deviation);
        String scaled = to.add("Mul", "scaled", ones, scale);
        String value = to.add(
                "Conv",
                "value",
                scaled,
                to.constant("value_weights", tables.weights().rows(0, channels)),
                to.constant("value_bias", tables.beta().rows(0, channels)));
        String gate = to.add(
                "Sigmoid",
                "gate",
                to.add(
                        "Conv",
                        "gate_input",
                        scaled,
                        to.constant("gate_weights", tables.weights().rows(channels, 2 * channels)),
                        to.constant("gate_bias", tables.beta().rows(channels, 2 * channels))));
        to.add(Node.of("Mul", List.of(value, gate), block.last().output()));

        List<Node> out = new ArrayList<>(block.norm().nodes());
        out.addAll(List.of(block.convolution(), block.split(), block.sigmoid(), block.gate()));
        block.scale().ifPresent(out::add);
        graph.replace(out, to.nodes());
    }

    /**
     * The constants, for a narrow input of k channels, one of ones and one that carries the mean.
     *
     * @param weights [2c][k+2][1]
     * @param beta [2c]
     * @param ownChannels [k+2][1], 1 but for the last
     * @param meanChannel [k+2][1], 0 but for the last
     * @param mean [k+2][k+2], whose product with M sums up to the mean
     * @param square the same for the mean of the squares
     */
    private record Tables(
            Weights weights, Weights beta, Weights ownChannels, Weights meanChannel, Weights mean, Weights square) {
        static Tables of(OnnxGraph graph, Block block, Shape narrow) {
            Weights filters = graph.weights(block.convolution().input(1)).orElseThrow();
            Weights bias = graph.weights(block.convolution().input(2)).orElseThrow();
            int rows = bias.count();
            int k = narrow.sizeAsInt(1);
            int columns = k + 2;
            double n = (double) rows * narrow.size(2);
            // W' and a column of zeros, since the last channel is not there when the moments are taken.
            double[] plain = new double[rows * columns];
            double[] scale = new double[rows];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < k; column++) {
                    plain[row * columns + column] = filters.get(row * k + column);
                }
                plain[row * columns + k] = bias.get(row);
                scale[row] = block.norm().gamma().get(row) * layerScale(graph, block, row, rows / 2);
            }
            Weights beta = Weights.generate(
                    Shape.of(rows), row -> block.norm().beta().get(row) * layerScale(graph, block, row, rows / 2));
            Shape column = Shape.of(columns, 1);
            Shape square = Shape.of(columns, columns);
            return new Tables(
                    Weights.generate(
                            Shape.of(rows, columns, 1),
                            at -> scale[at / columns] * (at % columns == k + 1 ? 1 : plain[at])),
                    beta,
                    Weights.generate(column, at -> at <= k ? 1 : 0),
                    Weights.generate(column, at -> at <= k ? 0 : 1),
                    Weights.generate(square, at -> at % columns == k ? columnSum(plain, columns, at / columns) / n : 0),
                    Weights.generate(square, at -> inner(plain, columns, at / columns, at % columns) / n));
        }

        private static double layerScale(OnnxGraph graph, Block block, int row, int half) {
            return block.scale()
                    .filter(_ -> row < half)
                    .flatMap(graph::factor)
                    .map(each -> (double) each.get(row))
                    .orElse(1.0);
        }

        private static double columnSum(double[] table, int columns, int column) {
            double sum = 0;
            for (int at = column; at < table.length; at += columns) {
                sum += table[at];
            }
            return sum;
        }

        private static double inner(double[] table, int columns, int first, int second) {
            double sum = 0;
            for (int row = 0; row < table.length; row += columns) {
                sum += table[row + first] * table[row + second];
            }
            return sum;
        }
    }
}
