package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.ByteCount;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.catalogue.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class MemoryTest extends CommandLineTest {
    private static final long MIB = 1L << 20;
    private static final Model HTDEMUCS = CatalogueReader.shipped().model("htdemucs");

    @Test
    void the_shipped_model_fits_by_default_on_a_machine_of_six_gibibytes() {
        assertThat(memory(6_144, 6_144).forModels()).isEqualTo(5_120 * MIB).isGreaterThan(HTDEMUCS.memoryBytes());
        assertThat(memory(1_024, 1_024).forModels()).as("half of a small one").isEqualTo(512 * MIB);
    }

    @Test
    void doctor_says_when_a_model_is_larger_than_the_engine_may_hold() {
        Examination.Finding tooSmall = examine(memory(3_072, 3_000), Map.of());
        Examination.Finding forbidden = examine(memory(8_192, 8_000), Map.of("FLOWSTATE_ENGINE_MEMORY", "1 GiB"));

        assertThat(tooSmall.ok()).isFalse();
        assertThat(tooSmall.what()).contains("htdemucs takes 2.5 GiB and models may take 2 GiB");
        assertThat(forbidden.ok()).isFalse();
        assertThat(forbidden.advice()).contains("engine.memory");
    }

    @Test
    void the_heap_is_told_in_the_unit_in_which_it_is_set() {
        long heap = Memory.ofHeap();

        assertThat(heap).isGreaterThanOrEqualTo(Runtime.getRuntime().maxMemory());
        assertThat(examine(memory(8_192, 8_000), Map.of()).what())
                .contains("the JVM's heap takes at most " + ByteCount.memory(heap));
    }

    @Test
    void doctor_says_when_others_use_the_memory_that_a_model_needs() {
        assertThat(examine(memory(8_192, 2_599), Map.of()).ok()).isFalse();
        assertThat(examine(memory(8_192, 2_600), Map.of()).ok()).isTrue();
        assertThat(examine(new Memory(8_192 * MIB, OptionalLong.empty()), Map.of())
                        .ok())
                .as("not known, not held against it")
                .isTrue();
    }

    @Test
    void a_container_has_what_its_limit_leaves_and_the_caches_that_would_give_way() throws IOException {
        Path proc = Files.createDirectories(temp.resolve("proc"));
        Path cgroup = Files.createDirectories(temp.resolve("cgroup"));
        Files.writeString(proc.resolve("meminfo"), """
                MemTotal:       16384 kB
                MemAvailable:    8192 kB
                """);
        assertThat(Memory.available(proc, cgroup)).hasValue(8_192 * 1_024);

        Files.writeString(cgroup.resolve("memory.max"), "max\n");
        Files.writeString(cgroup.resolve("memory.current"), "3000000\n");
        assertThat(Memory.available(proc, cgroup)).hasValue(8_192 * 1_024);

        Files.writeString(cgroup.resolve("memory.max"), "4000000\n");
        Files.writeString(cgroup.resolve("memory.stat"), "anon 2500000\ninactive_file 500000\n");
        assertThat(Memory.available(proc, cgroup)).hasValue(1_500_000);

        assertThat(Memory.available(temp.resolve("macos"), cgroup)).isEmpty();
    }

    private Examination.Finding examine(Memory memory, Map<String, String> environment) {
        Settings settings = Settings.read(terminal(environment), Optional.empty(), Map.of());
        return Examination.memory(memory, Optional.of(settings), List.of(HTDEMUCS));
    }

    private static Memory memory(long totalMib, long availableMib) {
        return new Memory(totalMib * MIB, OptionalLong.of(availableMib * MIB));
    }
}
