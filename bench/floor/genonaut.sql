-- The rows of the built-in scenario by hand, as in random-keys.sql: keys and indexes go, two sessions load, two sessions
-- build. The search index over prompts takes about as long as all indexes of the other tables together.
-- stage
alter table generation_jobs drop constraint generation_jobs_user_id_fkey, drop constraint generation_jobs_result_content_id_fkey,
 drop constraint generation_jobs_result_content_auto_id_fkey, drop constraint generation_jobs_pkey;
alter table content_items drop constraint content_items_creator_id_fkey, drop constraint content_items_pkey;
alter table content_items_auto drop constraint content_items_auto_creator_id_fkey, drop constraint content_items_auto_pkey;
alter table users drop constraint users_pkey, drop constraint users_username_key, drop constraint users_email_key;
drop index users_created_at, users_active_created_at, users_lower_username, users_lower_email;
drop index content_items_content_type, content_items_creator_id, content_items_created_at,
  content_items_creator_created_at, content_items_quality_created_at, content_items_type_created_at,
  content_items_public_created_at, content_items_title_search, content_items_tags, content_items_item_metadata;
drop index content_items_auto_content_type, content_items_auto_creator_id, content_items_auto_created_at,
  content_items_auto_creator_created_at, content_items_auto_quality_created_at, content_items_auto_type_created_at,
  content_items_auto_public_created_at, content_items_auto_title_search, content_items_auto_tags,
  content_items_auto_item_metadata;
drop index generation_jobs_user_id, generation_jobs_job_type, generation_jobs_status, generation_jobs_created_at,
  generation_jobs_user_created_at, generation_jobs_status_created_at, generation_jobs_type_created_at,
  generation_jobs_user_status_created_at, generation_jobs_user_type_created_at, generation_jobs_open_created_at,
  generation_jobs_completed_at, generation_jobs_prompt_search;
-- stage
set synchronous_commit = off;
\copy users ({users columns}) from '{users}'
\copy content_items ({content_items columns}) from '{content_items}'
\copy generation_jobs ({generation_jobs columns}) from program 'split -n l/1/2 {generation_jobs}'
-- session
set synchronous_commit = off;
\copy content_items_auto ({content_items_auto columns}) from '{content_items_auto}'
\copy generation_jobs ({generation_jobs columns}) from program 'split -n l/2/2 {generation_jobs}'
-- stage
set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 0;
create index generation_jobs_prompt_search on generation_jobs using gin (to_tsvector('english', prompt));
create index generation_jobs_user_id on generation_jobs (user_id);
create index generation_jobs_job_type on generation_jobs (job_type);
create index generation_jobs_status on generation_jobs (status);
create index generation_jobs_created_at on generation_jobs (created_at desc);
create index generation_jobs_user_created_at on generation_jobs (user_id, created_at desc);
create index generation_jobs_status_created_at on generation_jobs (status, created_at desc);
create index generation_jobs_type_created_at on generation_jobs (job_type, created_at desc);
create index generation_jobs_user_status_created_at on generation_jobs (user_id, status, created_at desc);
create index generation_jobs_user_type_created_at on generation_jobs (user_id, job_type, created_at desc);
create index generation_jobs_open_created_at on generation_jobs (status, created_at) where status in ('pending', 'running');
create index generation_jobs_completed_at on generation_jobs (completed_at desc) where completed_at is not null;
alter table generation_jobs add constraint generation_jobs_pkey primary key (id);
-- session
set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 0;
create index content_items_auto_tags on content_items_auto using gin (tags);
create index content_items_auto_title_search on content_items_auto using gin (to_tsvector('english', title));
create index content_items_auto_item_metadata on content_items_auto using gin (item_metadata);
create index content_items_tags on content_items using gin (tags);
create index content_items_title_search on content_items using gin (to_tsvector('english', title));
create index content_items_item_metadata on content_items using gin (item_metadata);
create index users_created_at on users (created_at desc);
create index users_active_created_at on users (is_active, created_at desc);
create index users_lower_username on users (lower(username));
create index users_lower_email on users (lower(email));
create index content_items_content_type on content_items (content_type);
create index content_items_creator_id on content_items (creator_id);
create index content_items_created_at on content_items (created_at desc);
create index content_items_creator_created_at on content_items (creator_id, created_at desc);
create index content_items_quality_created_at on content_items (quality_score desc, created_at desc);
create index content_items_type_created_at on content_items (content_type, created_at desc);
create index content_items_public_created_at on content_items (created_at desc) where not is_private;
create index content_items_auto_content_type on content_items_auto (content_type);
create index content_items_auto_creator_id on content_items_auto (creator_id);
create index content_items_auto_created_at on content_items_auto (created_at desc);
create index content_items_auto_creator_created_at on content_items_auto (creator_id, created_at desc);
create index content_items_auto_quality_created_at on content_items_auto (quality_score desc, created_at desc);
create index content_items_auto_type_created_at on content_items_auto (content_type, created_at desc);
create index content_items_auto_public_created_at on content_items_auto (created_at desc) where not is_private;
alter table content_items_auto add constraint content_items_auto_pkey primary key (id);
alter table content_items add constraint content_items_pkey primary key (id);
alter table users add constraint users_pkey primary key (id);
alter table users add constraint users_username_key unique (username);
alter table users add constraint users_email_key unique (email);
-- stage
alter table content_items add constraint content_items_creator_id_fkey foreign key (creator_id) references users (id) not valid;
alter table content_items_auto add constraint content_items_auto_creator_id_fkey foreign key (creator_id) references users (id) not valid;
alter table generation_jobs add constraint generation_jobs_user_id_fkey foreign key (user_id) references users (id) not valid;
alter table generation_jobs add constraint generation_jobs_result_content_id_fkey foreign key (result_content_id) references content_items (id) not valid;
alter table generation_jobs add constraint generation_jobs_result_content_auto_id_fkey foreign key (result_content_auto_id) references content_items_auto (id) not valid;
-- stage
alter table generation_jobs validate constraint generation_jobs_user_id_fkey;
alter table generation_jobs validate constraint generation_jobs_result_content_id_fkey;
alter table generation_jobs validate constraint generation_jobs_result_content_auto_id_fkey;
-- session
alter table content_items validate constraint content_items_creator_id_fkey;
alter table content_items_auto validate constraint content_items_auto_creator_id_fkey;
