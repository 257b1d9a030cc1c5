package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A program that separates songs and can be started as a command. */
interface Contestant {
    String name();

    /** Fetches and installs what is missing. Not measured. */
    void prepare() throws IOException;

    /** The command that separates one song into files below {@code out}. */
    List<String> command(Path song, Path out);

    /** Where that command leaves a stem. */
    Path stem(Path song, Path out, String stem);

    /** Whether its stems are worth comparing with the true ones. */
    boolean hasTrainedWeights();

    /** How far ahead of it FlowState means to be. */
    default List<Bar> bars() {
        return List.of();
    }
}
