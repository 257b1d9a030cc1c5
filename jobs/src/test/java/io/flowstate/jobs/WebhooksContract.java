package io.flowstate.jobs;

import static io.flowstate.jobs.JobsContract.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.Progress;
import io.flowstate.egress.Egress;
import io.flowstate.egress.EgressConfig;
import io.flowstate.jobs.webhook.Sender;
import io.flowstate.jobs.webhook.WebhookSecret;
import io.flowstate.storage.Database;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is promised about messages to others' servers, on either database. */
abstract class WebhooksContract {
    private static final Set<String> ALL = Set.of("started", "progress", "succeeded", "failed", "canceled");

    @TempDir
    Path folder;

    private final List<Courier> couriers = new ArrayList<>();
    private House house;
    private Receiver receiver;
    private Receiver another;
    private Egress egress;
    private WebhookSecrets secrets;
    private Webhooks webhooks;

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

    @Test
    void each_event_arrives_signed_with_the_job_as_it_was_then() throws GeneralSecurityException {
        courier();
        house.worker(1);
        Job job = house.awaitEnd(submit(ALL));

        awaitDelivered(job, 2);

        assertThat(receiver.arrived())
                .extracting(Receiver.Arrived::type)
                .containsExactlyInAnyOrder("job.started", "job.succeeded");
        for (Receiver.Arrived message : receiver.arrived()) {
            assertThat(message.signatures()).hasSize(1);
            assertThat(message.signaturesBy(secrets.current())).isEqualTo(1);
            assertThat(Instant.parse(message.json().get("timestamp").stringValue()))
                    .isBetween(job.times().created(), job.times().finished().orElseThrow());
            assertThat(message.json().get("data").get("id").stringValue()).isEqualTo(job.id());
            assertThat(message.json().get("data").get("status").stringValue())
                    .isEqualTo(message.type().equals("job.started") ? "running" : "succeeded");
        }
        assertThat(webhooks.deliveries(House.OWNER, job.id()))
                .extracting(WebhookDelivery::event)
                .containsExactly(WebhookEvent.STARTED, WebhookEvent.SUCCEEDED);
    }

    @Test
    void what_was_not_asked_for_is_not_told() {
        house.worker(1);
        Job job = house.awaitEnd(submit(Set.of("failed")));

        assertThat(webhooks.deliveries(House.OWNER, job.id())).isEmpty();
    }

    @Test
    void the_end_of_a_job_is_told_whichever_it_is() {
        courier();
        Job canceled = submit(ALL);
        house.jobs.cancel(House.OWNER, canceled.id());
        Job late = house.jobs.submit(submission(deadline(Duration.ofSeconds(2)), receiver.url(), ALL));
        awaitThat(() -> {
            Jobs.endLate(house.database);
            return house.now(late).status() == Job.Status.FAILED;
        });
        house.local.next(Script.start().fail(FlowError.of(Code.OUT_OF_MEMORY, "Too big.")));
        house.worker(1);
        Job failed = house.awaitEnd(submit(Set.of("failed")));
        Gate gate = new Gate();
        house.local.next(Script.start().openAll().await(gate));
        Job stopped = submit(Set.of("canceled"));
        gate.awaitReached();
        house.jobs.cancel(House.OWNER, stopped.id());

        awaitThat(() -> receiver.arrived().size() == 4);

        assertThat(receiver.arrived())
                .extracting(each -> each.json().get("data").get("id").stringValue() + " " + each.type())
                .containsExactlyInAnyOrder(
                        canceled.id() + " job.canceled",
                        late.id() + " job.failed",
                        failed.id() + " job.failed",
                        stopped.id() + " job.canceled");
        assertThat(receiver.arrived().stream()
                        .filter(each -> each.type().equals("job.failed"))
                        .map(each ->
                                each.json().get("data").get("error").get("code").stringValue()))
                .containsExactlyInAnyOrder("deadline_exceeded", "out_of_memory");
    }

