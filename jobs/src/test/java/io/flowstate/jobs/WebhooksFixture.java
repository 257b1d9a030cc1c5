package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.routing.Policy;
import io.flowstate.egress.Egress;
import io.flowstate.egress.EgressConfig;
import io.flowstate.jobs.webhook.Sender;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Jobs, two receivers, and the couriers between them, on either database. */
abstract class WebhooksFixture {
    static final Set<String> ALL = Set.of("started", "progress", "succeeded", "failed", "canceled");

    @TempDir
    Path folder;

    final List<Courier> couriers = new ArrayList<>();
    House house;
    Receiver receiver;
    Receiver another;
    Egress egress;
    WebhookSecrets secrets;
    Webhooks webhooks;

    abstract Database database(Path folder);

    @BeforeEach
    void open() throws IOException {
        house = new House(database(folder), folder);
        receiver = new Receiver("127.0.0.1");
        another = new Receiver("127.0.0.2");
        egress = egress(EgressConfig.DEFAULT.postLimit());
        secrets = new WebhookSecrets(house.database, new SecureRandom());
        webhooks = new Webhooks(house.database, house.jobs);
    }

    @AfterEach
    void close() throws IOException {
        couriers.forEach(Courier::close);
        egress.close();
        receiver.close();
        another.close();
        house.close();
    }

    final Egress egress(Duration postLimit) {
        EgressConfig defaults = EgressConfig.DEFAULT;
        return new Egress(
                new EgressConfig(
                        Set.of(receiver.entry(), another.entry()),
                        defaults.connect(),
                        defaults.idle(),
                        postLimit,
                        defaults.downloadLimit()),
                house.database.clock());
    }

    final Courier courier() {
        Courier courier = Courier.start(
                house.database,
                new Sender(egress, house.database.clock(), new SecureRandom()),
                secrets,
                house.config("courier-" + couriers.size(), 1));
        couriers.add(courier);
        return courier;
    }

    final Job submit(Set<String> events) {
        return house.jobs.submit(submission(Policy.DEFAULT, receiver.url(), events));
    }

    /** A job with one message, of its cancellation. */
    final Job canceled(Receiver to) {
        Job job = house.jobs.submit(submission(Policy.DEFAULT, to.url(), Set.of("canceled")));
        return house.jobs.cancel(House.OWNER, job.id());
    }

    final Submission submission(Policy policy, URI to, Set<String> events) {
        Submission plain = house.submission(House.OWNER, policy);
        return new Submission(
                plain.owner(),
                plain.request(),
                plain.policy(),
                plain.source(),
                plain.tags(),
                Optional.of(new Job.Hook(to, events)),
                plain.keepInput(),
                plain.keepOutput(),
                plain.idempotency());
    }

    static Policy deadline(Duration limit) {
        return new Policy(Policy.Priority.REALTIME, Optional.empty(), Optional.of(limit), Set.of(), false, false);
    }

    /** The job as if a node ran it, without a message. */
    final Job begun(Job job) {
        return house.begin(job.id(), "node");
    }

    final void progress(Job job, Instant now, double fraction) {
        house.database.change(tx -> {
            JobStates.advance(tx, job.id(), job.attempt(), "separating", fraction);
            Outbox.note(tx, job, WebhookEvent.PROGRESS, now);
        });
    }

    final WebhookDelivery only(Job job) {
        List<WebhookDelivery> all = webhooks.deliveries(House.OWNER, job.id());
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    final void awaitDelivered(Job job, int messages) {
        awaitThat(() -> {
            List<WebhookDelivery> all = webhooks.deliveries(House.OWNER, job.id());
            return all.size() == messages
                    && all.stream().allMatch(each -> each.status() == WebhookDelivery.Status.DELIVERED);
        });
    }

    final WebhookDelivery awaitFailures(Job job, int failures) {
        awaitThat(() -> only(job).failures() == failures);
        return only(job);
    }

    /** Makes what waits for its next attempt due. */
    final void hurry() {
        house.database.change(tx -> tx.sql()
                .execute(
                        "update scheduled_webhook set execution_time = ? where not picked",
                        Timestamp.from(Instant.EPOCH)));
    }

    final int queued() {
        return house.database.read(sql -> sql.createQuery("select count(*) from scheduled_webhook")
                .mapTo(int.class)
                .one());
    }

    static void assertNotFound(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.NOT_FOUND));
    }
}
