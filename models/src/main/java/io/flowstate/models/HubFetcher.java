package io.flowstate.models;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model.Source;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fetches from the model hub or a mirror of it: {@code {endpoint}/{org}/{repo}/resolve/{revision}/{path}}. The commit that the first file is of is asked for with the
 * others, so that a push in between cannot mix two versions.
 */
final class HubFetcher implements Fetcher {
    private static final Pattern LOCATOR = Pattern.compile("([\\w.-]+/[\\w.-]+)(?:@([\\w./-]+))?");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final String DEFAULT_REVISION = "main";

    private final ModelStoreConfig config;
    private final Clock clock;
    private final Pause betweenTries;

    HubFetcher(ModelStoreConfig config, Clock clock, Pause betweenTries) {
        this.config = config;
        this.clock = clock;
        this.betweenTries = betweenTries;
    }

    private record Repository(String name, String revision) {
        static Repository parse(String locator) {
            Matcher parts = LOCATOR.matcher(locator);
            if (parts.matches()) {
                Repository repository = new Repository(
                        parts.group(1), Optional.ofNullable(parts.group(2)).orElse(DEFAULT_REVISION));
                if (Wanted.isInside(repository.name()) && Wanted.isInside(repository.revision())) {
                    return repository;
                }
            }
            throw FlowError.of(
                            Code.BAD_CONFIG, "\"%s\" is not a repository of the hub like org/name@revision.", locator)
                    .advice("Correct the model's entry in the catalogue.");
        }
    }

    @Override
    public long diskBytes(Source source, Pull pull) {
        return Math.max(0, pull.model().sizeBytes() - Disk.bytesIn(pull.partial()));
    }

    @Override
    public Delivery fetch(Source source, List<Wanted> wanted, Pull pull) {
        Repository repository = Repository.parse(source.locator());
        pull.meter().start(pull.model().sizeBytes());
        List<Delivery.Item> items = new ArrayList<>();
        String commit = repository.revision();
        try (Http http = new Http(config.stallLimit())) {
            for (Wanted file : wanted) {
                Http.Ask ask = new Http.Ask(
                        address(repository.name(), commit, file.path()), config.hubToken(), accessAdvice(), Map.of());
                Download.Done done = new Download(http, ask, file.file(), pull, clock, betweenTries).run();
                commit = sameCommit(commit, done.commit());
                items.add(new Delivery.Item(file, done.file(), file.path()));
            }
        } catch (IOException closing) {
            throw Disk.failure(closing, pull.scratch());
        }
        boolean named = !commit.equals(repository.revision());
        return new Delivery(
                repository.name(), commit, named ? Optional.of(repository.revision()) : Optional.empty(), items);
    }

    /** A mirror that names no commit is taken at the revision's word; one that answers a commit with another is not. */
    private static String sameCommit(String asked, Optional<String> told) {
        Optional<String> commit = told.filter(name -> COMMIT.matcher(name).matches());
        if (COMMIT.matcher(asked).matches() && !commit.orElse(asked).equals(asked)) {
            throw Quarantine.corrupt("The hub answered the commit %s with %s.".formatted(asked, commit.orElse("")));
        }
        return commit.orElse(asked);
    }

    private URI address(String repository, String revision, String path) {
        String endpoint = config.hubEndpoint().toString();
        String base = endpoint.endsWith("/") ? endpoint.substring(0, endpoint.length() - 1) : endpoint;
        if (!Http.isHttp(config.hubEndpoint())) {
            throw FlowError.of(Code.BAD_CONFIG, "\"%s\" is not the address of a hub.", endpoint)
                    .advice("Give HF_ENDPOINT an address like %s.", ModelStoreConfig.PUBLIC_HUB);
        }
        return URI.create("%s/%s/resolve/%s/%s"
                .formatted(base, repository, Http.encodedSegment(revision), Http.encodedPath(path)));
    }

    private String accessAdvice() {
        return config.hubToken().isPresent()
                ? "The token in HF_TOKEN may not read it: accept the model's terms on its page, or take another token."
                : "Set HF_TOKEN to a token that may read it, after accepting the model's terms on its page.";
    }
}
