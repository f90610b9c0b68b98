create table roles (id integer primary key, name text not null);
create table users (id integer primary key, role_id integer not null references roles, email text unique);
create table orders (id integer primary key, user_id integer not null references users, total integer not null);
create table schema_migrations (version text primary key);
insert into schema_migrations values ('20240101');
