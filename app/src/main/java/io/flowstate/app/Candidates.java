package io.flowstate.app;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Quality;
import io.flowstate.core.Stem;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.routing.Policy;
import io.flowstate.jobs.Job;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/** What a shell may complete an option's value to. Asked for only when the completion script is printed. */
final class Candidates {
    private Candidates() {}

    /** For {@code --format}. */
    static final class Formats implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names(AudioFormat.Container.values(), AudioFormat.Container::id);
        }
    }

    /** For {@code --bits}. */
    static final class Bits implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names(AudioFormat.Bits.values(), AudioFormat.Bits::id);
        }
    }

    /** For {@code --clip}. */
    static final class ClipModes implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names(ClipMode.values(), ClipMode::id);
        }
    }

    /** For {@code --quality}. */
    static final class Qualities implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names(Quality.values(), Quality::id);
        }
    }

    /** For {@code --status}. */
    static final class JobStates implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names(Job.Status.values(), Job.Status::id);
        }
    }

    /** For {@code --priority}. */
    static final class Priorities implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names(Policy.Priority.values(), Policy.Priority::id);
        }
    }

    /** For {@code completion}. */
    static final class Shells implements Iterable<String> {
        static final List<String> NAMES = List.of("bash", "zsh");

        @Override
        public Iterator<String> iterator() {
            return NAMES.iterator();
        }
    }

    /** For {@code --stems} and {@code --two-stems}: those that some shipped model has. */
    static final class Stems implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return CatalogueReader.shipped().models().values().stream()
                    .flatMap(model -> model.stems().stream())
                    .distinct()
                    .map(Stem::id)
                    .iterator();
        }
    }

    /** For whatever takes a model: the shipped ones, since the script outlives any configuration. */
    static final class Models implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return CatalogueReader.shipped().models().keySet().iterator();
        }
    }

    private static <E> Iterator<String> names(E[] values, Function<E, String> name) {
        return Arrays.stream(values).map(name).iterator();
    }
}
