package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

const shapes = `
create extension citext;
create extension btree_gist;
create schema "Odd one";
create type "Odd one"."State" as enum ('a', 'B');
create domain "Odd one".state as "Odd one"."State" check (value <> 'a');
create domain code as varchar(4) check (value ~ '^[A-Z]+$');
create domain short_code as code check (length(value) < 3);
create domain codes as code[] check (cardinality(value) < 4);
create type place as (lat numeric(8,5), codes code[], at timestamptz(0));
create type floats as range (subtype = float8);
create table types (
  grid int[][], states "Odd one"."State"[], state "Odd one".state, codes codes, several short_code[], place place, places place[], span numrange, stamps tstzrange, f floats,
  names varchar(7)[], chars char(3)[], m money, vec int2vector, b bit(5)
);
create function plain(x text) returns boolean immutable strict language sql as ' select x <> '''' ';
create function pl(x text, out y boolean) immutable language plpgsql as 'begin y := x <> ''''; end';
create function twice(x text) returns boolean language sql as 'select true';
create function twice(x int) returns boolean language sql as 'select true';
create domain checked as text check (public.plain(value));
create table calls (a text check (plain(a) and pl(a)), b text check (twice(b) and length(b) > 2), c checked);
create table rooms (
  id int primary key deferrable initially deferred, room int, during tstzrange, state text, kind text,
  constraint busy exclude using gist (room with =, during with &&) where (state <> 'void'),
  constraint one_kind exclude using gist ((lower(kind)) with =, room with <>) deferrable
);
create unique index rooms_partial on rooms (room) include (kind) where state = 'live';
create table halls (id int primary key);
create unlogged table logs (id int, note text constraint never check (false) no inherit);
create table child_logs (extra int) inherits (logs);
alter table rooms add constraint later check (room > 0) not valid;
create table refs (
  a int references halls on delete set null on update cascade, b int references halls deferrable initially deferred, c int references halls on delete set default on update restrict
);
alter table refs add constraint old foreign key (a) references halls not valid;
create sequence shared start 5 increment 2 maxvalue 99 cycle;
create sequence unused;
create domain numbered as int default nextval('shared');
create table one (n int default nextval('shared'), m numbered, k bigint generated always as identity);
create function fire() returns trigger language plpgsql as 'begin return null; end';
create trigger after_statement after insert or update on one for each statement execute function fire();
create trigger only_update before update on one for each row execute function fire();
create constraint trigger at_commit after insert on one deferrable initially deferred for each row execute function fire();
create table parted (id int not null, d date not null, k text, primary key (id, d, k), unique (d, id, k), check (id > 0), n int references one_key) partition by range (d, id);
create table parted_1 partition of parted for values from ('2025-01-01', 1) to ('2025-02-01', 1) partition by hash (k);
create table parted_1_0 partition of parted_1 for values with (modulus 1, remainder 0);
insert into parted values (5, '2025-01-05', 'x');
create trigger on_all before insert on parted for each row execute function fire();
insert into child_logs (id) values (1);
`

