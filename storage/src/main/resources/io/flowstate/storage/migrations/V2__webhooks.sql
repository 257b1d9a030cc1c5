-- Webhooks: what is to be told to whom, and how that went. A row is written in the transaction that changes the job, so that there is a message for every change and none
-- for a change that did not happen. Times are milliseconds since 1970 by the database's clock, except in the table that is db-scheduler's.

-- One message, as it was when the event happened. The revision is the job's: no event is entered twice.
create table webhook_delivery (
    id           text primary key,
    job_id       text not null references job (id) on delete cascade,
    owner        text not null,
    event        text not null,
    revision     bigint not null,
    url          text not null,
    body         text not null,
    status       text not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
    attempts     integer not null default 0,
    failures     integer not null default 0,
    last_status  integer,
    reason       text,
    created_at   bigint not null,
    next_at      bigint,
    delivered_at bigint
);

create unique index webhook_delivery_by_job on webhook_delivery (job_id, revision);
create index webhook_delivery_dead on webhook_delivery (owner, id) where status = 'dead';

-- The last attempts to deliver it. A reason is there if it failed.
create table webhook_attempt (
    delivery_id text not null references webhook_delivery (id) on delete cascade,
    number      integer not null,
    at          bigint not null,
    millis      bigint not null,
    status      integer,
    reason      text,
    primary key (delivery_id, number)
);

-- db-scheduler's table for messages that are pending, apart from that for jobs: one that waits hours for its next attempt is not in the way of jobs that are due, and each
-- scheduler finds only its own in its table. The lane is the receiving host.
create table scheduled_webhook (
    task_name            text not null,
    task_instance        text not null,
    task_data            ${bytes},
    execution_time       ${timestamp} not null,
    picked               boolean not null,
    picked_by            text,
    last_success         ${timestamp},
    last_failure         ${timestamp},
    consecutive_failures integer,
    last_heartbeat       ${timestamp},
    version              bigint not null,
    lane                 text not null,
    primary key (task_name, task_instance)
);

create index scheduled_webhook_due on scheduled_webhook (execution_time) where not picked;
create index scheduled_webhook_heartbeat on scheduled_webhook (last_heartbeat) where picked;

-- Of several nodes that make the first secret, or a new one, at the same time one wins.
create unique index secret_for_webhooks on secret (name) where name = 'webhook' and retires_at is null;
