package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// A schema with everything that a drop could lose or confuse.
const furniture = `
	create table parents (id integer primary key, name text unique, born date);
	create index if not exists main . parents_born on parents (born desc) /* kept */ where born > '1900-01-01'; -- and this
	create table "Odd "" table" (a text collate nocase, b integer references parents (id), c text, unique (a, b));
	CREATE INDEX "odd "" index" ON "Odd "" table" (lower(a) COLLATE rtrim DESC, c || 'x''y');
	create unique index lone on "Odd "" table" (c) where b is null;
	create view seen as select * from parents;
	create index odd_b on "Odd "" table"(b);
	create trigger noted after insert on parents begin select 1; end;
	create table bare (id integer primary key);
	create table full (id integer primary key, x);
	create index full_x on full (x);
	insert into full values (1, 2);
	create index last on parents (name, born)`

// printed is the schema as the shell prints it: in the order of sqlite_schema's rows.
func printed(t *testing.T, db *DB) string {
	t.Helper()
	return scalar(t, db, "select group_concat(sql, ';' || char(10)) from (select sql from sqlite_schema where sql is not null and name not like 'sower%' order by rowid)")
}

func targets(names ...string) (out []*sink.Target) {
	for _, n := range names {
		out = append(out, &sink.Target{Name: n, Table: &schema.Table{Name: n}})
	}
	return out
}

