create table if not exists customers (
	id char(36) not null primary key,
	name varchar(20) not null,
	active boolean not null,
	created_at timestamp not null
);
create table if not exists orders (
	id integer primary key,
	customer_id char(36) not null references customers (id),
	gift boolean not null,
	details json,
	total double precision,
	created_at timestamp not null
);
