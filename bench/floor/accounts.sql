-- The rows of tables/accounts.sql by hand, as in random-keys.sql: the key goes, two sessions load, one builds.
-- stage
alter table accounts drop constraint accounts_pkey;
-- stage
set synchronous_commit = off;
\copy accounts ({accounts columns}) from program 'split -n l/1/2 {accounts}'
-- session
set synchronous_commit = off;
\copy accounts ({accounts columns}) from program 'split -n l/2/2 {accounts}'
-- stage
set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 1;
alter table accounts add constraint accounts_pkey primary key (aid);
