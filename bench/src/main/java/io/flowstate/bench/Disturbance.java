package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * How quiet the machine was during a run; figures of a disturbed run say little beyond its CPU-seconds and memory.
 *
 * @param othersShare processor time that other processes used, of all that there was; 0..1
 * @param stealShare processor time that the hypervisor gave to somebody else; 0..1
 * @param loadAverage of the last minute, when the run began
 */
record Disturbance(double othersShare, double stealShare, double loadAverage) {
    private static final double TICKS_PER_SECOND = 100;

    /** The machine's counters at the beginning of a run; all processors together, in ticks of 10 ms. */
    record Start(long idleTicks, long stealTicks, long allTicks, double loadAverage) {
        static Start now() throws IOException {
            return parse(Files.readString(Path.of("/proc/stat")), Files.readString(Path.of("/proc/loadavg")));
        }

        /** @param stat whose first line is: cpu user nice system idle iowait irq softirq steal ... */
        static Start parse(String stat, String load) {
            long[] ticks = Arrays.stream(stat.lines().findFirst().orElseThrow().split(" +"))
                    .skip(1)
                    .limit(8)
                    .mapToLong(Long::parseLong)
                    .toArray();
            return new Start(
                    ticks[3] + ticks[4],
                    ticks[7],
                    Arrays.stream(ticks).sum(),
                    Double.parseDouble(load.split(" ", 2)[0]));
        }

        /** @param ownCpuSeconds what the run itself used since */
        Disturbance until(Start end, double ownCpuSeconds) {
            double all = Math.max(1, end.allTicks - allTicks);
            double steal = end.stealTicks - stealTicks;
            double busy = all - (end.idleTicks - idleTicks) - steal;
            double others = Math.max(0, busy - ownCpuSeconds * TICKS_PER_SECOND);
            return new Disturbance(others / all, steal / all, loadAverage);
        }
    }

    @Override
    public String toString() {
        return "others %.0f %%, steal %.0f %%, load %.1f".formatted(100 * othersShare, 100 * stealShare, loadAverage);
    }
}
