-- Jobs and all that hangs on them. Times are milliseconds since 1970 by the database's clock, except in the table that is db-scheduler's.

-- The job as its owner sees it. Every change raises the revision; status_revision and progress_revision say when these two changed last, so that a listener who knows a
-- revision can be told just what is new. A running job's row is changed only under its attempt number.
create table job (
    id                  text primary key,
    owner               text not null,
    task                text not null,
    status              text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
    priority            text not null,
    request             text not null,
    policy              text not null,
    plan                text not null,
    input_name          text not null,
    input_blob          text,
    input_url           text,
    input_bytes         bigint,
    input_sha256        text,
    input_millis        bigint,
    input_rate_hz       integer,
    input_channels      integer,
    input_container     text,
    input_codec         text,
    attempt             integer not null default 0,
    losses              integer not null default 0,
    node                text,
    deployment          text,
    attempts            text not null default '[]',
    checkpoint          text,
    phase               text,
    fraction            double precision not null default 0,
    result              text,
    error               text,
    cost_usd            text,
    webhook_url         text,
    webhook_events      text,
    created_at          bigint not null,
    started_at          bigint,
    finished_at         bigint,
    deadline_at         bigint,
    cancel_requested_at bigint,
    keep_input_millis   bigint not null,
    keep_output_millis  bigint not null,
    expires_at          bigint,
    revision            bigint not null default 1,
    status_revision     bigint not null default 1,
    progress_revision   bigint not null default 0
);

create index job_by_owner on job (owner, id);
create index job_by_status on job (owner, status, id);
create index job_by_deadline on job (deadline_at) where status = 'queued' and deadline_at is not null;
create index job_by_expiry on job (expires_at) where expires_at is not null;

create table job_tag (
    job_id text not null references job (id) on delete cascade,
    tag    text not null,
    primary key (tag, job_id)
);

create index job_tag_by_job on job_tag (job_id);

-- One file that a job gives, as far as it has been written: its bytes are those of its pieces, one after the other.
create table output (
    job_id     text not null references job (id) on delete cascade,
    name       text not null,
    generation bigint not null,
    ordinal    integer not null,
    file       text not null,
    media_type text not null,
    size       bigint,
    bytes      bigint not null default 0,
    sha256     text,
    revision   bigint not null,
    primary key (job_id, name)
);

create table piece (
    job_id   text not null,
    name     text not null,
    ordinal  integer not null,
    position bigint not null,
    bytes    bigint not null,
    blob     text not null,
    primary key (job_id, name, ordinal),
    foreign key (job_id, name) references output (job_id, name) on delete cascade
);

-- Every blob is entered here before it is written, so that one whose writer died is found. What no longer belongs to a job's present attempt is removed.
create table blob (
    key        text primary key,
    job_id     text,
    attempt    integer,
    bytes      bigint not null,
    created_at bigint not null,
    doomed     boolean not null default false
);

create index blob_by_job on blob (job_id);
create index blob_doomed on blob (doomed) where doomed;

-- An answer that was given under an Idempotency-Key.
create table idempotency (
    owner       text not null,
    key         text not null,
    fingerprint text not null,
    job_id      text not null,
    expires_at  bigint not null,
    primary key (owner, key)
);

create index idempotency_by_expiry on idempotency (expires_at);

-- db-scheduler's table, with three columns of ours by which the next one is chosen: whose turn it is, and in which lane.
create table scheduled_task (
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
    priority             smallint,
    owner                text not null default '',
    turn                 bigint not null default 0,
    lane                 text not null default '',
    primary key (task_name, task_instance)
);

create index scheduled_task_next on scheduled_task (priority desc, turn, task_instance) where not picked;
create index scheduled_task_turn on scheduled_task (owner, turn) where not picked;
create index scheduled_task_heartbeat on scheduled_task (last_heartbeat) where picked;

-- What all nodes must agree on and nobody else may know: keys that sign links and webhooks.
create table secret (
    name       text not null,
    value      text not null,
    created_at bigint not null,
    retires_at bigint,
    primary key (name, value)
);

-- The key for links is made once, whichever node comes first.
create unique index secret_for_links on secret (name) where name = 'links';
