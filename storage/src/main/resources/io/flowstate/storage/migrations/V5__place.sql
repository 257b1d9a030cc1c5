-- The version of its place in the queue under which a job's present attempt was begun. Versions rise with every claim, so one claim begins one attempt, and none after a later one has.
alter table job add column place bigint not null default 0;
