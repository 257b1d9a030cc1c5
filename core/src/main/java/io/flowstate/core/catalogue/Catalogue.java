package io.flowstate.core.catalogue;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Stem;
import io.flowstate.core.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All models and deployments that are known here. Immutable.
 *
 * @param preference providers by task and priority, first choice first: {@code preference.get(task).get("realtime")}
 */
public record Catalogue(
        Map<String, Model> models,
        Map<String, Deployment> deployments,
        Map<Task, Map<String, List<String>>> preference) {
    public Catalogue {
        models = Collections.unmodifiableMap(new LinkedHashMap<>(models));
        deployments = Collections.unmodifiableMap(new LinkedHashMap<>(deployments));
        preference = Map.copyOf(preference);
    }

    /** @throws FlowError {@link Code#UNKNOWN_MODEL}, listing what there is */
    public Model model(String id) {
        Model model = models.get(id);
        if (model == null) {
            throw unknown(id, models.keySet());
        }
        return model;
    }

    public Collection<Deployment> deploymentsOf(Task task) {
        return deployments.values().stream()
                .filter(deployment -> deployment.task() == task)
                .toList();
    }

    /**
     * The stems that a request may name: those of the model that it asks for, else of all that may be chosen.
     *
     * @param wanted a model or a deployment
     * @throws FlowError {@link Code#UNKNOWN_MODEL}
     */
    public Set<Stem> stems(Optional<String> wanted) {
        wanted.ifPresent(this::requireKnown);
        Set<Stem> stems = EnumSet.noneOf(Stem.class);
        Stream<Model> eligible = wanted.map(this::named)
                .map(Stream::of)
                .orElseGet(() -> deploymentsOf(Task.STEMS).stream().map(Deployment::model));
        eligible.map(Model::stems).forEach(stems::addAll);
        return stems;
    }

    private Model named(String name) {
        Deployment deployment = deployments.get(name);
        return deployment == null ? model(name) : deployment.model();
    }

    /** @throws FlowError {@link Code#UNKNOWN_MODEL} unless {@code name} is a model or a deployment of this catalogue */
    public void requireKnown(String name) {
        if (!models.containsKey(name) && !deployments.containsKey(name)) {
            List<String> known = new ArrayList<>(models.keySet());
            known.addAll(deployments.keySet());
            throw unknown(name, known);
        }
    }

    /** Place of a provider in the preference of a task, 0 first; those that are not listed come after all others. */
    public int rank(Task task, String priority, String provider) {
        List<String> order = preference.getOrDefault(task, Map.of()).getOrDefault(priority, List.of());
        int place = order.indexOf(provider);
        return place < 0 ? order.size() : place;
    }

    private static FlowError unknown(String id, Collection<String> known) {
        return FlowError.of(Code.UNKNOWN_MODEL, "There is no model \"%s\" in the catalogue.", id)
                .field("model")
                .advice("Known here: %s.", String.join(", ", known));
    }
}