func TestStripAndRestore(t *testing.T) {
	db := create(t, furniture)
	before := printed(t, db)
	all := targets("parents", `Odd " table`, "bare", "full")
	for range 2 { // a second time, what is left behind by the first must not matter
		stripped, kept, err := db.Strip(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(stripped, []string{"parents", `Odd " table`}) || fmt.Sprint(kept) != "map[bare:it has no secondary index full:it holds rows]" {
			t.Errorf("stripped %q, kept %v", stripped, kept)
		}
		if got := scalar(t, db, "select group_concat(name, ' ') from (select name from sqlite_schema where type = 'index' and sql is not null order by name)"); got != "full_x lone" {
			t.Errorf("left in place: %s", got)
		}
		if n, err := db.Journaled(t.Context()); n != 4 || err != nil {
			t.Errorf("%d in the journal, %v", n, err)
		}
		var seen []string
		if err := db.Restore(t.Context(), 3, nil, func(r sink.Restored) { seen = append(seen, fmt.Sprintf("%s %s %d/%d", r.Phase, r.Name, r.Done, r.Of)) }); err != nil {
			t.Fatal(err)
		}
		if len(seen) != 4 || seen[0] != "indexes parents_born of parents 1/4" {
			t.Errorf("was told %q", seen)
		}
		if after := printed(t, db); after != before {
			t.Errorf("the schema was\n%s\nand is\n%s", before, after)
		}
		if n := scalar(t, db, "select count(*) from sqlite_schema where name = 'sower_journal'"); n != "0" {
			t.Error("the journal is left behind")
		}
	}
	if ok := scalar(t, db, "pragma integrity_check"); ok != "ok" {
		t.Error(ok)
	}
	// Another program reads it as this one does.
	other := open(t, "sqlite:"+db.path, Options{})
	if after := printed(t, other); after != before {
		t.Errorf("reopened, the schema is\n%s", after)
	}
}

// Nothing to strip leaves no journal.
func TestStripNothing(t *testing.T) {
	db := create(t, furniture)
	stripped, kept, err := db.Strip(t.Context(), targets("bare", "full"))
	if len(stripped) > 0 || len(kept) != 2 || err != nil {
		t.Errorf("stripped %q, kept %v, %v", stripped, kept, err)
	}
	if n := scalar(t, db, "select count(*) from sqlite_schema where name like 'sower%'"); n != "0" {
		t.Error("a journal was made")
	}
	if err := db.Restore(t.Context(), 1, nil, nil); err != nil {
		t.Error(err)
	}
	if _, _, err := db.Strip(t.Context(), targets("gone")); err == nil || !strings.Contains(err.Error(), "gone: ") {
		t.Errorf("a table that is not there: %v", err)
	}
}

// What others do between the drop and the return.
func TestRestoreAmongOthers(t *testing.T) {
	db := create(t, furniture)
	before := printed(t, db)
	if _, _, err := db.Strip(t.Context(), targets("parents", `Odd " table`)); err != nil {
		t.Fatal(err)
	}
	sqlExec(t, open(t, "sqlite:"+db.path, Options{}), "create index odd_b on \"Odd \"\" table\"(b); create table new (id integer primary key); insert into parents values (1, 'a', '2000-01-01'); vacuum; drop view seen")
	if err := db.Restore(t.Context(), 1, nil, nil); err != nil {
		t.Fatal(err)
	}
	lines := func(s string) []string { return slices.Sorted(strings.SplitSeq(s, ";\n")) }
	want := lines(strings.Replace(before, "CREATE VIEW seen as select * from parents", "CREATE TABLE new (id integer primary key)", 1))
	if got := lines(printed(t, db)); !slices.Equal(got, want) {
		t.Errorf("the schema is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	open(t, "sqlite:"+db.path, Options{}) // a table behind its index would make the file unreadable
	if ok := scalar(t, db, "pragma integrity_check"); ok != "ok" {
		t.Error(ok)
	}

	// An index whose table is gone stays in the journal, and the others come back.
	if _, _, err := db.Strip(t.Context(), targets(`Odd " table`)); err != nil {
		t.Fatal(err)
	}
	sqlExec(t, db, "alter table \"Odd \"\" table\" rename to moved")
	err := db.Restore(t.Context(), 1, nil, nil)
	wantError(t, err, "restore the index odd_b of Odd \" table", "no such table", "delete its rows from sower_journal")
	if n, err := db.Journaled(t.Context()); n != 2 || err != nil {
		t.Errorf("%d in the journal, %v", n, err)
	}
	sqlExec(t, db, "alter table moved rename to \"Odd \"\" table\"")
	if err := db.Restore(t.Context(), 1, nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := lines(printed(t, db)); !slices.Equal(got, want) {
		t.Errorf("the schema is\n%s", strings.Join(got, "\n"))
	}
}

// An index that cannot be made again stays in place.
func TestStripKeepsWhatCannotComeBack(t *testing.T) {
	db := create(t, "create table t (a text); create index plain on t (a); create index foreign_words on t (a collate nocase)")
	sqlExec(t, db, `pragma writable_schema = on; update sqlite_schema set sql = 'CREATE INDEX foreign_words on t (others(a))' where name = 'foreign_words'; pragma writable_schema = off`)
	db = open(t, "sqlite:"+db.path, Options{})
	stripped, _, err := db.Strip(t.Context(), targets("t"))
	if len(stripped) != 1 || err != nil {
		t.Fatalf("stripped %q, %v", stripped, err)
	}
	if got := scalar(t, db, "select group_concat(name) from sqlite_schema where type = 'index'"); got != "foreign_words" {
		t.Errorf("left in place: %s", got)
	}
}

// A cancelled context ends Restore, and what is left waits.
func TestRestoreCancelled(t *testing.T) {
	db := create(t, furniture)
	before := printed(t, db)
	if _, _, err := db.Strip(t.Context(), targets("parents", `Odd " table`)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Restore(ctx, 1, nil, func(sink.Restored) { cancel() })
	if err == nil {
		t.Fatal("it went on")
	}
	if n, err := db.Journaled(t.Context()); n != 3 || err != nil {
		t.Errorf("%d in the journal, %v", n, err)
	}
	if err := db.Restore(t.Context(), 1, nil, nil); err != nil {
		t.Fatal(err)
	}
	if after := printed(t, db); after != before {
		t.Errorf("the schema was\n%s\nand is\n%s", before, after)
	}
}
