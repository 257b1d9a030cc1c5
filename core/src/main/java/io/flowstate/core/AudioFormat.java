package io.flowstate.core;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * How output audio is written.
 *
 * @param bits sample encoding; only {@link Container#WAV} and {@link Container#FLAC} have one, the lossy containers ignore it
 * @param bitrateKbps 32..512, only for the lossy containers; empty means {@link Container#defaultBitrateKbps}
 */
public record AudioFormat(Container container, Bits bits, OptionalInt bitrateKbps) {
    public static final AudioFormat DEFAULT = new AudioFormat(Container.WAV, Bits.PCM_24, OptionalInt.empty());

    public AudioFormat {
        Check.that(
                container != Container.FLAC || bits != Bits.FLOAT_32,
                "bits",
                "must be 16 or 24 for flac, which has no float samples");
        Check.that(
                bitrateKbps.isEmpty() || container.isLossy(),
                "bitrate",
                "is for mp3, opus and m4a; %s is lossless and has `bits`",
                container.id());
        bitrateKbps.ifPresent(kbps -> Check.that(
                kbps >= 32 && kbps <= container.maxBitrateKbps(),
                "bitrate",
                "must be 32..%d kbit/s for %s, was %d",
                container.maxBitrateKbps(),
                container.id(),
                kbps));
    }

    /**
     * What a caller asked for, the defaults in the place of what was left out.
     *
     * @throws FlowError {@link Code#BAD_REQUEST} if they do not go together, also for bits that the container would ignore
     */
    public static AudioFormat of(Container container, Optional<Bits> bits, OptionalInt bitrateKbps) {
        Check.that(
                bits.isEmpty() || !container.isLossy(),
                "bits",
                "is for wav and flac; %s is lossy and has a `bitrate`",
                container.id());
        return new AudioFormat(container, bits.orElse(DEFAULT.bits()), bitrateKbps);
    }

    public int effectiveBitrateKbps() {
        return bitrateKbps.orElse(container.defaultBitrateKbps());
    }

    /** File kinds that outputs can have. */
    public enum Container {
        WAV("wav", "audio/wav", 0, 0),
        FLAC("flac", "audio/flac", 0, 0),
        MP3("mp3", "audio/mpeg", 320, 320),
        OPUS("opus", "audio/ogg", 192, 510),
        M4A("m4a", "audio/mp4", 256, 512);

        private final String id;
        private final String mediaType;
        private final int defaultBitrateKbps;
        private final int maxBitrateKbps;

        Container(String id, String mediaType, int defaultBitrateKbps, int maxBitrateKbps) {
            this.id = id;
            this.mediaType = mediaType;
            this.defaultBitrateKbps = defaultBitrateKbps;
            this.maxBitrateKbps = maxBitrateKbps;
        }

        /** Name in the API, and the file extension. */
        public String id() {
            return id;
        }

        public String mediaType() {
            return mediaType;
        }

        public boolean isLossy() {
            return defaultBitrateKbps > 0;
        }

        /** For stereo; 0 when lossless. */
        public int defaultBitrateKbps() {
            return defaultBitrateKbps;
        }

        int maxBitrateKbps() {
            return maxBitrateKbps;
        }

        public static Container of(String id) {
            return Check.choice("format", id, values(), Container::id);
        }
    }

    /** Sample encodings of the lossless containers. */
    public enum Bits {
        PCM_16("16"),
        PCM_24("24"),
        FLOAT_32("32f");

        private final String id;

        Bits(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }

        public static Bits of(String id) {
            return Check.choice("bits", id, values(), Bits::id);
        }
    }
}