    @Test
    void progress_is_told_while_the_job_runs() {
        courier();
        Gate gate = new Gate();
        house.local.next(Script.start()
                .openAll()
                .report(new Progress(Progress.Phase.SEPARATING, 1, 4))
                .await(gate));
        house.worker(1);
        submit(Set.of("progress"));
        gate.awaitReached();

        awaitThat(() -> receiver.arrived().size() == 1);

        assertThat(receiver.arrived().getFirst().type()).isEqualTo("job.progress");
        gate.open();
    }

    @Test
    void of_a_jobs_progress_only_the_newest_message_is_kept_and_not_more_than_one_in_ten_seconds() {
        Job job = begun(submit(Set.of("progress")));
        Instant start = house.database.clock().instant();

        progress(job, start, 0.1);
        progress(job, start.plusSeconds(9), 0.2);
        assertThat(webhooks.deliveries(House.OWNER, job.id()))
                .singleElement()
                .satisfies(only -> assertThat(only.created()).isEqualTo(start.truncatedTo(ChronoUnit.MILLIS)));
        progress(job, start.plusSeconds(10), 0.3);
        progress(job, start.plusSeconds(25), 0.4);

        WebhookDelivery kept = webhooks.deliveries(House.OWNER, job.id()).getFirst();
        assertThat(webhooks.deliveries(House.OWNER, job.id())).containsExactly(kept);
        assertThat(kept.created()).isAfter(start.plusSeconds(20));
        hurry();
        courier();
        awaitDelivered(job, 1);
        assertThat(receiver.arrived()).extracting(Receiver.Arrived::id).containsExactly(kept.id());
    }

    @Test
    void a_change_that_is_rolled_back_leaves_no_message() {
        Job job = submit(ALL);
        Instant now = house.database.clock().instant();

        assertThatThrownBy(() -> house.database.change(tx -> {
                    JobTable.begin(tx, job.id(), "node", now);
                    Outbox.note(tx, job, WebhookEvent.STARTED, now);
                    throw new IllegalStateException("the node dies before the commit");
                }))
                .hasMessage("the node dies before the commit");

        assertThat(webhooks.deliveries(House.OWNER, job.id())).isEmpty();
        assertThat(queued()).isZero();
        assertThat(house.now(job).status()).isEqualTo(Job.Status.QUEUED);
    }

    @Test
    void a_message_that_fails_is_sent_again_later_until_it_is_accepted() {
        receiver.answerNext(500, 307, 429);
        courier();
        Job job = canceled(receiver);

        WebhookDelivery once = awaitFailures(job, 1);
        assertThat(once.status()).isEqualTo(WebhookDelivery.Status.PENDING);
        assertThat(once.reason()).hasValue("The receiver answers 500.");
        assertThat(Duration.between(once.attempts().getFirst().at(), once.next().orElseThrow()))
                .isBetween(Duration.ofMillis(3_750), Duration.ofSeconds(10));
        hurry();
        WebhookDelivery twice = awaitFailures(job, 2);
        assertThat(Duration.between(twice.attempts().get(1).at(), twice.next().orElseThrow()))
                .isGreaterThan(Duration.ofSeconds(225));
        hurry();
        awaitFailures(job, 3);
        hurry();
        awaitDelivered(job, 1);

        WebhookDelivery delivered = only(job);
        assertThat(delivered.attempts())
                .extracting(WebhookDelivery.Attempt::status)
                .containsExactly(OptionalInt.of(500), OptionalInt.of(307), OptionalInt.of(429), OptionalInt.of(200));
        assertThat(delivered.attempts().get(1).reason().orElseThrow()).contains("redirects (307)");
        assertThat(delivered.attempts().get(3).reason()).isEmpty();
        assertThat(delivered.next()).isEmpty();
        assertThat(receiver.arrived()).extracting(Receiver.Arrived::id).containsOnly(delivered.id());
        assertThat(queued()).isZero();
    }

