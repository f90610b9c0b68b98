package sqlite

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

const shopDDL = `
create table Users (
	id uuid primary key not null, -- check (not a check)
	"user name" varchar(50) not null collate nocase unique,
	email text not null /* unique */ constraint mail check (email like '%_@_%' and email <> 'check (x)'),
	[group] int default (1 + (2)) check ([group] > 0),
	created_at timestamp not null default current_timestamp,
	full text generated always as (email || ' ' || "user name") virtual,
	stored_len int as (length(email)) stored,
	prefs json
);
create unique index users_mail on users (lower(email)) where created_at > '2000-01-01' and email <> ')';
create unique index users_nocase on users (email collate nocase desc);
create index users_created on users (created_at desc);

create table orders (
	id integer primary key autoincrement,
	user_id uuid not null references USERS deferrable initially deferred,
	note text default 'it''s, (fine)',
	parent_id int references orders (ID) on delete set null on update cascade not deferrable initially deferred,
	amount decimal(12, 2) not null,
	big numeric(30, 20),
	plain numeric,
	constraint positive check (amount >= 0) constraint "both null" check ((note is null) = (parent_id is null)),
	unique (user_id, note) on conflict abort
);
create trigger orders_touch after insert on orders begin select 1; end;
create trigger "orders first" /* update */ before insert on ORDERS begin select 1; end;
create trigger orders_gone after delete on orders begin insert into sqliteish values (1); end;
create trigger orders_new update of note on orders begin insert into sqliteish values (1); end;

create table lines (
	order_id int not null, n int not null, what references missing (x),
	primary key (order_id, n),
	foreign key (order_id) references orders (id) deferrable,
	foreign key (order_id, n) references lines deferrable initially immediate
) without rowid;

create table strict_one (a int primary key, b any, c real) strict;
create table typeless (a, b);
create view v as select * from users;
create virtual table docs using fts5 (body);
create table sower_run (x);
create table sqliteish (x);
alter table orders add column added text check (added <> '');
insert into strict_one values (1, 2, 3), (2, 3, 4);
analyze;
`

func TestInspect(t *testing.T) {
	db := create(t, shopDDL)
	s, err := db.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Dialect != "sqlite" || s.Name != "new_test" || !strings.HasPrefix(s.Version, "3.") {
		t.Errorf("%q %q %q", s.Dialect, s.Name, s.Version)
	}
	got := dump(s)
	want := `
Users indexes=5 rows=-1
  id uuid/uuid notnull
  user name varchar/text(50) notnull collate=nocase
  email text/text notnull
  group int/integer w8 default=1 + (2)
  created_at timestamp/timestamp s6 notnull default=current_timestamp
  full text/text generated=email || ' ' || "user name"
  stored_len int/integer w8 generated=length(email)
  prefs json/json
  primary key sqlite_autoindex_Users_1 (id)
  unique sqlite_autoindex_Users_2 (user name)
  unique users_mail [lower(email)] where created_at > '2000-01-01' and email <> ')' of email, created_at
  unique users_nocase [email collate nocase] of email
  check mail: email like '%_@_%' and email <> 'check (x)' (email)
  check Users_group_check: [group] > 0 (group)
lines indexes=1 rows=-1 without rowid
  order_id int/integer w8 notnull
  n int/integer w8 notnull
  what /text
  primary key sqlite_autoindex_lines_1 (order_id, n)
  foreign key what -> missing (x)
  foreign key order_id -> orders (id) deferrable
  foreign key order_id, n -> lines (order_id, n) deferrable
orders indexes=1 rows=-1
  id integer/integer w8 notnull identity=by default sequence=sqlite_sequence
  user_id uuid/uuid notnull
  note text/text default='it''s, (fine)'
  parent_id int/integer w8
  amount decimal/decimal(12,2) notnull
  big numeric/decimal(15,15)
  plain numeric/decimal
  added text/text
  primary key primary key (id)
  unique sqlite_autoindex_orders_1 (user_id, note)
  foreign key user_id -> Users (id) deferrable deferred
  foreign key parent_id -> orders (id) set null/cascade
  check orders_added_check: added <> '' (added)
  check positive: amount >= 0 (amount)
  check both null: (note is null) = (parent_id is null) (note, parent_id)
  trigger orders first before=true
  trigger orders_touch before=false
sqliteish indexes=0 rows=-1
  x /text
strict_one indexes=1 rows=2 holds rows strict
  a int/integer w8 notnull
  b any/literal
  c real/float w8
  primary key sqlite_autoindex_strict_one_1 (a)
typeless indexes=0 rows=-1
  a /text
  b /text
left out: docs (virtual table), docs_config (part of a virtual table), docs_content (part of a virtual table), docs_data (part of a virtual table), docs_docsize (part of a virtual table), docs_idx (part of a virtual table), v (view)
`
	if got != want[1:] {
		g, w := strings.Split(got, "\n"), strings.Split(want[1:], "\n")
		for i := range max(len(g), len(w)) {
			if i >= len(g) || i >= len(w) || g[i] != w[i] {
				t.Fatalf("line %d differs; all is:\n%s", i+1, got)
			}
		}
	}
	if c := s.Table("Users").Column("full"); !c.Generated {
		t.Error("a generated column is not marked")
	}
}

