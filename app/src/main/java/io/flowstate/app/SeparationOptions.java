package io.flowstate.app;

import io.flowstate.core.AudioInput;
import io.flowstate.core.Check;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is to be done with every input, wherever it is done. */
final class SeparationOptions {
    @Mixin
    FormatOptions format = new FormatOptions();

    @Mixin
    QualityOptions effort = new QualityOptions();

    @Mixin
    RoutingOptions routing = new RoutingOptions();

    @Option(
            names = "--stems",
            paramLabel = "NAMES",
            completionCandidates = Candidates.Stems.class,
            split = ",",
            description = "Just these, e.g. vocals,drums. Default: all that the model has.")
    List<String> stems = List.of();

    @Option(
            names = "--two-stems",
            paramLabel = "NAME",
            completionCandidates = Candidates.Stems.class,
            description = "This stem, and everything else together as no_NAME.")
    Optional<String> twoStems = Optional.empty();

    @Option(
            names = "--allow-truncated",
            description =
                    "Separate what is there when a file ends before its announced length, instead of refusing it.")
    boolean allowTruncated;

    /** @throws io.flowstate.core.FlowError if the options do not go together */
    StemsRequest request(AudioInput input, StemSelection selection) {
        return new StemsRequest(
                input,
                selection,
                routing.model,
                effort.effectiveOverlap(),
                effort.effectiveShifts(),
                effort.seed,
                format.audio(),
                format.clipping(),
                allowTruncated);
    }

    void requireOneSelection() {
        Check.that(stems.isEmpty() || twoStems.isEmpty(), "two-stems", "cannot be used together with --stems");
    }

    /**
     * All of it as a server takes it, which has the last word on models and stems.
     *
     * @throws io.flowstate.core.FlowError for what is wrong with whatever model, before anything is sent
     */
    Map<String, String> parameters() {
        requireOneSelection();
        request(new AudioInput("", Path.of("")), new StemSelection.All());
        routing.policy();
        Map<String, String> parameters = new LinkedHashMap<>();
        if (!stems.isEmpty()) {
            parameters.put("stems", String.join(",", stems));
        }
        twoStems.ifPresent(stem -> parameters.put("two_stems", stem));
        parameters.put("format", format.format);
        format.bits.ifPresent(bits -> parameters.put("bits", bits));
        format.bitrate.ifPresent(kbps -> parameters.put("bitrate", kbps.toString()));
        parameters.put("clip", format.clip);
        parameters.put("overlap", Double.toString(effort.effectiveOverlap()));
        parameters.put("shifts", Integer.toString(effort.effectiveShifts()));
        parameters.put("seed", Long.toString(effort.seed));
        parameters.put("allow_truncated", Boolean.toString(allowTruncated));
        parameters.putAll(routing.parameters());
        return parameters;
    }

    /** Every output name that an input may get from a server, whose models this side does not know. */
    List<String> possibleOutputs() {
        if (!stems.isEmpty()) {
            return stems;
        }
        return twoStems.map(stem -> List.of(stem, "no_" + stem))
                .orElseGet(() -> Arrays.stream(Stem.values()).map(Stem::id).toList());
    }
}
