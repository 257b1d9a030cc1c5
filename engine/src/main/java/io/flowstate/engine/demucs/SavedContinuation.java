package io.flowstate.engine.demucs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Checkpoint;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a separation's state in a {@link Checkpoint}. Finished samples go into a part as they come, as 32-bit floats, all rows of a frame together; from time to time the
 * part is committed, the open sums are written as another, and the state names all parts of samples so far and the newest of sums. So what was saved is exact: going on
 * from it gives the very samples that going through gives.
 *
 * <p>Remembering is a service, not a duty: when it fails, the separation goes on without it, and the next attempt begins where the last state was saved.
 */
final class SavedContinuation implements Continuation {
    private static final Logger log = LoggerFactory.getLogger(SavedContinuation.class);
    private static final int BUFFER_BYTES = 1 << 17;

    private final Checkpoint checkpoint;
    private final InstantSource clock;
    private final String identity;
    private final int rows;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
    private final List<String> samples = new ArrayList<>();
    private long keptFrames;
    private Checkpoint.@Nullable Part open;
    private Instant lastSaved;
    private boolean broken;

    /**
     * @param identity of the separation: only what was saved by one with the same can be gone on with
     * @param rows two for each stem
     */
    SavedContinuation(Checkpoint checkpoint, InstantSource clock, String identity, int rows) {
        this.checkpoint = checkpoint;
        this.clock = clock;
        this.identity = identity;
        this.rows = rows;
        this.lastSaved = clock.instant();
    }

    /** What a token says. */
    private record State(int next, long base, long frames) {
        static Optional<State> of(String token, String identity) {
            String[] words = token.split(" ", -1);
            return words.length == 5 && words[0].equals("stems-1") && words[1].equals(identity)
                    ? Optional.of(
                            new State(Integer.parseInt(words[2]), Long.parseLong(words[3]), Long.parseLong(words[4])))
                    : Optional.empty();
        }

        String token(String identity) {
            return "stems-1 %s %d %d %d".formatted(identity, next, base, frames);
        }
    }

    /** What was saved is there and is not what it should be. */
    private static final class Damaged extends IOException {
        private static final long serialVersionUID = 1;

        Damaged(String what) {
            super(what);
        }
    }

    @Override
    public int restore(OverlapAdd sums, Separation.Sink sink) {
        Optional<Checkpoint.Saved> saved = checkpoint.last();
        Optional<State> state = saved.flatMap(last -> State.of(last.token(), identity));
        if (state.isEmpty()) {
            return 0;
        }
        List<String> parts = saved.get().parts();
        try {
            restoreSums(parts.getLast(), sums, state.get().base());
            long left = state.get().frames();
            for (String part : parts.subList(0, parts.size() - 1)) {
                left -= replay(part, sink);
            }
            if (left != 0) {
                throw new Damaged("%d frames are missing".formatted(left));
            }
        } catch (NoSuchFileException | Damaged lost) {
            // What the sink has been given cannot be taken back here, so the next attempt begins afresh.
            checkpoint.save(new Checkpoint.Saved("", List.of()));
            throw unavailable(lost);
        } catch (IOException away) {
            // The state is still there, for an attempt that can read it.
            throw unavailable(away);
        }
        samples.addAll(parts.subList(0, parts.size() - 1));
        keptFrames = state.get().frames();
        log.info(
                "going on with chunk {} of a separation that was cut off",
                state.get().next());
        return state.get().next();
    }

    private static FlowError unavailable(IOException why) {
        return FlowError.of(Code.STORE_UNAVAILABLE, "A separation that was cut off cannot be gone on with.")
                .causedBy(why);
    }

    private void restoreSums(String part, OverlapAdd sums, long base) throws IOException {
        try (DataInputStream in = new DataInputStream(checkpoint.read(part))) {
            for (float[] row : sums.rows()) {
                byte[] encoded = in.readNBytes(row.length * Float.BYTES);
                if (encoded.length < row.length * Float.BYTES) {
                    throw new Damaged("the sums are cut off");
                }
                ByteBuffer.wrap(encoded).asFloatBuffer().get(row);
            }
        }
        sums.restore(base);
    }

    private long replay(String part, Separation.Sink sink) throws IOException {
        int frameBytes = rows * Float.BYTES;
        int block = BUFFER_BYTES / frameBytes;
        float[][] planar = new float[rows][block];
        long frames = 0;
        try (InputStream in = checkpoint.read(part)) {
            while (true) {
                byte[] encoded = in.readNBytes(block * frameBytes);
                if (encoded.length == 0) {
                    return frames;
                }
                int count = encoded.length / frameBytes;
                ByteBuffer from = ByteBuffer.wrap(encoded);
                for (int i = 0; i < count; i++) {
                    for (float[] row : planar) {
                        row[i] = from.getFloat();
                    }
                }
                sink.write(planar, 0, count);
                frames += count;
            }
        }
    }

    @Override
    public void keep(float[][] from, int offset, int count) {
        attempt(() -> {
            Checkpoint.Part part = open == null ? checkpoint.begin() : open;
            open = part;
            for (int i = offset; i < offset + count; i++) {
                for (int row = 0; row < rows; row++) {
                    bytes.putFloat(from[row][i]);
                }
                if (bytes.remaining() < rows * Float.BYTES) {
                    flush(part);
                }
            }
            flush(part);
            keptFrames += count;
        });
    }

    @Override
    public void done(int next, OverlapAdd sums) {
        Checkpoint.Part part = open;
        if (part == null || Duration.between(lastSaved, clock.instant()).compareTo(checkpoint.interval()) < 0) {
            return;
        }
        attempt(() -> {
            part.commit();
            samples.add(part.name());
            open = null;
            List<String> parts = new ArrayList<>(samples);
            parts.add(writeSums(sums));
            checkpoint.save(new Checkpoint.Saved(new State(next, sums.base(), keptFrames).token(identity), parts));
            lastSaved = clock.instant();
        });
    }

    private String writeSums(OverlapAdd sums) throws IOException {
        try (Checkpoint.Part part = checkpoint.begin()) {
            for (float[] row : sums.rows()) {
                ByteBuffer encoded = ByteBuffer.allocate(row.length * Float.BYTES);
                encoded.asFloatBuffer().put(row);
                part.write(encoded.array());
            }
            part.commit();
            return part.name();
        }
    }

    private void flush(Checkpoint.Part part) throws IOException {
        part.write(bytes.array(), 0, bytes.position());
        bytes.clear();
    }

    /** Something that may fail without harm. */
    private interface Step {
        void run() throws IOException;
    }

    private void attempt(Step step) {
        if (broken) {
            return;
        }
        try {
            step.run();
        } catch (IOException | RuntimeException failed) {
            log.warn("this separation can be gone on with only from where it was saved last: {}", failed.toString());
            broken = true;
            close();
        }
    }

    @Override
    public void close() {
        try (Checkpoint.Part _ = open) {
            open = null;
        } catch (IOException left) {
            log.debug("a part was not dropped; it is swept", left);
        }
    }
}
