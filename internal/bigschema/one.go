package bigschema

import (
	"fmt"
	"strings"
)

// Wide writes a table of many columns, of twelve types in turn, every fifth of them with a check of its own. PostgreSQL
// and SQLite take it; PostgreSQL has room for 1,600 columns.
func Wide(columns int) string {
	types := []string{
		"integer", "varchar(40)", "numeric(12,2)", "boolean", "date", "bigint",
		"text", "timestamp", "smallint", "char(3)", "double precision", "varchar(8)",
	}
	var out strings.Builder
	out.WriteString("create table wide (\n\tid integer primary key")
	for i := range columns - 1 {
		fmt.Fprintf(&out, ",\n\tc%d %s", i, types[i%len(types)])
		if i%2 == 0 {
			out.WriteString(" not null")
		}
		if i%5 == 0 {
			switch i % len(types) {
			case 0, 2, 5, 8, 10:
				fmt.Fprintf(&out, " check (c%d between 0 and 90)", i)
			case 1, 6:
				fmt.Fprintf(&out, " check (c%d in ('new', 'open', 'closed'))", i)
			}
		}
	}
	out.WriteString("\n);\n")
	return out.String()
}

// Attributes writes the tables of entities whose attributes are rows: an entity and an attribute of a value agree in
// their type, and have at most one value.
func Attributes() string {
	return `create table entity_types (id integer primary key, code varchar(40) not null unique);
create table entities (
	id integer primary key,
	entity_type_id integer not null references entity_types,
	name varchar(80) not null,
	unique (id, entity_type_id)
);
create table attributes (
	id integer primary key,
	entity_type_id integer not null references entity_types,
	code varchar(40) not null,
	data_type varchar(10) not null check (data_type in ('text', 'number', 'date', 'flag')),
	unique (id, entity_type_id),
	unique (id, data_type),
	unique (entity_type_id, code)
);
create table attribute_values (
	id integer primary key,
	entity_id integer not null,
	attribute_id integer not null,
	entity_type_id integer not null,
	data_type varchar(10) not null,
	text_value text,
	number_value numeric(12,2),
	date_value date,
	flag_value boolean,
	foreign key (entity_id, entity_type_id) references entities (id, entity_type_id),
	foreign key (attribute_id, entity_type_id) references attributes (id, entity_type_id),
	foreign key (attribute_id, data_type) references attributes (id, data_type),
	unique (entity_id, attribute_id),
	check ((data_type = 'text') = (text_value is not null)),
	check ((data_type = 'number') = (number_value is not null)),
	check ((data_type = 'date') = (date_value is not null)),
	check ((data_type = 'flag') = (flag_value is not null))
);
`
}

// Listed writes a table with a check that lists so many values.
func Listed(values int) string {
	var texts, numbers []string
	for i := range values {
		texts = append(texts, fmt.Sprintf("'code-%d'", i))
		numbers = append(numbers, fmt.Sprint(100+7*i))
	}
	return fmt.Sprintf(`create table listed (
	id integer primary key,
	code varchar(20) not null check (code in (%s)),
	price integer not null check (price in (%s))
);
`, strings.Join(texts, ", "), strings.Join(numbers, ", "))
}

// Triggered writes tables with three triggers each, in PostgreSQL's language: of times, of a history and of what may
// not change.
func Triggered(tables int) string {
	var out strings.Builder
	out.WriteString(`create table history (id bigint generated always as identity primary key, table_name text not null, at timestamptz not null);
create function touch() returns trigger language plpgsql as $$
begin
	new.updated_at := now();
	return new;
end $$;
`)
	for i := range tables {
		fmt.Fprintf(&out, `create table t%[1]d (
	id bigint generated always as identity primary key,
	name text not null,
	amount integer not null,
	updated_at timestamptz
);
create function record_t%[1]d() returns trigger language plpgsql as $$
begin
	insert into history (table_name, at) values ('t%[1]d', now());
	return null;
end $$;
create function guard_t%[1]d() returns trigger language plpgsql as $$
begin
	if new.amount < 0 then
		raise exception 'amount is negative';
	end if;
	return new;
end $$;
create trigger touch before insert or update on t%[1]d for each row execute function touch();
create trigger record after update on t%[1]d for each row execute function record_t%[1]d();
create trigger guard before insert on t%[1]d for each row execute function guard_t%[1]d();
`, i)
	}
	return out.String()
}
