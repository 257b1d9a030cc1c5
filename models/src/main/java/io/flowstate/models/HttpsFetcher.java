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
import java.util.regex.Pattern;

/** Fetches from a plain address: of the model's one file, or, if it ends in a slash, of the folder that holds all of them. */
final class HttpsFetcher implements Fetcher {
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(?:\\.\\d+){3}|\\[::1]");
    private static final String ACCESS_ADVICE = "The address needs a login: name another source in the catalogue.";

    private final ModelStoreConfig config;
    private final Clock clock;
    private final Pause betweenTries;

    HttpsFetcher(ModelStoreConfig config, Clock clock, Pause betweenTries) {
        this.config = config;
        this.clock = clock;
        this.betweenTries = betweenTries;
    }

    @Override
    public long diskBytes(Source source, Pull pull) {
        return Math.max(0, pull.model().sizeBytes() - Disk.bytesIn(pull.partial()));
    }

    @Override
    public Delivery fetch(Source source, List<Wanted> wanted, Pull pull) {
        URI address = address(source.locator());
        boolean isFolder = source.locator().endsWith("/");
        if (!isFolder && wanted.size() != 1) {
            throw mistake(
                    "has to end in a slash, because %d files are wanted".formatted(wanted.size()), source.locator());
        }
        pull.meter().start(pull.model().sizeBytes());
        List<Delivery.Item> items = new ArrayList<>();
        try (Http http = new Http(config.stallLimit())) {
            for (Wanted file : wanted) {
                URI at = isFolder ? address.resolve(Http.encodedPath(file.path())) : address;
                Http.Ask ask = new Http.Ask(at, Optional.empty(), ACCESS_ADVICE, Map.of());
                Download.Done done = new Download(http, ask, file.file(), pull, clock, betweenTries).run();
                items.add(new Delivery.Item(file, done.file(), file.file().name()));
            }
        } catch (IOException closing) {
            throw Disk.failure(closing, pull.scratch());
        }
        return Delivery.ofContent(pull.model(), items);
    }

    /** Without TLS only within this machine. */
    private static URI address(String locator) {
        try {
            URI address = URI.create(locator);
            if (Http.isHttp(address)
                    && ("https".equalsIgnoreCase(address.getScheme())
                            || LOOPBACK.matcher(address.getHost()).matches())) {
                return address;
            }
        } catch (IllegalArgumentException notAnAddress) {
            throw mistake("is not an address", locator).causedBy(notAnAddress);
        }
        throw mistake("does not begin with https://", locator);
    }

    private static FlowError mistake(String what, String locator) {
        return FlowError.of(Code.BAD_CONFIG, "\"%s\" %s.", locator, what)
                .advice("Correct the model's entry in the catalogue.");
    }
}
