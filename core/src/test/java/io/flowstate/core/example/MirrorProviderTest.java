package io.flowstate.core.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.catalogue.Samples;
import io.flowstate.core.gateway.Answer;
import io.flowstate.core.gateway.Call;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.gateway.MemoryOutputs;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Telemetry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worked example of docs/adding-a-provider.md does what the page promises. */
class MirrorProviderTest {
    private static final Deployment DEPLOYMENT = Samples.deployment("mirror");

    @TempDir
    Path folder;

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final Cancellation cancellation = new Cancellation();
    private final List<Double> progress = new ArrayList<>();
    private final byte[] song = new byte[200_000];
    private StemsRequest request = StemsRequest.of(new AudioInput("song.wav", Path.of("song.wav")));

    @BeforeEach
    void a_song() throws IOException {
        new SplittableRandom(7).nextBytes(song);
        Path file = Files.write(folder.resolve("song.wav"), song);
        StemsRequest all = StemsRequest.of(new AudioInput("song.wav", file));
        request = new StemsRequest(
                all.input(),
                new StemSelection.Against(Stem.VOCALS),
                Optional.empty(),
                all.overlap(),
                all.shifts(),
                all.seed(),
                all.output(),
                all.clip(),
                false);
    }

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void every_output_is_the_mix() {
        MemoryOutputs outputs = new MemoryOutputs();

        Answer answer = answer(new MirrorProvider(1), outputs, "wav");

        assertThat(answer.deployment().id()).isEqualTo("mirror/htdemucs");
        assertThat(outputs.files).containsOnlyKeys("vocals", "no_vocals");
        assertThat(outputs.files.values())
                .extracting(ByteArrayOutputStream::toByteArray)
                .containsOnly(song);
        assertThat(progress).containsExactly(0.5, 1.0);
    }

    @Test
    void it_stops_between_two_blocks_when_the_caller_leaves() {
        MemoryOutputs outputs = new MemoryOutputs() {
            @Override
            public OutputStream open(Outputs.Description description) {
                cancellation.cancel(FlowError.of(Code.CANCELED, "Gone."));
                return super.open(description);
            }
        };

        FlowError refusal = catchThrowableOfType(FlowError.class, () -> answer(new MirrorProvider(1), outputs, "wav"));

        assertThat(refusal).hasMessage("Gone.");
        assertThat(outputs.files.values())
                .allSatisfy(file -> assertThat(file.size()).isZero());
    }

    @Test
    void it_refuses_what_it_cannot_do_and_gives_its_place_back() {
        MirrorProvider mirror = new MirrorProvider(1);

        FlowError refusal = catchThrowableOfType(FlowError.class, () -> answer(mirror, new MemoryOutputs(), "mp3"));

        assertThat(refusal).hasMessage("format must be mp3, as the input is.");
        assertThat(mirror.status(DEPLOYMENT).running()).isZero();
    }

    @Test
    void one_run_more_than_it_has_places_for_is_told_to_come_back() {
        FlowError refusal =
                catchThrowableOfType(FlowError.class, () -> answer(new MirrorProvider(0), new MemoryOutputs(), "wav"));

        assertThat(refusal.code()).isEqualTo(Code.QUEUE_FULL);
        assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(1));
    }

    private Answer answer(MirrorProvider mirror, Outputs outputs, String container) {
        AudioFacts facts = new AudioFacts(container, "any", 44_100, 2, Optional.of(Duration.ofSeconds(1)));
        Gateway gateway = new Gateway(
                Samples.catalogue(List.of(DEPLOYMENT)),
                List.of(mirror),
                (input, stop) -> facts,
                Telemetry.NONE,
                Clock.systemUTC(),
                timer);
        Progress.Listener listener = step -> progress.add(step.fraction());
        return gateway.answer(new Call(
                "call-1", request, Policy.DEFAULT, cancellation, listener, Call.AttemptListener.NONE, outputs));
    }
}
