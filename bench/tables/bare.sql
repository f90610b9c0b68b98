create table bare (at timestamptz not null, session uuid not null, path text not null, status integer not null, took double precision);
