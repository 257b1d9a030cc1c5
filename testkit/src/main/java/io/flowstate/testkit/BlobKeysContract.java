package io.flowstate.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.BlobStore.Entry;
import io.flowstate.core.spi.BlobStore.Writer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The part of {@link BlobStoreContract} that is about keys and lists. */
abstract class BlobKeysContract {
    @TempDir
    protected Path temp;

    /** The store under test; the same each time within one test. */
    protected abstract BlobStore store() throws IOException;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/a",
                "a/",
                "a//b",
                ".",
                "..",
                "../a",
                "a/../b",
                "a/.b",
                ".unfinished/a",
                "A",
                "a b",
                "a\\b",
                "a\n",
                "ä",
                "a\0",
                "a:b",
                "a~",
                "%2e%2e",
                "a*",
                "🎵"
            })
    void what_is_not_a_key_is_refused(String key) {
        assertThatIllegalArgumentException().isThrownBy(() -> store().create(key));
        assertThatIllegalArgumentException().isThrownBy(() -> store().read(key, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> store().size(key));
        assertThatIllegalArgumentException().isThrownBy(() -> store().file(key, temp));
        assertThatIllegalArgumentException().isThrownBy(() -> store().delete(key));
    }

    @Test
    void a_key_has_its_longest() throws IOException {
        String word = "w".repeat(200);
        String longest = word + "/" + word + "/" + "x".repeat(98);
        put(longest, bytes(3, 18));

        assertThat(keys("", "", 10)).containsExactly(longest);
        what_is_not_a_key_is_refused(longest + "x");
        what_is_not_a_key_is_refused(word + "w");
    }

    @Test
    void strange_keys_are_keys_all_the_same() throws IOException {
        List<String> strange = List.of("-", "--", "0", "_", "a..b/c.", "a/-/0/_", "con/nul.txt", "part/1.tmp");
        for (String key : strange) {
            put(key, key.getBytes(StandardCharsets.US_ASCII));
        }

        assertThat(keys("", "", 100)).isEqualTo(strange);
        for (String key : strange) {
            assertThat(read(key, 0, Long.MAX_VALUE)).asString().isEqualTo(key);
        }
    }

    @Test
    void blobs_are_listed_in_the_order_of_their_keys() throws IOException {
        List<String> ordered =
                List.of("a-b/x", "a.b", "a.b-c/d", "a/b", "a/b.c/0", "a/b0", "a0", "b/a/a/a", "b/a/b", "c");
        for (String key : ordered.reversed()) {
            put(key, bytes(key.length(), 19));
        }

        assertThat(keys("", "", 100)).isEqualTo(ordered);
        for (String after :
                List.of("a", "a-", "a-b", "a-b/x", "a/", "a/b", "a/b.c", "a/b/", "b", "b/a/", "b/z", "c", "d")) {
            assertThat(keys("", after, 100))
                    .as("after %s", after)
                    .isEqualTo(ordered.stream()
                            .filter(key -> key.compareTo(after) > 0)
                            .toList());
        }
        for (String prefix : List.of("a", "a/", "a/b", "a.", "b/a", "b/a/", "b/a/a/a", "b/a/a/a/", "c/", "x")) {
            assertThat(keys(prefix, "", 100))
                    .as("prefix %s", prefix)
                    .isEqualTo(ordered.stream()
                            .filter(key -> key.startsWith(prefix))
                            .toList());
        }
        assertThat(keys("a/", "a/b", 1)).containsExactly("a/b.c/0");
    }

    @Test
    void a_list_is_read_page_by_page() throws IOException {
        List<String> all =
                IntStream.range(0, 57).mapToObj("jobs/%03d/out"::formatted).toList();
        for (String key : all) {
            put(key, bytes(1, 20));
        }

        List<String> seen = new ArrayList<>();
        List<String> page = keys("jobs/", "", 10);
        while (!page.isEmpty()) {
            assertThat(page).hasSizeLessThanOrEqualTo(10);
            seen.addAll(page);
            assertThat(seen).doesNotHaveDuplicates();
            page = keys("jobs/", page.getLast(), 10);
        }

        assertThat(seen).isEqualTo(all);
        assertThatIllegalArgumentException().isThrownBy(() -> store().list("", "", 0));
    }

    @Test
    void all_are_shown_one_by_one_and_may_be_deleted_while_they_are() throws IOException {
        List<String> all =
                IntStream.range(0, 23).mapToObj("jobs/%03d/out"::formatted).toList();
        for (String key : all) {
            put(key, bytes(1, 22));
        }
        put("jobs.txt", bytes(1, 22));

        List<String> seen = new ArrayList<>();
        store().each("jobs/", entry -> {
            seen.add(entry.key());
            store().delete(entry.key());
        });

        assertThat(seen).isEqualTo(all);
        assertThat(keys("", "", 100)).containsExactly("jobs.txt");
    }

    @Test
    void an_entry_tells_size_and_time() throws IOException {
        Instant before = Instant.now().minusSeconds(60);
        put("a", bytes(1234, 21));

        Entry entry = store().list("", "", 1).getFirst();

        assertThat(entry.bytes()).isEqualTo(1234);
        assertThat(entry.written()).isBetween(before, Instant.now().plusSeconds(60));
    }

    protected final void put(String key, byte[] bytes) throws IOException {
        try (Writer writer = store().create(key)) {
            writer.write(bytes);
            writer.commit();
        }
    }

    protected final byte[] read(String key, long from, long length) throws IOException {
        try (InputStream in = store().read(key, from, length)) {
            return in.readAllBytes();
        }
    }

    protected final List<String> keys(String prefix, String after, int atMost) throws IOException {
        return store().list(prefix, after, atMost).stream().map(Entry::key).toList();
    }

    /** Bytes that look like no others, the same for the same seed. */
    protected static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }
}