// dump prints a schema, one fact a line.
func dump(s *schema.Database) string {
	var b strings.Builder
	for _, t := range s.Tables {
		fmt.Fprintf(&b, "%s indexes=%d rows=%d", t.Name, t.Indexes, t.Rows)
		if t.HasRows {
			b.WriteString(" holds rows")
		}
		fmt.Fprintln(&b, strings.Join(append([]string{""}, t.Options...), " "))
		for _, c := range t.Columns {
			fmt.Fprintf(&b, "  %s %s/%s", c.Name, c.Type.Name, c.Type.Kind)
			switch {
			case c.Type.Precision > 0:
				fmt.Fprintf(&b, "(%d,%d)", c.Type.Precision, c.Type.Scale)
			case c.Type.Length > 0:
				fmt.Fprintf(&b, "(%d)", c.Type.Length)
			case c.Type.Scale > 0:
				fmt.Fprintf(&b, " s%d", c.Type.Scale)
			}
			for _, f := range []struct {
				label string
				set   bool
			}{
				{fmt.Sprintf(" w%d", c.Type.Width), c.Type.Width > 0}, {" notnull", c.NotNull}, {" default=" + c.Default, c.Default != ""}, {" generated=" + c.Computed, c.Generated},
				{" identity=" + c.Identity, c.Identity != ""}, {" sequence=" + c.Sequence, c.Sequence != ""}, {" collate=" + c.Collation, c.Collation != ""}, {" zone", c.Type.Zone},
			} {
				if f.set {
					b.WriteString(f.label)
				}
			}
			b.WriteByte('\n')
		}
		for _, u := range t.Uniques {
			kind := "unique"
			if u.Primary {
				kind = "primary key"
			}
			fmt.Fprintf(&b, "  %s %s ", kind, u.Name)
			if len(u.Expressions) > 0 {
				fmt.Fprintf(&b, "[%s]", strings.Join(u.Expressions, ", "))
			} else {
				fmt.Fprintf(&b, "(%s)", strings.Join(u.Columns, ", "))
			}
			if u.Where != "" {
				b.WriteString(" where " + u.Where)
			}
			if !u.Constraint {
				fmt.Fprintf(&b, " of %s", strings.Join(u.Depends, ", "))
			}
			b.WriteByte('\n')
			if u.Primary && u != t.PrimaryKey {
				b.WriteString("  BUT another is the primary key\n")
			}
		}
		for _, fk := range t.ForeignKeys {
			fmt.Fprintf(&b, "  foreign key %s -> %s (%s)", strings.Join(fk.Columns, ", "), fk.RefTable, strings.Join(fk.RefColumns, ", "))
			if fk.Deferrable {
				b.WriteString(" deferrable")
			}
			if fk.Deferred {
				b.WriteString(" deferred")
			}
			if fk.OnDelete+fk.OnUpdate != "" {
				fmt.Fprintf(&b, " %s/%s", fk.OnDelete, fk.OnUpdate)
			}
			b.WriteByte('\n')
		}
		for _, c := range t.Checks {
			fmt.Fprintf(&b, "  check %s: %s (%s)\n", c.Name, c.Expression, strings.Join(c.Columns, ", "))
		}
		for _, g := range t.Triggers {
			fmt.Fprintf(&b, "  trigger %s before=%t\n", g.Name, g.Before)
		}
	}
	fmt.Fprintf(&b, "left out: %s\n", strings.Join(s.LeftOut, ", "))
	return b.String()
}