    @Test
    void a_message_that_is_never_accepted_becomes_a_dead_letter_and_can_be_sent_again() {
        receiver.answer(503);
        courier();
        Job job = canceled(receiver);
        for (int failures = 1; failures <= 7; failures++) {
            awaitFailures(job, failures);
            hurry();
        }
        awaitThat(() -> only(job).status() == WebhookDelivery.Status.DEAD);
        WebhookDelivery dead = only(job);
        assertThat(webhooks.dead(House.OWNER)).containsExactly(dead);
        assertThat(webhooks.dead("somebody else")).isEmpty();
        assertThat(dead.failures()).isEqualTo(8);
        assertThat(queued()).isZero();

        receiver.answer(204);
        WebhookDelivery again = webhooks.redeliver(House.OWNER, job.id(), dead.id());

        assertThat(again.id()).isEqualTo(dead.id());
        assertThat(again.failures()).isZero();
        awaitDelivered(job, 1);
        assertThat(webhooks.dead(House.OWNER)).isEmpty();
        assertThat(receiver.arrived())
                .hasSize(9)
                .extracting(Receiver.Arrived::id)
                .containsOnly(dead.id());
    }

    @Test
    void the_log_keeps_the_last_twenty_attempts() {
        courier();
        Job job = canceled(receiver);
        for (int sent = 1; sent <= 22; sent++) {
            int now = sent;
            awaitThat(() -> receiver.arrived().size() == now && only(job).status() == WebhookDelivery.Status.DELIVERED);
            webhooks.redeliver(House.OWNER, job.id(), only(job).id());
        }
        awaitThat(() -> only(job).status() == WebhookDelivery.Status.DELIVERED);

        assertThat(only(job).attempts())
                .extracting(WebhookDelivery.Attempt::number)
                .containsExactlyElementsOf(IntStream.rangeClosed(4, 23).boxed().toList());
    }

    @Test
    void a_receiver_that_is_gone_gets_no_more_messages_about_the_job_until_one_is_sent_by_hand() {
        receiver.answerNext(410);
        Job job = begun(submit(Set.of("started", "progress", "canceled")));
        Instant now = house.database.clock().instant();
        house.database.change(tx -> Outbox.note(tx, job, WebhookEvent.STARTED, now));
        progress(job, now, 0.5);
        house.database.change(tx -> tx.sql()
                .execute(
                        "update scheduled_webhook set execution_time = ? where task_instance in (select id from webhook_delivery where event = 'progress')",
                        Timestamp.from(now.plusSeconds(3_600))));
        courier();

        awaitThat(() -> webhooks.deliveries(House.OWNER, job.id()).stream()
                .allMatch(each -> each.status() == WebhookDelivery.Status.DEAD));
        house.database.change(tx -> Outbox.note(tx, job, WebhookEvent.CANCELED, now));

        List<WebhookDelivery> dead = webhooks.deliveries(House.OWNER, job.id());
        assertThat(dead)
                .extracting(WebhookDelivery::event)
                .containsExactly(WebhookEvent.STARTED, WebhookEvent.PROGRESS);
        assertThat(dead.getLast().reason()).hasValue("The receiver answered 410 to another message about this job.");
        assertThat(receiver.arrived()).hasSize(1);
        assertThat(queued()).isZero();

        webhooks.redeliver(House.OWNER, job.id(), dead.getFirst().id());
        awaitThat(() -> receiver.arrived().size() == 2);
        awaitThat(() ->
                webhooks.deliveries(House.OWNER, job.id()).getFirst().status() == WebhookDelivery.Status.DELIVERED);
        house.database.change(tx -> {
            JobTable.touch(tx, job.id(), job.attempt());
            Outbox.note(tx, job, WebhookEvent.CANCELED, now);
        });
        awaitThat(() -> receiver.arrived().size() == 3);
    }

    @Test
    void an_address_that_is_not_allowed_is_given_up_at_once() {
        courier();
        Job job = house.jobs.submit(submission(Policy.DEFAULT, URI.create("http://169.254.169.254/"), ALL));
        house.jobs.cancel(House.OWNER, job.id());

        awaitThat(() -> only(job).status() == WebhookDelivery.Status.DEAD);

        assertThat(only(job).attempts().getFirst().reason().orElseThrow()).contains("not on the public internet");
    }

    @Test
    void a_receiver_that_keeps_silent_counts_as_a_failure() throws IOException {
        egress.close();
        egress = egress(Duration.ofMillis(200));
        receiver.hold();
        courier();
        Job job = canceled(receiver);

        WebhookDelivery once = awaitFailures(job, 1);

        assertThat(once.reason().orElseThrow()).startsWith("127.0.0.1 was not done within");
        assertThat(once.lastStatus()).isEmpty();
    }