func TestReflect(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		ddl := strings.Replace(shapes, "create table parted (", "create table one_key (id int primary key); create table parted (", 1)
		db, _ := fresh(t, s, ddl)
		d := inspect(t, db)

		types := map[string]string{}
		for _, c := range d.Table("types").Columns {
			types[c.Name] = describe(c.Type)
		}
		if diff := cmp.Diff(map[string]string{
			"grid":    "integer[]/_int4 array 2 of integer/int4",
			"states":  `"Odd one"."State"[] array 1 of "Odd one"."State" enum a|B as "Odd one"."State"`,
			"state":   `"Odd one"."State" enum a|B as "Odd one"."State" domain "Odd one".state (VALUE <> 'a'::"Odd one"."State")`,
			"codes":   `public.code[] domain public.codes (cardinality(VALUE) < 4) array 1 of character varying/varchar(4) domain public.code ((VALUE)::text ~ '^[A-Z]+$'::text)`,
			"several": `public.short_code[] array 1 of character varying/varchar(4) domain public.short_code (length((VALUE)::text) < 3) ((VALUE)::text ~ '^[A-Z]+$'::text)`,
			"place":   "public.place composite {lat numeric/numeric(8,5), codes public.code[] array 1 of character varying/varchar(4) domain public.code ((VALUE)::text ~ '^[A-Z]+$'::text), at timestamp with time zone/timestamptz}",
			"places":  "public.place[] array 1 of public.place composite {lat numeric/numeric(8,5), codes public.code[] array 1 of character varying/varchar(4) domain public.code ((VALUE)::text ~ '^[A-Z]+$'::text), at timestamp with time zone/timestamptz}",
			"span":    "numrange/numrange range of numeric/numeric",
			"stamps":  "tstzrange/tstzrange range of timestamp with time zone/timestamptz(0,6)",
			"f":       "public.floats range of double precision/float8",
			"names":   "character varying[]/_varchar array 1 of character varying/varchar(7)",
			"chars":   "character[]/_bpchar array 1 of character/bpchar(3)",
			"m":       "money/money", "vec": "int2vector/int2vector", "b": "bit/bit(5)",
		}, types); diff != "" {
			t.Errorf("types: %s", diff)
		}

		calls := map[string][]string{}
		for _, k := range d.Table("calls").Checks {
			calls[k.Expression] = k.Functions
		}
		if diff := cmp.Diff(map[string][]string{
			"(public.plain(a) AND public.pl(a))": {"public.pl", "public.plain"}, "(public.twice(b) AND (length(b) > 2))": {"public.twice"}, "public.plain(VALUE)": {"public.plain"},
		}, calls); diff != "" {
			t.Errorf("calls: %s", diff)
		}
		if diff := cmp.Diff(map[string]*schema.Function{
			"public.plain": {Name: "public.plain", Language: "sql", Body: "select x <> ''", Args: []string{"x"}, Strict: true},
			"public.pl":    {Name: "public.pl", Language: "plpgsql", Body: "begin y := x <> ''; end", Args: []string{"x"}},
			"public.twice": {Name: "public.twice", Language: "sql", Body: "select true", Args: []string{"x"}},
		}, d.Functions); diff != "" {
			t.Errorf("functions: %s", diff)
		}

		rooms := d.Table("rooms")
		if diff := cmp.Diff([]*schema.Exclusion{
			{Name: "busy", Method: "gist", Where: "(state <> 'void'::text)", Elements: []schema.ExclusionElement{{Column: "room", Operator: "="}, {Column: "during", Operator: "&&"}}},
			{Name: "one_kind", Method: "gist", Deferrable: true, Elements: []schema.ExclusionElement{{Expression: "lower(kind)", Operator: "="}, {Column: "room", Operator: "<>"}}},
		}, rooms.Exclusions); diff != "" {
			t.Errorf("exclusions: %s", diff)
		}
		if diff := cmp.Diff([]*schema.Unique{
			{Name: "rooms_pkey", Columns: []string{"id"}, Primary: true, Constraint: true, Deferrable: true, Depends: []string{"id"}},
			{Name: "rooms_partial", Columns: []string{"room"}, Where: "(state = 'live'::text)", Depends: []string{"room", "state"}},
		}, rooms.Uniques); diff != "" {
			t.Errorf("uniques: %s", diff)
		}
		if len(rooms.Checks) != 1 || !rooms.Checks[0].NotValid {
			t.Errorf("checks %+v", rooms.Checks)
		}
		logs, child := d.Table("logs"), d.Table("child_logs")
		if k := logs.Checks; len(k) != 1 || !k[0].NoInherit || k[0].Expression != "false" || !logs.Unlogged || !logs.Inherited || child.Inherited || len(child.Checks) != 0 || !slices.Equal(child.Inherits, []string{"public.logs"}) {
			t.Errorf("inheritance: %+v, %+v", logs, child)
		}
		if logs.HasRows || !child.HasRows {
			t.Errorf("rows of logs %t, of its child %t", logs.HasRows, child.HasRows)
		}
		var keys []string
		for _, k := range d.Table("refs").ForeignKeys {
			keys = append(keys, fmt.Sprintf("%s %s/%s deferrable %t deferred %t not valid %t", k.Name, k.OnDelete, k.OnUpdate, k.Deferrable, k.Deferred, k.NotValid))
		}
		if diff := cmp.Diff([]string{
			"old / deferrable false deferred false not valid true", "refs_a_fkey set null/cascade deferrable false deferred false not valid false",
			"refs_b_fkey / deferrable true deferred true not valid false", "refs_c_fkey set default/restrict deferrable false deferred false not valid false",
		}, keys); diff != "" && s.Version >= 15 {
			t.Errorf("keys: %s", diff)
		}

		if diff := cmp.Diff([]*schema.Sequence{
			{Name: "public.one_k_seq", Columns: []string{"public.one.k"}, Start: 1, Increment: 1, Min: 1, Max: 1<<63 - 1},
			{Name: "public.shared", Columns: []string{"public.one.n", "public.one.m"}, Start: 5, Increment: 2, Min: 1, Max: 99, Cycle: true},
			{Name: "public.unused", Start: 1, Increment: 1, Min: 1, Max: 1<<63 - 1},
		}, d.Sequences); diff != "" {
			t.Errorf("sequences: %s", diff)
		}
		if diff := cmp.Diff([]*schema.Trigger{
			{Name: "after_statement", Function: "public.fire", Code: triggerCode(t, "begin return null; end")}, {Name: "at_commit", Function: "public.fire", Row: true, Constraint: true, Deferred: true, Code: triggerCode(t, "begin return null; end")},
		}, d.Table("one").Triggers); diff != "" {
			t.Errorf("triggers: %s", diff)
		}

		for _, name := range []string{"parted", "parted_1", "parted_1_0"} {
			p := d.Table(name)
			if len(p.ForeignKeys) != 1 || p.ForeignKeys[0].RefTable != "one_key" || len(p.Uniques) != 2 || p.PrimaryKey == nil || !p.PrimaryKey.Constraint || len(p.Checks) != 1 || !p.HasRows ||
				len(p.Triggers) != 1 || p.Triggers[0].Name != "on_all" {
				t.Errorf("%s: %+v", name, p)
			}
		}
		leaf := d.Table("parted_1_0").Partition
		if !slices.Equal(leaf.Key, []string{"k"}) || !strings.Contains(leaf.Condition, "satisfies_hash_partition(") || !strings.Contains(leaf.Condition, "'2025-02-01'") {
			t.Errorf("%+v", leaf)
		}
		if p := d.Table("parted_1").Partition; !slices.Equal(p.Key, []string{"d", "id"}) {
			t.Errorf("%+v", p)
		}
	})
}