func TestTokens(t *testing.T) {
	for sql, want := range map[string][]string{
		"a b":                              {"a", "b"},
		"a/* ) */b--c\nd":                  {"a", "b", "d"},
		"'it''s'||\"a\"\"b\"":              {"'it''s'", "|", "|", `"a""b"`},
		"[a b]`c`":                         {"[a b]", "`c`"},
		"x'ff' 1.5e3 größe":                {"x", "'ff'", "1.5e3", "größe"},
		"a--":                              {"a"},
		"/* open":                          nil,
		"'open":                            {"'open"},
		"[open":                            {"[open"},
		"check(a>=-1,b)":                   {"check", "(", "a", ">", "=", "-", "1", ",", "b", ")"},
		"":                                 nil,
		"a -- ' \" [ ( \n) /* -- */ '--x'": {"a", ")", "'--x'"},
	} {
		var got []string
		for _, tok := range tokens(sql) {
			got = append(got, tok.text)
			if sql[tok.at:tok.end()] != tok.text {
				t.Errorf("%q: token %q is not at %d", sql, tok.text, tok.at)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", sql, got, want)
		}
	}
	for text, want := range map[string]string{`"a""b"`: `a"b`, "[a]b]": "[a]b]", "`x`": "x", "'y'": "y", "z": "z"} {
		if ts := tokens(text); len(ts) == 1 && ts[0].name() != want {
			t.Errorf("%s: %q", text, ts[0].name())
		}
	}
}

func FuzzTokens(f *testing.F) {
	f.Add(shopDDL)
	f.Add("create table t (a int check (a > 0), b text collate nocase)")
	f.Add("create unique index i on t (lower(a) desc, b) where a is not null")
	f.Add("'\"[`--/*(")
	f.Fuzz(func(t *testing.T, sql string) {
		at := 0
		for _, tok := range tokens(sql) {
			if tok.at < at || tok.text == "" || sql[tok.at:tok.end()] != tok.text {
				t.Fatalf("token %q at %d", tok.text, tok.at)
			}
			at = tok.end()
		}
		readTable(sql)
		readIndex(sql)
		namesIn(sql, []string{"a", "b"})
	})
}

func TestTypes(t *testing.T) {
	for declared, want := range map[string]schema.Type{
		"INTEGER":                     {Name: "integer", Kind: column.Int, Width: 8},
		"UNSIGNED BIG INT":            {Name: "unsigned big int", Kind: column.Int, Width: 8},
		"tinyint(1)":                  {Name: "tinyint", Kind: column.Int, Width: 8},
		"Boolean":                     {Name: "boolean", Kind: column.Bool},
		"VARCHAR(255)":                {Name: "varchar", Kind: column.Text, Length: 255},
		"character  varying (20)":     {Name: "character varying", Kind: column.Text, Length: 20},
		"NVARCHAR":                    {Name: "nvarchar", Kind: column.Text},
		"LONGTEXT":                    {Name: "longtext", Kind: column.Text},
		"STRING":                      {Name: "string", Kind: column.Text},
		"REAL":                        {Name: "real", Kind: column.Float, Width: 8},
		"double precision":            {Name: "double precision", Kind: column.Float, Width: 8},
		"FLOAT(5)":                    {Name: "float", Kind: column.Float, Width: 8},
		"DECIMAL(10,5)":               {Name: "decimal", Kind: column.Decimal, Precision: 10, Scale: 5},
		"NUMERIC(18, 4)":              {Name: "numeric", Kind: column.Decimal, Precision: 15, Scale: 4},
		"NUMERIC(18)":                 {Name: "numeric", Kind: column.Decimal, Precision: 18},
		"NUMERIC":                     {Name: "numeric", Kind: column.Decimal},
		"DATE":                        {Name: "date", Kind: column.Date},
		"TIME":                        {Name: "time", Kind: column.Time, Scale: 6},
		"DATETIME":                    {Name: "datetime", Kind: column.Timestamp, Scale: 6},
		"TIMESTAMP WITH TIME ZONE":    {Name: "timestamp with time zone", Kind: column.Timestamp, Scale: 6, Zone: true},
		"timestamp(3)":                {Name: "timestamp", Kind: column.Timestamp, Scale: 6},
		"UUID":                        {Name: "uuid", Kind: column.UUID},
		"JSONB":                       {Name: "jsonb", Kind: column.JSON},
		"BLOB":                        {Name: "blob", Kind: column.Bytes},
		"VARBINARY(16)":               {Name: "varbinary", Kind: column.Bytes},
		"INTERVAL":                    {Name: "interval", Kind: column.Literal},
		"POINT":                       {Name: "point", Kind: column.Literal},
		"inet":                        {Name: "inet", Kind: column.Literal},
		"":                            {Kind: column.Text},
		"timestamp without time zone": {Name: "timestamp without time zone", Kind: column.Timestamp, Scale: 6},
	} {
		if got := typeOf(declared); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", declared, got, want)
		}
		// What CreateTable makes of a type is read as the same kind.
		if got := typeOf(declaredType(want)); got.Kind != want.Kind || got.Length != want.Length || got.Precision != want.Precision || got.Scale != want.Scale {
			t.Errorf("%q became %q", declared, declaredType(want))
		}
	}
}

// The affinity that affinityOf gives is SQLite's own.
func TestAffinity(t *testing.T) {
	db := create(t, "create table t (a)")
	want := map[affinity]string{affBlob: "text", affText: "text", affNumeric: "integer", affInteger: "integer", affReal: "real"}
	for _, declared := range []string{"INT", "POINT", "CHARINT", "VARCHAR(5)", "CLOB", "text", "BLOB", "", "REAL", "FLOATING", "DOUBLE", "DECIMAL(5,2)", "UUID", "STRING", "BOOLEAN", "DATE", "json"} {
		sqlExec(t, db, `drop table t; create table t (a `+declared+`); insert into t values ('5')`)
		if got := scalar(t, db, "select typeof(a) from t"); got != want[affinityOf(declared)] {
			t.Errorf("%q: SQLite made %s of a text, affinityOf says %d", declared, got, affinityOf(declared))
		}
		sqlExec(t, db, `delete from t; insert into t values (5)`)
		if got := scalar(t, db, "select typeof(a) from t"); (got == "text") != (affinityOf(declared) == affText) {
			t.Errorf("%q: SQLite made %s of a number, affinityOf says %d", declared, got, affinityOf(declared))
		}
	}
}