    @Test
    void a_receiver_that_keeps_silent_holds_up_neither_others_nor_jobs() {
        receiver.hold();
        courier();
        List<Job> silent =
                IntStream.range(0, 20).mapToObj(_ -> canceled(receiver)).toList();
        awaitThat(() -> receiver.arrived().size() == Courier.TO_ONE_HOST);

        house.worker(1);
        Job job = house.jobs.submit(submission(Policy.DEFAULT, another.url(), Set.of("succeeded")));
        awaitDelivered(job, 1);

        assertThat(receiver.most()).isEqualTo(Courier.TO_ONE_HOST);
        receiver.release();
        silent.forEach(each -> awaitDelivered(each, 1));
        assertThat(receiver.most()).isEqualTo(Courier.TO_ONE_HOST);
    }

    @Test
    void a_message_whose_node_stops_in_the_middle_is_sent_again_by_another_with_the_same_id() {
        receiver.hold();
        Courier first = courier();
        Job job = canceled(receiver);
        awaitThat(() -> receiver.arrived().size() == 1);

        first.close();
        receiver.release();
        receiver.hold();
        courier();
        awaitThat(() -> receiver.arrived().size() == 2);
        receiver.release();

        awaitDelivered(job, 1);
        assertThat(receiver.arrived())
                .extracting(Receiver.Arrived::id)
                .containsOnly(only(job).id());
        assertThat(only(job).failures()).isZero();
    }

    @Test
    void a_message_that_died_with_its_node_is_found_and_sent() {
        courier();
        Job job = submit(ALL);
        Instant now = house.database.clock().instant();
        house.database.change(tx -> {
            Outbox.note(tx, job, WebhookEvent.STARTED, now);
            tx.sql()
                    .execute(
                            "update scheduled_webhook set picked = true, picked_by = 'dead', last_heartbeat = ?",
                            Timestamp.from(now.minusSeconds(60)));
        });

        awaitDelivered(job, 1);
    }

    @Test
    void an_attempt_that_was_superseded_does_not_count_when_it_fails() {
        receiver.hold();
        receiver.answerNext(500);
        courier();
        Job job = canceled(receiver);
        awaitThat(() -> receiver.arrived().size() == 1);
        String id = only(job).id();

        webhooks.redeliver(House.OWNER, job.id(), id);
        awaitThat(() -> receiver.arrived().size() == 2);
        receiver.release();
        awaitDelivered(job, 1);

        assertThat(only(job).attempts())
                .extracting(WebhookDelivery.Attempt::status)
                .containsExactly(OptionalInt.of(200));
        assertThat(only(job).failures()).isZero();
    }

    @Test
    void couriers_of_one_database_share_the_work() {
        courier();
        courier();
        List<Job> jobs =
                IntStream.range(0, 30).mapToObj(_ -> canceled(receiver)).toList();

        jobs.forEach(job -> awaitDelivered(job, 1));

        assertThat(receiver.arrived())
                .extracting(Receiver.Arrived::id)
                .doesNotHaveDuplicates()
                .hasSize(30);
    }

    @Test
    void messages_go_with_their_job_and_are_for_its_owner_only() {
        Job job = canceled(receiver);
        String id = only(job).id();

        assertNotFound(() -> webhooks.deliveries("somebody else", job.id()));
        assertNotFound(() -> webhooks.redeliver("somebody else", job.id(), id));
        assertNotFound(() -> webhooks.redeliver(House.OWNER, job.id(), "msg_none"));
        assertNotFound(() -> webhooks.redeliver(House.OWNER, canceled(receiver).id(), id));
        house.jobs.remove(House.OWNER, job.id());
        assertNotFound(() -> webhooks.deliveries(House.OWNER, job.id()));
        Job other = submit(Set.of("started"));
        house.worker(1);
        courier();
        awaitDelivered(other, 1);
        awaitThat(() -> queued() == 0);
        assertThat(receiver.arrived()).extracting(Receiver.Arrived::id).doesNotContain(id);
    }

