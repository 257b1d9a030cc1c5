package io.flowstate.core.example;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.Check;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.StemSelection.Part;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Progress.Phase;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;

/** Gives the mix itself as every stem: for building a client without a model. Takes as many runs at a time as it is told; no run waits. */
final class MirrorProvider implements Provider {
    private final int places;
    private final Semaphore free;

    MirrorProvider(int places) {
        this.places = places;
        this.free = new Semaphore(places);
    }

    @Override
    public String name() {
        return "mirror";
    }

    @Override
    public Status status(Deployment deployment) {
        return new Status(Optional.empty(), true, places - free.availablePermits(), 0, 0);
    }

    @Override
    public Result run(Deployment deployment, Request request, Run run) {
        if (!free.tryAcquire()) {
            throw FlowError.of(Code.QUEUE_FULL, "All %d places of %s are taken.", places, name())
                    .retryAfter(Duration.ofSeconds(1));
        }
        try {
            return switch (request) {
                case StemsRequest stems -> mirror(deployment, stems, run);
            };
        } finally {
            free.release();
        }
    }

    private static StemsResult mirror(Deployment deployment, StemsRequest request, Run run) {
        AudioFacts audio = run.audio().orElseThrow();
        String asked = request.output().container().id();
        Check.that(audio.container().equals(asked), "format", "must be %s, as the input is", audio.container());
        List<Part> parts = request.selection().parts(deployment.model().stems());
        List<String> names = new ArrayList<>();
        for (Part part : parts) {
            copy(request, part, run);
            names.add(part.name());
            run.progress().on(new Progress(Phase.SEPARATING, names.size(), parts.size()));
        }
        return new StemsResult(names, audio.duration().orElse(Duration.ZERO), audio.sampleRateHz(), 1, 0);
    }

    private static void copy(StemsRequest request, Part part, Run run) {
        try (InputStream in = Files.newInputStream(request.input().file());
                OutputStream out = run.outputs()
                        .open(new Outputs.Description(part.name(), request.output(), OptionalLong.empty()))) {
            byte[] block = new byte[1 << 16];
            for (int n = in.read(block); n > 0; n = in.read(block)) {
                run.cancellation().throwIfCanceled();
                out.write(block, 0, n);
            }
        } catch (IOException failed) {
            run.cancellation().throwIfCanceled();
            throw FlowError.of(Code.OUTPUT_NOT_WRITABLE, "%s could not be written.", part.name())
                    .causedBy(failed);
        }
    }
}
