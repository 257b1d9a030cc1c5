package io.flowstate.testkit;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A provider that does what the test tells it: it takes one {@link Script} for each run, in order, and makes a plain successful run when none is left. It honours
 * cancellation between all steps and at every gate, as a real provider must. Thread-safe.
 */
public final class FakeProvider implements Provider {
    /** Written to every output by a run without a script. */
    public static final String PLAIN = "what a fake plays";

    private final String name;
    private final Queue<Script> scripts = new ConcurrentLinkedQueue<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private volatile Status status = Status.ready(true);
    private volatile Duration length = Duration.ofSeconds(1);
    private volatile Duration missing = Duration.ZERO;

    /** A run that was asked for. */
    public record Seen(String deployment, Request request, Run run) {}

    public FakeProvider(String name) {
        this.name = name;
    }

    /** Appends what the next run that has no script yet does. */
    public void next(Script script) {
        scripts.add(script);
    }

    /** How it says to stand from now on. */
    public void stands(Status now) {
        status = now;
    }

    /** How long it says the audio is from now on. */
    public void length(Duration now) {
        length = now;
    }

    /** How much of the audio it says is missing from now on. */
    public void missing(Duration now) {
        missing = now;
    }

    /** The runs so far, the oldest first. */
    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    /** How many runs are under way. */
    public int running() {
        return running.get();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Status status(Deployment deployment) {
        return status;
    }

    @Override
    public Result run(Deployment deployment, Request request, Run run) {
        seen.add(new Seen(deployment.id(), request, run));
        Script script = scripts.poll();
        running.incrementAndGet();
        try {
            Script played = script == null ? Script.writing(PLAIN.getBytes(StandardCharsets.UTF_8)) : script;
            Optional<Duration> lost = Optional.of(missing).filter(Duration::isPositive);
            lost.ifPresent(run.outputs()::incomplete);
            return new StemsResult(played.play(deployment, (StemsRequest) request, run), length, 44_100, 1, 0, lost);
        } catch (IOException refused) {
            throw FlowError.of(Code.OUTPUT_NOT_WRITABLE, "An output could not be written.")
                    .causedBy(refused);
        } finally {
            running.decrementAndGet();
        }
    }
}
