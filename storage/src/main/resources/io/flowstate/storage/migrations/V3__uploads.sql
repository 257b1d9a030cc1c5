-- Files that come in several requests. Those that have expired stay known for a while without their bytes, so that whoever asks is told so.
create table upload (
    id         text primary key,
    owner      text not null,
    length     bigint not null,
    received   bigint not null default 0,
    metadata   text not null,
    created_at bigint not null,
    expires_at bigint not null,
    swept      boolean not null default false
);

create index upload_by_expiry on upload (expires_at);

-- The bytes received so far are those of the pieces, one after the other.
create table upload_piece (
    upload_id text not null references upload (id) on delete cascade,
    position  bigint not null,
    bytes     bigint not null,
    blob      text not null unique,
    primary key (upload_id, position)
);

-- A blob belongs to a job or to an upload.
alter table blob add column upload_id text;
create index blob_by_upload on blob (upload_id) where upload_id is not null;
