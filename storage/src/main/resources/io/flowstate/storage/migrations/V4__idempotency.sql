-- A key may stand for any request, not only for one that made a job: the subject is the id of what the request was about or made, and is empty when it leaves nothing behind.
alter table idempotency rename column job_id to subject;
