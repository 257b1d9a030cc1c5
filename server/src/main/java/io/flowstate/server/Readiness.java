package io.flowstate.server;

import io.flowstate.core.FlowError;
import io.flowstate.core.gateway.Gateway;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the node can do its work. Every check is made on a virtual thread of its own, once at a time however many ask, so that neither one that hangs nor many callers
 * hold anybody up. Thread-safe.
 */
final class Readiness {
    private static final Logger log = LoggerFactory.getLogger(Readiness.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final List<Probe> probes;

    /** @param obstacle why the check fails, if it does */
    record Finding(String check, Optional<String> obstacle) {}

    Readiness(Node node, Gateway gateway) {
        Stream<Node.Check> ours = node.has(Role.WORKER)
                ? Stream.of(new Node.Check("engine", () -> nothingAvailable(gateway)))
                : Stream.empty();
        this.probes =
                Stream.concat(node.checks().stream(), ours).map(Probe::new).toList();
    }

    /** The names of all checks. */
    List<String> names() {
        return probes.stream().map(Probe::check).toList();
    }

    /** One finding for each check; blocks for a few seconds at most. */
    List<Finding> look() {
        List<Look> looks = probes.stream().map(Probe::begin).toList();
        return looks.stream().map(Look::finding).toList();
    }

    /** A full queue is no reason: it empties by itself, and says 429. */
    private static Optional<String> nothingAvailable(Gateway gateway) {
        Map<String, Optional<String>> unavailable = new TreeMap<>();
        gateway.catalogue()
                .deployments()
                .values()
                .forEach(each -> unavailable.put(each.id(), gateway.status(each).unavailable()));
        if (unavailable.isEmpty()) {
            return Optional.of("The catalogue has no deployment.");
        }
        if (!unavailable.values().stream().allMatch(Optional::isPresent)) {
            return Optional.empty();
        }
        return Optional.of(unavailable.entrySet().stream()
                .map(each -> each.getKey() + ": " + each.getValue().orElseThrow())
                .collect(Collectors.joining("; ")));
    }

    /** One check that is made again and again. */
    private record Probe(String check, Glance<Optional<String>> glance) {
        Probe(Node.Check check) {
            this(check.name(), new Glance<>(check.name(), check.obstacle()));
        }

        Look begin() {
            return new Look(check, glance.begin());
        }
    }

    /** A look at one thing, under way or over. */
    private record Look(String check, FutureTask<Optional<String>> outcome) {
        Finding finding() {
            return new Finding(check, obstacle());
        }

        private Optional<String> obstacle() {
            try {
                return outcome.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException hangs) {
                return Optional.of("There was no answer within %d s.".formatted(PATIENCE.toSeconds()));
            } catch (ExecutionException failed) {
                return Optional.of(reason(failed.getCause()));
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return Optional.of("The look was interrupted.");
            }
        }

        private String reason(@Nullable Throwable cause) {
            if (cause instanceof FlowError expected) {
                return expected.message();
            }
            log.error("the check of {} failed unexpectedly", check, cause);
            return "The check failed unexpectedly; the log has the details.";
        }
    }
}