// describe prints a type with all that it is made of.
func describe(t schema.Type) string {
	s := t.Name
	if t.Base != "" {
		s += "/" + t.Base
	}
	switch {
	case t.Length > 0:
		s += fmt.Sprintf("(%d)", t.Length)
	case t.Precision > 0 || t.Kind == column.Timestamp && t.Scale > 0:
		s += fmt.Sprintf("(%d,%d)", t.Precision, t.Scale)
	}
	if t.Category == schema.EnumType {
		s += " enum " + strings.Join(t.Enum, "|") + " as " + t.EnumName
	}
	if t.Domain != "" {
		s += " domain " + t.Domain
	}
	for _, k := range t.Checks {
		s += " " + k.Expression
	}
	switch t.Category {
	case schema.ArrayType:
		s += fmt.Sprintf(" array %d of %s", t.Dimensions, describe(*t.Element))
	case schema.RangeType:
		s += " range of " + describe(*t.Element)
	case schema.MultirangeType:
		s += " multirange of " + describe(*t.Element)
	case schema.CompositeType:
		var fields []string
		for _, f := range t.Fields {
			fields = append(fields, f.Name+" "+describe(f.Type))
		}
		s += " composite {" + strings.Join(fields, ", ") + "}"
	}
	return s
}

// What newer versions have.
func TestReflectVersions(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		var ddl string
		if s.Version >= 14 {
			ddl = `create function atomic(x int) returns boolean immutable begin atomic select x > 0; end; create function base(x int) returns int immutable return x + 1;
create function above(x int) returns boolean immutable return base(x) > 2; create table m (r datemultirange, check (atomic(1)), check (above(2)));`
		}
		if s.Version >= 18 {
			ddl += `create extension btree_gist; create table prices (item int, valid daterange, primary key (item, valid without overlaps));
create table orders (item int, during daterange, foreign key (item, period during) references prices (item, period valid), kind text, check (kind <> '') not enforced);`
		}
		db, _ := fresh(t, s, ddl)
		d := inspect(t, db)
		if s.Version >= 14 {
			if got := describe(d.Table("m").Column("r").Type); got != "datemultirange/datemultirange multirange of date/date" {
				t.Error(got)
			}
			for name, body := range map[string]string{"public.atomic": "SELECT (x > 0)", "public.above": "(public.base(x) > 2)", "public.base": "(x + 1)"} {
				if f := d.Functions[name]; f == nil || f.Body != body {
					t.Errorf("%s: %+v", name, f)
				}
			}
			for _, k := range d.Table("m").Checks {
				if len(k.Functions) != 1 || k.Functions[0] == "public.base" {
					t.Errorf("%s calls %q", k.Expression, k.Functions)
				}
			}
		}
		if s.Version >= 18 {
			if o := d.Table("orders"); len(o.ForeignKeys) != 1 || !o.ForeignKeys[0].Period || len(o.Checks) != 0 || !slices.Equal(o.ForeignKeys[0].RefColumns, []string{"item", "valid"}) {
				t.Errorf("%+v", o)
			}
		}
	})
}

