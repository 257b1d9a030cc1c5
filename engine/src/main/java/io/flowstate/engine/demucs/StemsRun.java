package io.flowstate.engine.demucs;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.ClipReader;
import io.flowstate.audio.Layout;
import io.flowstate.core.AudioFacts;
import io.flowstate.core.Sha256;
import io.flowstate.core.StemSelection.Part;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Run;
import io.flowstate.engine.Graph;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;

/**
 * One request for stems, in its two steps: {@link #measure} on the caller's thread while others may still be running, {@link #separate} on the lane's.
 */
public final class StemsRun {
    private static final Layout MODEL_LAYOUT = new Layout(HtDemucs.SAMPLE_RATE_HZ, HtDemucs.CHANNELS);

    private final AudioFiles audio;
    private final Model model;
    private final StemsRequest request;
    private final Run run;
    private final Path scratch;
    private final InstantSource clock;
    private final AudioFacts facts;
    private final List<Part> parts;

    /**
     * @param scratch folder for what cannot be handed on at once
     * @throws io.flowstate.core.FlowError {@code UNKNOWN_STEM} if the model has not what is asked for
     */
    public StemsRun(AudioFiles audio, Model model, StemsRequest request, Run run, Path scratch, InstantSource clock) {
        this.audio = audio;
        this.model = model;
        this.request = request;
        this.run = run;
        this.scratch = scratch;
        this.clock = clock;
        this.facts = run.audio().orElseThrow(() -> new IllegalArgumentException("stems need the input's facts"));
        this.parts = request.selection().parts(model.stems());
    }

    /** First reads the whole track once. */
    public Measured measure() {
        double announced = facts.duration().map(Duration::toMillis).orElse(0L) / 1000.0;
        try (ClipReader reader = open()) {
            return new Measured(TrackStatistics.measure(reader, announced, run.progress()));
        }
    }

    /** Where a run gets the graphs of its model from. */
    @FunctionalInterface
    public interface Graphs {
        /** Lets {@code work} use the graph of one role; when this returns it may be unloaded. */
        void use(String role, Consumer<Graph> work);
    }

    /** Then separates, with one graph after the other if the model has several, and writes all outputs. */
    public StemsResult separate(Measured measured, Graphs graphs, ExecutorService companion) {
        TrackStatistics statistics = measured.statistics;
        StemOutputs.Target target = new StemOutputs.Target(
                request.output(), request.clip(), facts.sampleRateHz(), statistics.sourceFrames(), scratch);
        List<Pass> passes = Pass.over(model, parts);
        statistics.missing().ifPresent(run.outputs()::incomplete);
        try (StemOutputs outputs =
                new StemOutputs(audio, run.outputs(), parts, model.stems(), target, run.cancellation())) {
            for (int i = 0; i < passes.size(); i++) {
                Pass pass = passes.get(i);
                Progress.Listener progress = shareOf(i, passes.size());
                Continuation continuation = passes.size() == 1 ? continuation(statistics) : Continuation.NONE;
                graphs.use(
                        pass.role(),
                        graph -> separate(pass, statistics, graph, outputs, companion, progress, continuation));
            }
            run.progress().on(new Progress(Progress.Phase.WRITING, 0, 0));
            outputs.finish();
            return new StemsResult(
                    parts.stream().map(Part::name).toList(),
                    Duration.ofNanos(Math.round(1e9 * statistics.sourceFrames() / facts.sampleRateHz())),
                    facts.sampleRateHz(),
                    outputs.gain(),
                    outputs.clippedSamples(),
                    statistics.missing());
        }
    }

    private void separate(
            Pass pass,
            TrackStatistics statistics,
            Graph graph,
            StemOutputs outputs,
            ExecutorService companion,
            Progress.Listener progress,
            Continuation continuation) {
        HtDemucs shape = HtDemucs.of(graph, model);
        Segments segments = Segments.cut(
                statistics.frames(),
                shape.size(),
                HtDemucs.SAMPLE_RATE_HZ,
                request.overlap(),
                request.shifts(),
                new SplittableRandom(request.seed()));
        try (ClipReader reader = open();
                continuation) {
            outputs.begin(pass.stems());
            new Separation(shape, graph, segments, reader, statistics, outputs::write, continuation)
                    .run(companion, run.cancellation(), progress);
            outputs.end();
        }
    }

    /** Short tracks begin again instead: that costs less than to remember. What is gone on with is told by all that decides the samples. */
    private Continuation continuation(TrackStatistics statistics) {
        if (statistics.frames() / HtDemucs.SAMPLE_RATE_HZ
                < run.checkpoint().interval().toSeconds()) {
            return Continuation.NONE;
        }
        MessageDigest identity = Sha256.begin();
        identity.update("%s %s %s %s %s %d %d %d %s %s"
                .formatted(
                        model.id(),
                        model.files(),
                        request.selection(),
                        facts,
                        request.overlap(),
                        request.shifts(),
                        request.seed(),
                        statistics.frames(),
                        statistics.mean(),
                        statistics.deviation())
                .getBytes(StandardCharsets.UTF_8));
        return new SavedContinuation(
                run.checkpoint(),
                clock,
                Sha256.end(identity),
                HtDemucs.CHANNELS * model.stems().size());
    }

    /** Reports one of several passes as its share of the track's seconds, so that they are counted once over all. */
    private Progress.Listener shareOf(int pass, int passes) {
        return progress -> run.progress()
                .on(new Progress(
                        progress.phase(), (pass * progress.total() + progress.done()) / passes, progress.total()));
    }

    private ClipReader open() {
        return audio.open(request.input(), facts, MODEL_LAYOUT, request.allowTruncated(), run.cancellation());
    }

    /** What the first step found, for the second. */
    public static final class Measured {
        private final TrackStatistics statistics;

        private Measured(TrackStatistics statistics) {
            this.statistics = statistics;
        }
    }
}
