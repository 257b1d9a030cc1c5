package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import io.flowstate.jobs.webhook.WebhookSecret;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is promised about what is told, and how it is signed, on either database. */
abstract class WebhookEventsContract extends WebhooksFixture {
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
        Schedule.Place place = house.claim(job.id());
        Instant now = house.database.clock().instant();

        assertThatThrownBy(() -> house.database.change(tx -> {
                    JobStates.begin(tx, place, "node", now);
                    Outbox.note(tx, job, WebhookEvent.STARTED, now);
                    throw new IllegalStateException("the node dies before the commit");
                }))
                .hasMessage("the node dies before the commit");

        assertThat(webhooks.deliveries(House.OWNER, job.id())).isEmpty();
        assertThat(queued()).isZero();
        assertThat(house.now(job).status()).isEqualTo(Job.Status.QUEUED);
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
}
