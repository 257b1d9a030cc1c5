package io.flowstate.audio;

/**
 * How many channels become one or two: the coefficients of ITU-R BS.775, scaled so that no sum exceeds full scale.
 *
 * <p>The near side counts 1; the centre, and the surround and back channels of a side, count √½; a back centre √½ of that on both sides; the low-frequency
 * channel is left out. Each output is divided by the sum of its weights. Channels of an unknown place count 1 on both sides. One channel is the mean of
 * the two.
 */
final class Downmix {
    static final int FRONT_LEFT = 0x1;
    static final int FRONT_RIGHT = 0x2;
    static final int FRONT_CENTER = 0x4;
    static final int LOW_FREQUENCY = 0x8;
    static final int BACK_LEFT = 0x10;
    static final int BACK_RIGHT = 0x20;
    static final int FRONT_LEFT_OF_CENTER = 0x40;
    static final int FRONT_RIGHT_OF_CENTER = 0x80;
    static final int BACK_CENTER = 0x100;
    static final int SIDE_LEFT = 0x200;
    static final int SIDE_RIGHT = 0x400;

    private static final double HALF_POWER = Math.sqrt(0.5);

    private Downmix() {}

    /**
     * The weights of inputs in outputs.
     *
     * @param speakers Microsoft's channel mask; if it does not name as many as there are, the usual one for the count is taken
     * @param outputs 1 or 2
     * @return [output][input]
     */
    static float[][] matrix(int channels, int speakers, int outputs) {
        if (channels == 1) {
            return outputs == 1 ? new float[][] {{1}} : new float[][] {{1}, {1}};
        }
        float[][] stereo = channels == 2 ? new float[][] {{1, 0}, {0, 1}} : stereo(channels, speakers);
        if (outputs == 2) {
            return stereo;
        }
        float[] mono = new float[channels];
        for (int i = 0; i < channels; i++) {
            mono[i] = (stereo[0][i] + stereo[1][i]) / 2;
        }
        return new float[][] {mono};
    }

    private static float[][] stereo(int channels, int speakers) {
        int mask = Integer.bitCount(speakers) == channels ? speakers : usual(channels);
        double[][] weights = new double[2][channels];
        for (int i = 0; i < channels; i++) {
            int speaker = Integer.lowestOneBit(mask);
            mask &= ~speaker;
            weights[0][i] = left(speaker);
            weights[1][i] = left(mirrored(speaker));
        }
        return new float[][] {scaled(weights[0]), scaled(weights[1])};
    }

    private static double left(int speaker) {
        return switch (speaker) {
            case FRONT_LEFT, FRONT_LEFT_OF_CENTER -> 1;
            case FRONT_CENTER, BACK_LEFT, SIDE_LEFT -> HALF_POWER;
            case BACK_CENTER -> HALF_POWER * HALF_POWER;
            case FRONT_RIGHT, FRONT_RIGHT_OF_CENTER, BACK_RIGHT, SIDE_RIGHT, LOW_FREQUENCY -> 0;
            default -> 1;
        };
    }

    private static int mirrored(int speaker) {
        return switch (speaker) {
            case FRONT_LEFT, BACK_LEFT, FRONT_LEFT_OF_CENTER, SIDE_LEFT -> speaker << 1;
            case FRONT_RIGHT, BACK_RIGHT, FRONT_RIGHT_OF_CENTER, SIDE_RIGHT -> speaker >> 1;
            default -> speaker;
        };
    }

    private static float[] scaled(double[] weights) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        float[] scaled = new float[weights.length];
        for (int i = 0; i < weights.length; i++) {
            scaled[i] = (float) (sum == 0 ? 1.0 / weights.length : weights[i] / sum);
        }
        return scaled;
    }

    /** ffmpeg's own choice for a count, to which its output is brought, and the custom of WAV files without a mask. */
    private static int usual(int channels) {
        int front = FRONT_LEFT | FRONT_RIGHT;
        int back = BACK_LEFT | BACK_RIGHT;
        int side = SIDE_LEFT | SIDE_RIGHT;
        return switch (channels) {
            case 3 -> front | LOW_FREQUENCY;
            case 4 -> front | FRONT_CENTER | BACK_CENTER;
            case 5 -> front | FRONT_CENTER | back;
            case 6 -> front | FRONT_CENTER | LOW_FREQUENCY | back;
            case 7 -> front | FRONT_CENTER | LOW_FREQUENCY | BACK_CENTER | side;
            case 8 -> front | FRONT_CENTER | LOW_FREQUENCY | back | side;
            default -> 0;
        };
    }
}
