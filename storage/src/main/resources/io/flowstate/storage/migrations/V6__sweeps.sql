-- What keeps sweeps from harm and from reading all there is.

-- By what name a store for files knows the database that it belongs to. There is one, whichever node comes first.
create table database_id (
    id       text primary key,
    only_one boolean not null unique default true check (only_one)
);
