create table if not exists monthly_sales (
	month date primary key,
	orders_count integer not null,
	revenue numeric(14,2) not null,
	booked numeric(14,2) not null
);

create table if not exists customers (
	id serial primary key,
	first_name varchar(60) not null,
	last_name varchar(60) not null,
	email varchar(120) not null unique,
	phone varchar(30),
	newsletter boolean not null,
	created_at timestamp(0) not null,
	first_order_at timestamp(0),
	last_order_at timestamp(0),
	orders_count integer not null,
	total_spent numeric(12,2) not null,
	check (first_order_at >= created_at),
	check (last_order_at >= first_order_at)
);

create table if not exists addresses (
	id serial primary key,
	customer_id integer not null references customers (id),
	street varchar(120) not null,
	city varchar(80) not null,
	state char(2) not null,
	postal_code varchar(10) not null,
	country char(2) not null,
	is_default boolean not null
);

create table if not exists categories (
	id serial primary key,
	department varchar(30) not null,
	name varchar(60) not null,
	slug varchar(60) not null unique,
	products_count integer not null
);

create table if not exists products (
	id serial primary key,
	category_id integer not null references categories (id),
	brand varchar(60) not null,
	name varchar(120) not null,
	slug varchar(140) not null unique,
	sku varchar(20) not null unique,
	description text not null,
	price numeric(10,2) not null,
	cost numeric(10,2) not null,
	is_active boolean not null,
	created_at timestamp(0) not null,
	check (cost < price)
);

create table if not exists orders (
	id serial primary key,
	number varchar(20) not null unique,
	customer_id integer not null references customers (id),
	address_id integer not null references addresses (id),
	placed_at timestamp(0) not null,
	status varchar(12) not null check (status in ('created', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded')),
	paid_at timestamp(0),
	shipped_at timestamp(0),
	delivered_at timestamp(0),
	cancelled_at timestamp(0),
	subtotal numeric(12,2) not null,
	discount numeric(12,2) not null,
	shipping numeric(12,2) not null,
	total numeric(12,2) not null,
	check (paid_at >= placed_at),
	check (shipped_at >= paid_at),
	check (delivered_at >= shipped_at),
	check ((status = 'cancelled') = (cancelled_at is not null))
);

create table if not exists order_lines (
	id serial primary key,
	order_id integer not null references orders (id),
	line integer not null,
	product_id integer not null references products (id),
	quantity integer not null check (quantity > 0),
	unit_price numeric(10,2) not null,
	line_total numeric(12,2) not null,
	unique (order_id, line)
);

create table if not exists payments (
	id serial primary key,
	order_id integer not null references orders (id),
	method varchar(12) not null,
	card_brand varchar(12),
	card_last4 char(4),
	amount numeric(12,2) not null,
	status varchar(12) not null check (status in ('pending', 'captured', 'failed')),
	created_at timestamp(0) not null,
	captured_at timestamp(0),
	check ((status = 'captured') = (captured_at is not null))
);

create table if not exists shipments (
	id serial primary key,
	order_id integer not null references orders (id),
	status varchar(12) not null check (status in ('waiting', 'preparing', 'in_transit', 'delivered', 'cancelled')),
	carrier varchar(20) not null,
	tracking_number varchar(40),
	shipped_at timestamp(0),
	delivered_at timestamp(0)
);

create table if not exists refunds (
	id serial primary key,
	order_id integer not null unique references orders (id),
	reason varchar(60) not null,
	amount numeric(12,2) not null check (amount > 0),
	refunded_at timestamp(0) not null
);

create table if not exists reviews (
	id serial primary key,
	product_id integer not null references products (id),
	customer_id integer not null references customers (id),
	rating integer not null check (rating between 1 and 5),
	title varchar(80) not null,
	body text not null,
	created_at timestamp(0) not null
);

create index if not exists addresses_customer on addresses (customer_id);
create index if not exists products_category on products (category_id);
create index if not exists orders_customer on orders (customer_id);
create index if not exists orders_address on orders (address_id);
create index if not exists orders_placed on orders (placed_at);
create index if not exists orders_status_placed on orders (status, placed_at);
create index if not exists order_lines_product on order_lines (product_id);
create index if not exists payments_order on payments (order_id);
create index if not exists shipments_order on shipments (order_id);
create index if not exists reviews_product on reviews (product_id);
create index if not exists reviews_customer on reviews (customer_id);
