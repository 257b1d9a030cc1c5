package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Checkpoint;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import io.flowstate.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Takes a while for each output, in blocks, and leaves a checkpoint in the middle of which the next run makes use. What it gives depends on the input alone; a run that goes on
 * from a checkpoint takes the first half from there and from nowhere else, so a wrong one would be heard.
 */
final class SlowProvider implements Provider {
    static final int BLOCKS = 10;
    static final int BLOCK_BYTES = 20_000;
    static final int OUTPUT_BYTES = BLOCKS * BLOCK_BYTES;
    private static final int SAVED = BLOCKS / 2;

    private final Stop stop;
    private final Duration perBlock;

    SlowProvider(Stop stop, Duration perBlock) {
        this.stop = stop;
        this.perBlock = perBlock;
    }

    /** What an output must be. */
    static byte[] expected(String input, String output) {
        byte[] bytes = new byte[OUTPUT_BYTES];
        new Random(input.hashCode() * 31L + output.hashCode()).nextBytes(bytes);
        return bytes;
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public Status status(Deployment deployment) {
        return Status.ready(true);
    }

    @Override
    public Result run(Deployment deployment, Request request, Run run) {
        StemsRequest stems = (StemsRequest) request;
        List<String> names = stems.selection().parts(deployment.model().stems()).stream()
                .map(StemSelection.Part::name)
                .toList();
        try {
            separate(decode(stems.input().file()), names, stems, run);
        } catch (IOException refused) {
            throw FlowError.of(Code.OUTPUT_NOT_WRITABLE, "An output could not be written.")
                    .causedBy(refused);
        }
        return new StemsResult(names, Duration.ofSeconds(1), 44_100, 1, 0);
    }

    private String decode(Path file) throws IOException {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        try (InputStream from = Files.newInputStream(file)) {
            input.write(from.readNBytes((int) (Files.size(file) / 2)));
            stop.at(Moment.DECODING);
            from.transferTo(input);
        }
        return input.toString(StandardCharsets.UTF_8);
    }

    private void separate(String input, List<String> names, StemsRequest request, Run run) throws IOException {
        byte[][] stems = names.stream().map(name -> expected(input, name)).toArray(byte[][]::new);
        List<OutputStream> streams = new ArrayList<>();
        for (String name : names) {
            streams.add(
                    run.outputs().open(new Outputs.Description(name, request.output(), OptionalLong.of(OUTPUT_BYTES))));
        }
        int begin = goOn(run.checkpoint(), streams);
        for (int block = begin; block < BLOCKS; block++) {
            run.cancellation().throwIfCanceled();
            if (block == SAVED && begin == 0) {
                save(run.checkpoint(), stems);
            }
            for (int stem = 0; stem < stems.length; stem++) {
                streams.get(stem).write(stems[stem], block * BLOCK_BYTES, BLOCK_BYTES);
            }
            run.progress().on(new Progress(Progress.Phase.SEPARATING, block, BLOCKS));
            Await.rest(perBlock);
            if (block == BLOCKS - 2) {
                stop.at(Moment.SEPARATING);
            }
        }
        for (OutputStream stream : streams) {
            stream.close();
        }
    }

    private static void save(Checkpoint checkpoint, byte[][] stems) throws IOException {
        List<String> parts = new ArrayList<>();
        for (byte[] stem : stems) {
            try (Checkpoint.Part part = checkpoint.begin()) {
                part.write(stem, 0, SAVED * BLOCK_BYTES);
                part.commit();
                parts.add(part.name());
            }
        }
        checkpoint.save(new Checkpoint.Saved(String.valueOf(SAVED), parts));
    }

    /** The block to begin with. */
    private static int goOn(Checkpoint checkpoint, List<OutputStream> streams) throws IOException {
        Optional<Checkpoint.Saved> saved = checkpoint.last();
        if (saved.isEmpty()) {
            return 0;
        }
        for (int stem = 0; stem < streams.size(); stem++) {
            try (InputStream part = checkpoint.read(saved.get().parts().get(stem))) {
                part.transferTo(streams.get(stem));
            }
        }
        return Integer.parseInt(saved.get().token());
    }
}
