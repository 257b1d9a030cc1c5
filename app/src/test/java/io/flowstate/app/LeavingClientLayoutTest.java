package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.Await;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged server and clients that do not stay to the end, with the real engine at work behind it. */
@Timeout(600)
final class LeavingClientLayoutTest {
    private static final int RATE = 44_100;
    private static final int VISITS = 20;

    /** The carriers of virtual threads come and go by themselves, two for each core at most while files are written. */
    private static final int THREADS_OF_THE_JVM = 4 + 2 * Runtime.getRuntime().availableProcessors();

    /**
     * The pages of the first heap that had not been touched yet, and compiled code: 27 MiB where it was measured, and 1 MiB in each twenty visits after that. A song that
     * stayed behind on every visit would be 34 MiB more.
     */
    private static final long KIBIBYTES_OF_THE_JVM = 48 << 10;

    @TempDir
    Path ground;

    @Test
    void clients_that_leave_in_mid_way_stop_the_engine_and_take_all_with_them() throws Exception {
        RealHouse house = new RealHouse(ground, TinyDemucs.small().slowedBy(10));
        byte[] song = TestAudio.wav(TestAudio.tune(2, RATE, 20 * RATE, 1), RATE);
        try (Program program = house.start("serve");
                LiveServer server = LiveServer.of(program)) {
            for (int i = 0; i < 4; i++) {
                visit(house, server, song, i);
            }
            long descriptors = program.descriptors();
            long threads = program.status("Threads");
            program.collectGarbage();
            long memory = program.status("VmRSS");

            for (int i = 0; i < VISITS; i++) {
                visit(house, server, song, i);
            }

            Await.until("files and sockets are as before", () -> program.descriptors() <= descriptors);
            Await.until("threads are as before", () -> program.status("Threads") <= threads + THREADS_OF_THE_JVM);
            program.collectGarbage();
            assertThat(program.status("VmRSS")).isLessThan(memory + KIBIBYTES_OF_THE_JVM);
            assertThat(program.children()).isEmpty();
        }
    }

    /** In turns before or after the first of the answer, in order or with a reset. */
    private static void visit(RealHouse house, LiveServer server, byte[] song, int turn) throws Exception {
        boolean listens = turn % 2 == 0;
        boolean resets = turn % 4 < 2;
        try (Socket client = server.caller(listens ? "stems=vocals&format=flac" : "stems=vocals&clip=rescale", song)) {
            Await.until("the engine runs", () -> server.running() == 1);
            if (listens) {
                assertThat(client.getInputStream().read()).isNotNegative();
            }
            assertThat(server.running()).isOne();
            if (resets) {
                client.setSoLinger(true, 0);
            }
        }
        Await.until("the engine has stopped", () -> server.running() == 0 && server.queued() == 0);
        Await.until(
                "the spool is empty", () -> RealHouse.filesBelow(house.spool).isEmpty());
    }
}
