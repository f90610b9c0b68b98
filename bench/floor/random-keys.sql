-- The rows of tables/random-keys.sql by hand: keys and indexes go, two sessions load, two sessions build. Each part between
-- two lines "-- stage" begins when the one before it has ended; "-- session" parts of a stage run side by side. {accounts}
-- is the file with the table's rows.
-- stage
alter table events drop constraint events_account_id_fkey, drop constraint events_pkey;
drop index events_account_id_idx, events_happened_at_idx;
alter table accounts drop constraint accounts_pkey, drop constraint accounts_email_key, drop constraint accounts_handle_key;
-- stage
set synchronous_commit = off;
\copy accounts ({accounts columns}) from '{accounts}'
\copy events ({events columns}) from program 'split -n l/1/2 {events}'
-- session
set synchronous_commit = off;
\copy events ({events columns}) from program 'split -n l/2/2 {events}'
-- stage
set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 0;
create unique index events_pkey on events (id);
create index events_happened_at_idx on events (happened_at);
-- session
set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 0;
create unique index accounts_email_key on accounts (email);
create unique index accounts_handle_key on accounts (handle);
create unique index accounts_pkey on accounts (id);
create index events_account_id_idx on events (account_id);
-- stage
alter table accounts add constraint accounts_pkey primary key using index accounts_pkey;
alter table accounts add constraint accounts_email_key unique using index accounts_email_key;
alter table accounts add constraint accounts_handle_key unique using index accounts_handle_key;
alter table events add constraint events_pkey primary key using index events_pkey;
alter table events add constraint events_account_id_fkey foreign key (account_id) references accounts (id);
