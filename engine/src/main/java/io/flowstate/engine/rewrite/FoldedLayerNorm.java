package io.flowstate.engine.rewrite;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A layer normalisation before matrix products leaves its gamma and beta to them:
 *
 * <pre>((x − mean) / deviation ⊙ gamma + beta) W + b = ((x − mean) / deviation) (diag(gamma) W) + (beta W + b)</pre>
 *
 * What remains is an instance normalisation of the rows, which this runtime computes several times faster: its layer normalisation adds up floats one after the other.
 *
 * <p>Between the normalisation and a product there may be reshapes that leave the last axis alone.
 */
final class FoldedLayerNorm implements Rule {
    @Override
    public String name() {
        return "folded-layer-norm";
    }

    @Override
    public String anchor() {
        return "LayerNormalization";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node norm) {
        Optional<Shape> shape = graph.shape(norm.input(0));
        Optional<Weights> gamma = graph.weights(norm.input(1));
        Optional<Weights> beta = norm.hasInput(2) ? graph.weights(norm.input(2)) : Optional.empty();
        if (shape.isEmpty()
                || gamma.isEmpty()
                || beta.isEmpty()
                || !isOfRows(norm, shape.get())
                || gamma.get().count() != shape.get().size(2)
                || beta.get().count() != shape.get().size(2)) {
            return false;
        }
        List<Node> products = new ArrayList<>();
        if (!collect(graph, norm.output(), shape.get().size(2), products)) {
            return false;
        }
        for (Node product : products) {
            graph.replace(List.of(product), List.of(folded(graph, product, gamma.get(), beta.get())));
        }
        Builder to = new Builder(graph, norm.output());
        Shape rows = Shape.of(shape.get().size(1));
        String ones = to.constant("ones", Weights.generate(rows, _ -> 1));
        String zeros = to.constant("zeros", Weights.generate(rows, _ -> 0));
        Node plain = Node.of("InstanceNormalization", List.of(norm.input(0), ones, zeros), norm.output())
                .withNumber("epsilon", norm.number("epsilon", 1e-5f));
        graph.replace(List.of(norm), List.of(plain));
        return true;
    }

    private static boolean isOfRows(Node norm, Shape shape) {
        long axis = norm.integer("axis", -1);
        return norm.outputs().size() == 1 && shape.rank() == 3 && shape.size(0) == 1 && (axis == -1 || axis == 2);
    }

    /** Finds the products to which a value goes; false if it goes anywhere else. */
    private static boolean collect(OnnxGraph graph, String value, long columns, List<Node> products) {
        if (graph.isResult(value)) {
            return false;
        }
        for (Node taker : graph.consumers(value)) {
            boolean passesOn = taker.is("Reshape")
                    && graph.shape(taker.output())
                            .filter(shape -> shape.size(-1) == columns)
                            .isPresent();
            if (taker.is("Gemm") && isPlain(graph, taker, value)) {
                products.add(taker);
            } else if (!passesOn || !collect(graph, taker.output(), columns, products)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPlain(OnnxGraph graph, Node product, String value) {
        return product.input(0).equals(value)
                && product.hasInput(2)
                && product.integer("transA", 0) == 0
                && product.integer("transB", 0) == 0
                && product.number("alpha", 1) == 1
                && product.number("beta", 1) == 1
                && graph.hasPlainWeights(product);
    }

    private static Node folded(OnnxGraph graph, Node product, Weights gamma, Weights beta) {
        Weights weights = graph.weights(product.input(1)).orElseThrow();
        Weights bias = graph.weights(product.input(2)).orElseThrow();
        int columns = weights.shape().sizeAsInt(1);
        double[] shifts = new double[columns];
        for (int at = 0; at < weights.count(); at++) {
            shifts[at % columns] += (double) beta.get(at / columns) * weights.get(at);
        }
        return product.withInputs(List.of(
                product.input(0),
                graph.add(
                        product.input(1),
                        Weights.generate(weights.shape(), at -> (double) gamma.get(at / columns) * weights.get(at))),
                graph.add(product.input(2), Weights.generate(bias.shape(), at -> bias.get(at) + shifts[at]))));
    }
}
