package io.flowstate.app;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.ClipMode;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** How results are written. */
final class FormatOptions {
    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            completionCandidates = Candidates.Formats.class,
            description = "wav, flac, mp3, opus or m4a. Default: wav.")
    String format = "wav";

    @Option(
            names = "--bits",
            paramLabel = "BITS",
            completionCandidates = Candidates.Bits.class,
            description = "Sample encoding of wav and flac: 16, 24 or 32f (float, wav only). Default: 24.")
    Optional<String> bits = Optional.empty();

    @Option(
            names = "--bitrate",
            paramLabel = "KBPS",
            description = "Quality of mp3 (default 320), opus (192) and m4a (256); e.g. --bitrate 128.")
    Optional<Integer> bitrate = Optional.empty();

    @Option(
            names = "--clip",
            paramLabel = "MODE",
            completionCandidates = Candidates.ClipModes.class,
            description =
                    "For samples over full scale: clamp limits them, rescale turns all stems down alike, none leaves them"
                            + " (32f and lossy formats only). Default: clamp.")
    String clip = "clamp";

    /** @throws io.flowstate.core.FlowError if the options do not go together */
    AudioFormat audio() {
        return AudioFormat.of(
                AudioFormat.Container.of(format),
                bits.map(AudioFormat.Bits::of),
                bitrate.map(OptionalInt::of).orElseGet(OptionalInt::empty));
    }

    ClipMode clipping() {
        return ClipMode.of(clip);
    }
}
