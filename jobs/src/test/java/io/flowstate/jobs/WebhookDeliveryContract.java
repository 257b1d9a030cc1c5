package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.routing.Policy;
import java.io.IOException;
import java.net.URI;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is promised about how a message gets to its receiver, whatever happens on the way, on either database. */
abstract class WebhookDeliveryContract extends WebhooksFixture {
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
            JobStates.touch(tx, job.id(), job.attempt());
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
}