    @Test
    void the_first_secret_is_made_once_however_many_ask_for_it() {
        List<WebhookSecret> asked = IntStream.range(0, 8)
                .parallel()
                .mapToObj(_ -> new WebhookSecrets(house.database, new SecureRandom()).current())
                .toList();

        assertThat(Set.copyOf(asked)).hasSize(1);
    }

    @Test
    void a_secret_that_was_replaced_still_signs_for_a_day() throws GeneralSecurityException {
        WebhookSecret old = secrets.current();
        WebhookSecret fresh = secrets.rotate();
        courier();
        awaitDelivered(canceled(receiver), 1);
        house.database.change(tx -> {
            int ended = tx.sql()
                    .execute(
                            "update secret set retires_at = retires_at - ? where retires_at is not null",
                            WebhookSecrets.OVERLAP.toMillis());
            assertThat(ended).isEqualTo(1);
        });
        awaitDelivered(canceled(receiver), 1);

        assertThat(fresh).isEqualTo(secrets.current()).isNotEqualTo(old);
        Receiver.Arrived during = receiver.arrived().getFirst();
        assertThat(during.signatures()).hasSize(2);
        assertThat(during.signaturesBy(old)).isEqualTo(1);
        assertThat(during.signaturesBy(fresh)).isEqualTo(1);
        Receiver.Arrived after = receiver.arrived().getLast();
        assertThat(after.signatures()).hasSize(1);
        assertThat(after.signaturesBy(fresh)).isEqualTo(1);
    }

    private Egress egress(Duration postLimit) {
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

    private Courier courier() {
        Courier courier = Courier.start(
                house.database,
                new Sender(egress, house.database.clock(), new SecureRandom()),
                secrets,
                house.config("courier-" + couriers.size(), 1));
        couriers.add(courier);
        return courier;
    }

    private Job submit(Set<String> events) {
        return house.jobs.submit(submission(Policy.DEFAULT, receiver.url(), events));
    }

    /** A job with one message, of its cancellation. */
    private Job canceled(Receiver to) {
        Job job = house.jobs.submit(submission(Policy.DEFAULT, to.url(), Set.of("canceled")));
        return house.jobs.cancel(House.OWNER, job.id());
    }

    private Submission submission(Policy policy, URI to, Set<String> events) {
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

    private static Policy deadline(Duration limit) {
        return new Policy(Policy.Priority.REALTIME, Optional.empty(), Optional.of(limit), Set.of(), false, false);
    }

    /** The job as if a node ran it, without a message. */
    private Job begun(Job job) {
        house.database.change(tx ->
                JobTable.begin(tx, job.id(), "node", house.database.clock().instant()));
        return house.now(job);
    }

    private void progress(Job job, Instant now, double fraction) {
        house.database.change(tx -> {
            JobTable.advance(tx, job.id(), job.attempt(), "separating", fraction);
            Outbox.note(tx, job, WebhookEvent.PROGRESS, now);
        });
    }

    private WebhookDelivery only(Job job) {
        List<WebhookDelivery> all = webhooks.deliveries(House.OWNER, job.id());
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private void awaitDelivered(Job job, int messages) {
        awaitThat(() -> {
            List<WebhookDelivery> all = webhooks.deliveries(House.OWNER, job.id());
            return all.size() == messages
                    && all.stream().allMatch(each -> each.status() == WebhookDelivery.Status.DELIVERED);
        });
    }

    private WebhookDelivery awaitFailures(Job job, int failures) {
        awaitThat(() -> only(job).failures() == failures);
        return only(job);
    }

    /** Makes what waits for its next attempt due. */
    private void hurry() {
        house.database.change(tx -> tx.sql()
                .execute(
                        "update scheduled_webhook set execution_time = ? where not picked",
                        Timestamp.from(Instant.EPOCH)));
    }

    private int queued() {
        return house.database.read(sql -> sql.createQuery("select count(*) from scheduled_webhook")
                .mapTo(int.class)
                .one());
    }

    private static void assertNotFound(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.NOT_FOUND));
    }
}
