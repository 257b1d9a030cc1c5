package io.flowstate.server;

import io.flowstate.egress.Egress;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.LinkSigner;

/**
 * What the server needs for jobs.
 *
 * @param links signs addresses of outputs
 * @param egress checks addresses that callers give
 */
public record JobsHouse(Jobs jobs, LinkSigner links, Egress egress) {}
