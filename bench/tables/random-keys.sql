create table accounts (
  id uuid primary key,
  email text not null unique,
  handle text not null unique,
  created_at timestamptz not null
);
create table events (
  id uuid primary key,
  account_id uuid not null references accounts (id),
  kind text not null,
  happened_at timestamptz not null,
  amount numeric(10, 2)
);
create index events_account_id_idx on events (account_id);
create index events_happened_at_idx on events (happened_at);
