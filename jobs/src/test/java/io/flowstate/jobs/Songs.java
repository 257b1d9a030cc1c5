package io.flowstate.jobs;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioInput;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.routing.Policy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Jobs that can be recognised by their input's name: it tells the input, and so what must come of it. */
final class Songs {
    static final Set<Stem> STEMS = Set.of(Stem.BASS, Stem.VOCALS);
    /** So that a job takes a tenth of a second. */
    static final Duration PER_BLOCK = Duration.ofMillis(8);

    private Songs() {}

    /** @param webhook is told of the job's end */
    static Job submit(House house, String name, String webhook) throws IOException {
        Path file = Files.writeString(Files.createTempFile(house.scratch.folder(), "song-", ".wav"), song(name));
        StemsRequest request = new StemsRequest(
                new AudioInput(name, file),
                new StemSelection.Some(STEMS),
                Optional.empty(),
                0.25,
                1,
                0,
                AudioFormat.DEFAULT,
                ClipMode.CLAMP,
                false);
        Job job = house.jobs.submit(new Submission(
                House.OWNER,
                request,
                Policy.DEFAULT,
                new Submission.Sent(name, file, Files.size(file), "00"),
                List.of(),
                Optional.of(new Job.Hook(URI.create(webhook), Set.of("succeeded", "failed", "canceled"))),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
        Files.delete(file);
        return job;
    }

    /** Half of them are small, which the database keeps, and half are files in the store. */
    private static String song(String name) {
        return ("the song in " + name + " ").repeat(name.hashCode() % 2 == 0 ? 1 : 2_000);
    }

    /** What an output of the job must be. */
    static byte[] expected(Job job, Stem stem) {
        return SlowProvider.expected(song(job.input().name()), stem.id());
    }
}
