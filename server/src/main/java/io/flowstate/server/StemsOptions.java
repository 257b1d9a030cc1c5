package io.flowstate.server;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Quality;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.catalogue.Catalogue;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The options of a separation, and how they become a request. */
final class StemsOptions {
    /** All that {@code POST /v1/stems} takes besides the file. */
    static final List<String> NAMES = Stream.concat(
                    Stream.of(
                            "name",
                            "stems",
                            "two_stems",
                            "format",
                            "bits",
                            "bitrate",
                            "clip",
                            "quality",
                            "overlap",
                            "shifts",
                            "seed",
                            "allow_truncated"),
                    RoutingOptions.NAMES.stream())
            .toList();

    private StemsOptions() {}

    /** @param catalogue whose models say which stems there are */
    static StemsRequest request(Options options, AudioInput audio, Catalogue catalogue) {
        Optional<String> model = options.text("model");
        Quality quality = options.text("quality").map(Quality::of).orElse(Quality.STANDARD);
        return new StemsRequest(
                audio,
                selection(options, catalogue.stems(model)),
                model,
                options.decimal("overlap").map(Number::doubleValue).orElse(quality.overlap()),
                options.small("shifts").orElse(quality.shifts()),
                options.integer("seed").orElse(0L),
                format(options),
                options.text("clip").map(ClipMode::of).orElse(ClipMode.CLAMP),
                options.flag("allow_truncated"));
    }

    private static StemSelection selection(Options options, Set<Stem> valid) {
        Optional<List<String>> stems = options.words("stems");
        Optional<String> against = options.text("two_stems");
        if (stems.isPresent() && against.isPresent()) {
            throw Options.bad("two_stems", "cannot be combined with stems");
        }
        return stems.<StemSelection>map(words -> new StemSelection.Some(words.stream()
                        .map(word -> Stem.of("stems", word, valid))
                        .collect(Collectors.toSet())))
                .or(() -> against.map(word -> Stem.of("two_stems", word, valid)).map(StemSelection.Against::new))
                .orElseGet(StemSelection.All::new);
    }

    private static AudioFormat format(Options options) {
        return AudioFormat.of(
                options.text("format").map(Container::of).orElse(AudioFormat.DEFAULT.container()),
                options.text("bits").map(Bits::of),
                options.small("bitrate").map(OptionalInt::of).orElseGet(OptionalInt::empty));
    }
}
