package io.flowstate.egress;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.time.Duration;
import java.util.Set;

/**
 * How FlowState may go out.
 *
 * @param allowedHosts what may be asked although it is not public: {@code host}, {@code host:port}, an address, or a range like {@code 10.1.0.0/16}; no wildcards
 * @param connect the most that finding a host's address may take, and that connecting to one address may take
 * @param idle the longest silence of the other side
 * @param postLimit the most that one {@link Egress#post} may take as a whole
 * @param downloadLimit the most that one {@link Egress#download} may take as a whole, redirects included
 */
public record EgressConfig(
        Set<String> allowedHosts, Duration connect, Duration idle, Duration postLimit, Duration downloadLimit) {
    public static final EgressConfig DEFAULT = new EgressConfig(
            Set.of(), Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(20), Duration.ofHours(1));

    /** @throws FlowError {@link Code#BAD_CONFIG} for an allowed host that is none, or a time that is not positive */
    public EgressConfig {
        allowedHosts = Set.copyOf(allowedHosts);
        Allowed.parse(allowedHosts);
        checkPositive("egress.connect", connect);
        checkPositive("egress.idle", idle);
        checkPositive("egress.post_limit", postLimit);
        checkPositive("egress.download_limit", downloadLimit);
    }

    /** To the HTTP client no time means no limit. */
    private static void checkPositive(String key, Duration value) {
        if (!value.isPositive()) {
            throw FlowError.of(Code.BAD_CONFIG, "%s: must be more than nothing.", key)
                    .field(key);
        }
    }

    /** The same with other exceptions. */
    public EgressConfig allowing(Set<String> hosts) {
        return new EgressConfig(hosts, connect, idle, postLimit, downloadLimit);
    }
}
