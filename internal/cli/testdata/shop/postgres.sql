create table if not exists customers (
	id uuid primary key,
	name varchar(20) not null,
	active boolean not null,
	created_at timestamp not null
);
create table if not exists orders (
	id serial primary key,
	customer_id uuid not null references customers (id),
	gift boolean not null,
	details jsonb,
	total double precision,
	created_at timestamp not null
);