// A role that may do little is told so, and hears of rows all the same.
func TestReflectRole(t *testing.T) {
	s := pgtest.Shared(t, 0)
	_, url := fresh(t, s, `create schema closed; create table closed.t (id int);
create table full_right (id int); create table parts_of (a int, b int, c int); create table none (id int); create table only_insert (id int); create table hidden (id int); create table empty_hidden (id int);
insert into none values (1); insert into only_insert values (1); insert into hidden values (1); insert into parts_of values (1);
alter table hidden enable row level security; alter table empty_hidden enable row level security;
create role little login password 'pw'; grant usage on schema public to little;
grant all on full_right, hidden, empty_hidden to little; grant insert (a, c) on parts_of to little; grant insert on only_insert to little; grant select on none to little; grant insert on closed.t to little;`)
	t.Cleanup(func() { s.Psql(t, url, "drop owned by little; drop role little") })
	db := open(t, "postgres://little:pw@"+url[strings.Index(url, "@")+1:], postgres.Options{})
	d := inspect(t, db)
	got := map[string]string{}
	for _, tab := range d.Tables {
		text := fmt.Sprintf("insert %t rows %t", tab.CanInsert, tab.HasRows)
		for _, c := range tab.Columns {
			if c.Denied {
				text += " but " + c.Name
			}
		}
		got[d.Qualified(tab)] = text
	}
	if diff := cmp.Diff(map[string]string{
		"closed.t": "insert false rows false", "full_right": "insert true rows false", "parts_of": "insert true rows true but b", "none": "insert false rows true",
		"only_insert": "insert true rows true", "hidden": "insert true rows true", "empty_hidden": "insert true rows false",
	}, got); diff != "" {
		t.Error(diff)
	}
}

// Foreign keys of partitions alone are told of every table above, but for those that it has itself.
func TestReflectKeysOfPartitions(t *testing.T) {
	s := pgtest.Shared(t, 0)
	db, _ := fresh(t, s, `create table a (id int primary key); create table b (id int primary key, p_on date, p_id int);
create table p (id int, a_id int references a, b_id int, on_day date, primary key (on_day, id)) partition by range (on_day);
create table p_1 partition of p for values from ('2024-01-01') to ('2025-01-01') partition by range (on_day);
create table p_1_1 partition of p_1 for values from ('2024-01-01') to ('2024-07-01');
create table p_1_2 partition of p_1 for values from ('2024-07-01') to ('2025-01-01');
alter table p_1_1 add constraint deep foreign key (b_id) references b; alter table p_1_2 add foreign key (b_id) references b; alter table p_1 add foreign key (a_id) references b (id);
alter table b add foreign key (p_on, p_id) references p`)
	d := inspect(t, db)
	got := map[string][]string{}
	for _, name := range []string{"p", "p_1", "p_1_1"} {
		for _, fk := range d.Table(name).References() {
			got[name] = append(got[name], strings.Join(fk.Columns, " ")+" to "+fk.RefTable)
		}
		slices.Sort(got[name])
	}
	if diff := cmp.Diff(map[string][]string{
		"p": {"a_id to a", "a_id to b", "b_id to b"}, "p_1": {"a_id to a", "a_id to b", "b_id to b"}, "p_1_1": {"a_id to a", "a_id to b", "b_id to b"},
	}, got); diff != "" {
		t.Error(diff)
	}
	edges, err := db.Edges(t.Context(), []*sink.Target{target(t, d, "p", "id"), target(t, d, "b", "id"), target(t, d, "a", "id")})
	slices.SortFunc(edges, func(x, y sink.Edge) int { return x.From*3 + x.To - y.From*3 - y.To })
	if diff := cmp.Diff([]sink.Edge{{From: 0, To: 1}, {From: 0, To: 2}, {From: 1, To: 0}}, edges); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
