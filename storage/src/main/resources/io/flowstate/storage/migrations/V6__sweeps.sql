-- What keeps sweeps from harm and from reading all there is.

-- By what name a store for files knows the database that it belongs to. There is one, whichever node comes first.
create table database_id (
    id       text primary key,
    only_one boolean not null unique default true check (only_one)
);

-- What each kind of sweep looks for, in the order in which it is due.
create index blob_by_age on blob (created_at) where not doomed;
create index job_by_end on job (finished_at) where finished_at is not null;
create index job_by_input on job ((created_at + keep_input_millis)) where input_blob is not null and finished_at is not null;
create index upload_unswept on upload (expires_at) where not swept;
