package io.flowstate.server;

import io.flowstate.egress.Egress;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.LinkSigner;
import io.flowstate.jobs.Uploads;
import io.flowstate.jobs.WebhookSecrets;
import io.flowstate.jobs.Webhooks;

/**
 * What the server needs for jobs.
 *
 * @param uploads files that come in several requests
 * @param webhooks what is told of jobs
 * @param secrets what it is signed with
 * @param links signs addresses of outputs
 * @param egress checks addresses that callers give
 */
public record JobsHouse(
        Jobs jobs, Uploads uploads, Webhooks webhooks, WebhookSecrets secrets, LinkSigner links, Egress egress) {}
