-- A role that is no superuser, its database, and the tables to fill.
CREATE ROLE shop LOGIN PASSWORD 'only-for-this-machine';
CREATE DATABASE shop_test OWNER shop;
\connect shop_test
SET ROLE shop;
CREATE SCHEMA IF NOT EXISTS shop;
ALTER ROLE shop SET search_path = shop;
SET search_path = shop;

CREATE TABLE customers (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name      varchar(80) NOT NULL,
    email     varchar(120) NOT NULL UNIQUE,
    joined_at timestamptz NOT NULL
);

CREATE TABLE orders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers (id),
    status      varchar(20) NOT NULL CHECK (status IN ('open', 'paid', 'sent')),
    quantity    integer NOT NULL CHECK (quantity BETWEEN 1 AND 9),
    placed_at   timestamptz NOT NULL
);
