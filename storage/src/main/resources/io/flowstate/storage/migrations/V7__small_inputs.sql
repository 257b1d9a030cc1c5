-- What need not be a file of its own: the bytes of a blob that is small, written with its row. The store for files has nothing under its key then.
alter table blob add column content ${bytes};

-- All bytes are added up often, and from here, so that no content is read for it.
create index blob_by_size on blob (bytes);
