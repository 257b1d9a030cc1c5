package io.flowstate.engine.demucs;

import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection.Part;
import io.flowstate.core.catalogue.Model;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run of a graph over the whole track, and the stems that are taken from it.
 *
 * <p>A model is one graph for all its stems, in the role {@code graph}, or a bag of graphs that were each trained for one stem, in roles like {@code graph.vocals}. A graph of
 * a bag gives all the stems too, but only its own is worth taking. The graphs of a bag run one after the other, so that memory stays that of one, and those whose stem
 * nobody wants do not run.
 * Source: demucs 4.0.1, {@code BagOfModels}, with the weights of htdemucs_ft: 1 for a graph's own stem and 0 for the others.
 *
 * @param role of the graph among the model's files
 */
public record Pass(String role, List<Stem> stems) {
    private static final String SHARED = "graph";

    public Pass {
        stems = List.copyOf(stems);
    }

    /** Why the model's files cannot give all its stems, if they cannot. */
    public static Optional<String> mistake(Model model) {
        return model.stems().stream()
                .filter(stem -> !model.files().containsKey(role(model, stem)))
                .findFirst()
                .map(stem -> "its entry in the catalogue names neither a file \"%s\" nor a \"%s\""
                        .formatted(SHARED, own(stem)));
    }

    /** The passes that these outputs need, in the outputs' order, so that the first of them is complete first. */
    static List<Pass> over(Model model, List<Part> parts) {
        Map<String, List<Stem>> stems = new LinkedHashMap<>();
        parts.stream()
                .flatMap(part -> part.sumOf().stream())
                .distinct()
                .forEach(stem -> stems.computeIfAbsent(role(model, stem), _ -> new ArrayList<>())
                        .add(stem));
        return stems.entrySet().stream()
                .map(each -> new Pass(each.getKey(), each.getValue()))
                .toList();
    }

    private static String role(Model model, Stem stem) {
        return model.files().containsKey(own(stem)) ? own(stem) : SHARED;
    }

    private static String own(Stem stem) {
        return SHARED + "." + stem.id();
    }
}
