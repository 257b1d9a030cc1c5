package io.flowstate.engine.rewrite;

import java.util.function.BiPredicate;

/** A rule for one test: a function that is asked at each Mul whether it has replaced it. */
record MulRule(BiPredicate<OnnxGraph, Node> body) implements Rule {
    /** One that computes something else. */
    static final MulRule FORGOTTEN_FACTOR = new MulRule((graph, scale) -> {
        graph.bypass(scale, graph.variableInput(scale));
        return true;
    });

    @Override
    public String name() {
        return "mul";
    }

    @Override
    public String anchor() {
        return "Mul";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node anchor) {
        return body.test(graph, anchor);
    }
}
