package io.flowstate.core.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.catalogue.Samples;
import io.flowstate.core.routing.Plan;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.AudioProbe;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Telemetry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A gateway with all that stands round it, in a test's hands. Its providers are tried in the order in which they are given. */
final class Stage {
    static final AudioFacts MINUTE = new AudioFacts("wav", "pcm_s16le", 44_100, 2, Optional.of(Duration.ofMinutes(1)));

    final Cancellation cancellation = new Cancellation();
    final MemoryOutputs outputs = new MemoryOutputs();
    final ManualTimer timer = new ManualTimer();
    final List<Telemetry.Finished> heard = new ArrayList<>();
    final List<String> attempting = new ArrayList<>();
    final List<Attempt> failed = new ArrayList<>();
    AudioProbe probe = (input, stop) -> MINUTE;
    Telemetry telemetry = heard::add;
    Policy policy = Policy.DEFAULT;
    Optional<String> model = Optional.empty();
    private final List<Provider> providers;

    Stage(Provider... providers) {
        this.providers = Arrays.asList(providers);
    }

    Answer answer() {
        return gateway().answer(call());
    }

    /** The error of a call that must fail. */
    FlowError refusal() {
        FlowError error = catchThrowableOfType(FlowError.class, this::answer);
        assertThat(error).as("the call was to fail").isNotNull();
        return error;
    }

    void deadline(Duration limit) {
        policy = new Policy(Policy.Priority.REALTIME, Optional.empty(), Optional.of(limit), Set.of(), false, false);
    }

    Gateway gateway() {
        List<String> names = providers.stream().map(Provider::name).toList();
        List<Deployment> deployments = names.stream().map(Samples::deployment).toList();
        return new Gateway(
                Samples.catalogue(deployments, names),
                providers,
                probe,
                telemetry,
                Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
                timer);
    }

    private Call call() {
        StemsRequest plain = StemsRequest.of(new AudioInput("song.wav", Path.of("song.wav")));
        StemsRequest request = new StemsRequest(
                plain.input(),
                plain.selection(),
                model,
                plain.overlap(),
                plain.shifts(),
                plain.seed(),
                plain.output(),
                plain.clip(),
                plain.allowTruncated());
        return new Call(
                "call-1",
                request,
                policy,
                cancellation,
                Progress.Listener.NONE,
                new Call.AttemptListener() {
                    @Override
                    public void attempting(Plan.Step step, int number) {
                        attempting.add(number + " " + step.deployment().provider());
                    }

                    @Override
                    public void failed(Attempt attempt) {
                        failed.add(attempt);
                    }
                },
                outputs);
    }
}
