package io.flowstate.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** The other end of {@link ChildServer#lap}: does so much of its work for every line that it reads, and says when it is done. */
final class Laps {
    private Laps() {}

    /** Does so many pieces of work, and returns when all are done. */
    interface Work {
        void run(int count) throws IOException;
    }

    /** Until the input ends. */
    static void serve(Work work) throws IOException {
        System.out.println(0);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            work.run(Integer.parseInt(line));
            System.out.println("done");
        }
    }

    /** Does something so often, spread evenly over so many threads; every thread counts from 0. */
    static void share(int count, int threads, Work one) throws IOException {
        List<Future<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int share = count / threads + (i < count % threads ? 1 : 0);
            FutureTask<Boolean> task = new FutureTask<>(() -> {
                for (int each = 0; each < share; each++) {
                    one.run(each);
                }
                return true;
            });
            Thread.ofPlatform().start(task);
            all.add(task);
        }
        for (Future<Boolean> each : all) {
            get(each);
        }
    }

    static <T> T get(Future<T> future) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            throw new IOException(failed);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }

    static void rest(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }
}
