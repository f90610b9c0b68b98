create table if not exists users (
	id char(36) not null primary key,
	username varchar(50) not null unique,
	email varchar(255) not null unique,
	created_at timestamp not null,
	updated_at timestamp not null,
	preferences json,
	is_active boolean not null
);

create table if not exists content_items (
	id integer primary key,
	title varchar(255) not null,
	content_type varchar(50) not null,
	content_data text not null,
	item_metadata json,
	creator_id char(36) not null references users (id),
	created_at timestamp not null,
	updated_at timestamp not null,
	tags json,
	quality_score double precision check (quality_score between 0 and 1),
	is_private boolean not null
);

create table if not exists content_items_auto (
	id integer primary key,
	title varchar(255) not null,
	content_type varchar(50) not null,
	content_data text not null,
	item_metadata json,
	creator_id char(36) not null references users (id),
	created_at timestamp not null,
	updated_at timestamp not null,
	tags json,
	quality_score double precision check (quality_score between 0 and 1),
	is_private boolean not null
);

create table if not exists generation_jobs (
	id integer primary key,
	user_id char(36) not null references users (id),
	job_type varchar(50) not null,
	prompt text not null,
	parameters json,
	status varchar(20) not null check (status in ('pending', 'running', 'completed', 'error', 'canceled')),
	result_content_id integer references content_items (id),
	result_content_auto_id integer references content_items_auto (id),
	created_at timestamp not null,
	updated_at timestamp not null,
	started_at timestamp,
	completed_at timestamp,
	error_message text,
	check (result_content_id is null or result_content_auto_id is null),
	check (started_at >= created_at),
	check (completed_at >= started_at)
);

create index if not exists users_created_at on users (created_at desc);
create index if not exists users_active_created_at on users (is_active, created_at desc);
create index if not exists users_lower_username on users (lower(username));
create index if not exists users_lower_email on users (lower(email));

create index if not exists content_items_content_type on content_items (content_type);
create index if not exists content_items_creator_id on content_items (creator_id);
create index if not exists content_items_created_at on content_items (created_at desc);
create index if not exists content_items_creator_created_at on content_items (creator_id, created_at desc);
create index if not exists content_items_quality_created_at on content_items (quality_score desc, created_at desc);
create index if not exists content_items_type_created_at on content_items (content_type, created_at desc);
create index if not exists content_items_public_created_at on content_items (created_at desc) where not is_private;

create index if not exists content_items_auto_content_type on content_items_auto (content_type);
create index if not exists content_items_auto_creator_id on content_items_auto (creator_id);
create index if not exists content_items_auto_created_at on content_items_auto (created_at desc);
create index if not exists content_items_auto_creator_created_at on content_items_auto (creator_id, created_at desc);
create index if not exists content_items_auto_quality_created_at on content_items_auto (quality_score desc, created_at desc);
create index if not exists content_items_auto_type_created_at on content_items_auto (content_type, created_at desc);
create index if not exists content_items_auto_public_created_at on content_items_auto (created_at desc) where not is_private;

create index if not exists generation_jobs_user_id on generation_jobs (user_id);
create index if not exists generation_jobs_job_type on generation_jobs (job_type);
create index if not exists generation_jobs_status on generation_jobs (status);
create index if not exists generation_jobs_created_at on generation_jobs (created_at desc);
create index if not exists generation_jobs_user_created_at on generation_jobs (user_id, created_at desc);
create index if not exists generation_jobs_status_created_at on generation_jobs (status, created_at desc);
create index if not exists generation_jobs_type_created_at on generation_jobs (job_type, created_at desc);
create index if not exists generation_jobs_user_status_created_at on generation_jobs (user_id, status, created_at desc);
create index if not exists generation_jobs_user_type_created_at on generation_jobs (user_id, job_type, created_at desc);
create index if not exists generation_jobs_open_created_at on generation_jobs (status, created_at) where status in ('pending', 'running');
create index if not exists generation_jobs_completed_at on generation_jobs (completed_at desc) where completed_at is not null;
