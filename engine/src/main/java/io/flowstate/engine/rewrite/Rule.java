package io.flowstate.engine.rewrite;

/** One kind of replacement. It computes the same as what it replaces, but for the rounding of floats. */
interface Rule {
    String name();

    /** The type of operator at which to look for an occurrence. Each replacement leaves fewer of them to look at, or none that fit. */
    String anchor();

    /** Replaces the occurrence at a node; where a condition is not met or cannot be seen, leaves the graph as it is and gives false. */
    boolean replaceAt(OnnxGraph graph, Node anchor);

    /** Replaces all that there are, also those that come to be by a replacement; gives their number. */
    default int apply(OnnxGraph graph) {
        int replaced = 0;
        int before;
        do {
            before = replaced;
            graph.inferShapes();
            for (Node node : graph.nodes(anchor())) {
                // An earlier replacement of this round may have changed it.
                if (graph.contains(node) && replaceAt(graph, node)) {
                    replaced++;
                }
            }
        } while (replaced > before);
        return replaced;
    }
}
