package io.flowstate.core.yaml;

import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** From text to nodes that know their places, and one document over another. */
final class YamlDocument {
    private final Problems problems;
    private final Set<Node> walked = Collections.newSetFromMap(new IdentityHashMap<>());

    private YamlDocument(Problems problems) {
        this.problems = problems;
    }

    /** The root mapping; an empty one if the text is empty or, after a problem was reported, cannot be read. */
    static MappingNode parse(String file, String text, Problems problems) {
        MappingNode empty = emptyAt(Optional.of(new Mark(file, 0, 0, 0, new int[0], 0)));
        LoadSettings settings = LoadSettings.builder().setLabel(file).build();
        try {
            Node root = new Compose(settings).composeString(text).orElse(empty);
            if (root instanceof MappingNode mapping) {
                new YamlDocument(problems).checkKeys(mapping, "");
                return mapping;
            }
            problems.add(root, "document", "must be a mapping of keys to values");
        } catch (MarkedYamlEngineException bad) {
            String place = bad.getProblemMark().map(Problems::place).orElse(file);
            problems.add("%s is not YAML: %s".formatted(place, bad.getProblem()));
        } catch (YamlEngineException bad) {
            problems.add("%s is not YAML: %s".formatted(file, bad.getMessage()));
        }
        return empty;
    }

    /** A mapping without keys that stands where {@code mark} is. */
    static MappingNode emptyAt(Optional<Mark> mark) {
        return new MappingNode(Tag.MAP, true, List.of(), FlowStyle.BLOCK, mark, mark);
    }

    /** Mappings merge key by key, everything else is replaced; each node keeps the place where it was written. */
    static MappingNode merge(MappingNode base, MappingNode over) {
        Map<String, NodeTuple> merged = new LinkedHashMap<>();
        base.getValue().forEach(entry -> merged.put(key(entry), entry));
        for (NodeTuple entry : over.getValue()) {
            NodeTuple old = merged.get(key(entry));
            if (old != null
                    && old.getValueNode() instanceof MappingNode below
                    && entry.getValueNode() instanceof MappingNode above) {
                merged.put(key(entry), new NodeTuple(entry.getKeyNode(), merge(below, above)));
            } else {
                merged.put(key(entry), entry);
            }
        }
        return new MappingNode(
                Tag.MAP, true, List.copyOf(merged.values()), FlowStyle.BLOCK, over.getStartMark(), over.getEndMark());
    }

    static String key(NodeTuple entry) {
        return entry.getKeyNode() instanceof ScalarNode name ? name.getValue() : "?";
    }

    /** Done once for the whole text, because a merge keeps just one of two equal keys. An anchor may lead back to where the walk has been. */
    private void checkKeys(Node node, String path) {
        if (!walked.add(node)) {
            return;
        }
        switch (node) {
            case MappingNode mapping -> {
                Set<String> seen = new HashSet<>();
                for (NodeTuple entry : mapping.getValue()) {
                    String at = path.isEmpty() ? key(entry) : path + "." + key(entry);
                    if (!seen.add(key(entry))) {
                        problems.add(entry.getKeyNode(), at, "is given twice");
                    }
                    checkKeys(entry.getValueNode(), at);
                }
            }
            case SequenceNode sequence -> {
                int index = 0;
                for (Node item : sequence.getValue()) {
                    checkKeys(item, "%s[%d]".formatted(path, index++));
                }
            }
            default -> {}
        }
    }
}
