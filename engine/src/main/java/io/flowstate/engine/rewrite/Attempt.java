package io.flowstate.engine.rewrite;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Progress.Phase;
import io.flowstate.engine.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to rewrite a graph: constants are folded by the runtime, the rules applied, and the result compared with the original. It is good when every output's difference, on noise, is at least
 * {@value #LEAST_DECIBELS} dB below the output, a ten-thousandth of its amplitude.
 */
record Attempt(
        Path original,
        DerivedFiles files,
        List<Rule> rules,
        int threads,
        Progress.Listener progress,
        Cancellation cancellation) {
    private static final Logger log = LoggerFactory.getLogger(Attempt.class);
    private static final double LEAST_DECIBELS = 80;
    private static final int STEPS = 3;

    /**
     * @return the verdict; if it is {@link Verdict.Rewritten}, the graph lies unfinished in its folder
     * @throws FlowError {@link Code#OUT_OF_MEMORY}, the cancellation's reason, or what else the runtime has against the original
     * @throws IOException why the folder cannot be used
     */
    Verdict make() throws IOException {
        step(0);
        fold();
        step(1);
        try {
            return rewrite();
        } catch (FlowError failed) {
            // The runtime has taken the original.
            if (failed.code() == Code.MODEL_CORRUPT || failed.code() == Code.INTERNAL_ERROR) {
                return new Verdict.Kept("rewritten, it does not run: " + failed.message());
            }
            throw failed;
        } catch (RuntimeException fault) {
            log.warn("the rules fail at {}", original.getFileName(), fault);
            return new Verdict.Kept("the rules fail at it: " + fault);
        } catch (OutOfMemoryError small) {
            throw FlowError.of(Code.OUT_OF_MEMORY, "Java's heap is too small to rewrite %s.", original.getFileName())
                    .causedBy(small);
        }
    }

    private Verdict rewrite() throws IOException {
        Map<String, Integer> applied = Rewriter.rewrite(files.folded(), files.unfinished(), rules);
        if (applied.values().stream().allMatch(count -> count == 0)) {
            return new Verdict.Kept("it has no part that could be done better here");
        }
        step(2);
        List<Double> decibels = compare();
        if (!(Collections.min(decibels) >= LEAST_DECIBELS)) {
            return new Verdict.Kept(decibels.stream()
                    .map(each -> "%.0f".formatted(-each))
                    .collect(Collectors.joining(
                            " and ",
                            "rewritten, its outputs differ by ",
                            " dB, and %.0f is the least".formatted(-LEAST_DECIBELS))));
        }
        step(STEPS);
        return new Verdict.Rewritten(applied, decibels, DerivedFiles.hash(files.unfinished()));
    }

    private void step(int done) {
        cancellation.throwIfCanceled();
        progress.on(new Progress(Phase.OPTIMIZING, done, STEPS));
    }

    /** Lets the runtime compute what depends on no input, and write the rest down in operators that any runtime knows. */
    private void fold() throws IOException {
        // Says why the folder cannot be written, which the runtime does not.
        Files.createFile(files.folded());
        try (Graph _ = Graph.load(original, () -> Rewriter.folding(files.folded(), threads))) {
            cancellation.throwIfCanceled();
        } catch (FlowError refused) {
            cancellation.throwIfCanceled();
            throw folding(refused);
        }
    }

    /** The runtime tells a disk that is full from other failures as little as it tells writing from reading. */
    private FlowError folding(FlowError refused) throws IOException {
        if (Files.getFileStore(files.folder()).getUsableSpace() < Files.size(original)) {
            throw new IOException("No space left for the graph with its constants folded", refused);
        }
        return refused.code() == Code.OUT_OF_MEMORY
                ? refused
                : FlowError.of(
                                Code.INTERNAL_ERROR,
                                "ONNX Runtime cannot fold the constants of %s.",
                                original.getFileName())
                        .causedBy(refused);
    }

    private List<Double> compare() {
        return new Comparison(threads, cancellation).decibels(original, files.unfinished());
    }
}
