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
		if n, err := db.Journaled(t.Context()); n.Total() != 4 || err != nil {
			t.Errorf("%d in the journal, %v", n, err)
		}
		var seen []string
		if err := db.Restore(t.Context(), sink.Restoring{Note: func(r sink.Restored) { seen = append(seen, fmt.Sprintf("%s %s %d/%d", r.Phase, r.Name, r.Done, r.Of)) }}); err != nil {
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
	if err := db.Restore(t.Context(), sink.Restoring{Connections: 1}); err != nil {
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
	if err := db.Restore(t.Context(), sink.Restoring{Connections: 1}); err != nil {
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
}

// What others do to tables whose indexes wait ends well, or says what to do; that done, all is well.
func TestRestoreAfterDDL(t *testing.T) {
	const ddl = `create table t (id integer primary key, note text, "n" int, m text); create index on_note on t (note /* its */ desc);
		create index on_n on t ("n", lower(m)) where n > 0`
	for _, c := range []struct {
		name, ddl, says, then string
		want                  string // the indexes in the end
	}{
		{"nothing", "", "", "", "t.on_n t.on_note"},
		{"drop the table", "drop table t", "", "", ""},
		{"drop it and make another one", "drop table t; create table u (id integer primary key, note text, n int)", "", "", ""},
		{"drop and make it again", "drop table t; create table t (id integer primary key, note text, n int, m text)", "", "", "t.on_n t.on_note"},
		{"rename", `alter table t rename to "a ""b"`, "", "", `a "b.on_n a "b.on_note`},
		{"rename, and another of the name", "alter table t rename to u; create table t (id integer primary key, note text, n int, m text)", "", "", "t.on_n t.on_note"},
		{"rename and vacuum", "create table more (a text); pragma writable_schema = on; update sqlite_schema set rowid = -1 where name = 'more'; alter table t rename to u; vacuum", "no such table",
			"alter table u rename to t", "t.on_n t.on_note"},
		{"add a column", "alter table t add c int", "", "", "t.on_n t.on_note"},
		{"rename a column", "alter table t rename note to remark", "no such column: note", "forget on_note", "t.on_n"},
		{"rename a quoted column", "alter table t rename n to number", "its column n is gone", "alter table t rename number to n", "t.on_n t.on_note"},
		{"drop a column", "alter table t drop column note", "no such column: note", "forget on_note", "t.on_n"},
		{"make the same index", "create index on_note on T(note desc)", "", "", "t.on_n t.on_note"},
		{"an index of the name", "create index on_note on t (m)", "it is another one", "drop index on_note", "t.on_n t.on_note"},
		{"an index of the name elsewhere", "create table u (note text); create index on_note on u (note desc)", "it is another one", "drop index on_note", "t.on_n t.on_note"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := create(t, ddl)
			if stripped, _, err := db.Strip(t.Context(), targets("t")); len(stripped) != 1 || err != nil {
				t.Fatal(stripped, err)
			}
			if c.ddl != "" {
				sqlExec(t, open(t, "sqlite:"+db.path, Options{}), c.ddl)
			}
			err := db.Restore(t.Context(), sink.Restoring{})
			switch {
			case c.says == "" && err != nil:
				t.Fatal(err)
			case c.says != "":
				wantError(t, err, "restore the index on_", c.says, "sower repair --forget on_n")
			}
			var how sink.Restoring
			if names, ok := strings.CutPrefix(c.then, "forget "); ok {
				how.Forget = strings.Fields(names)
			} else if c.then != "" {
				sqlExec(t, db, c.then)
			}
			if err := db.Restore(t.Context(), how); err != nil {
				t.Fatal(err)
			}
			const left = "select coalesce((select group_concat(tbl_name || '.' || name, ' ') from (select * from sqlite_schema where type = 'index' order by 3, 2)), '')"
			if got := scalar(t, db, left); got != c.want {
				t.Errorf("indexes: %s, want %s", got, c.want)
			}
			if n := scalar(t, db, "select count(*) from sqlite_schema where name like 'sower%'"); n != "0" {
				t.Error("the journal is left behind")
			}
			wantError(t, db.Restore(t.Context(), sink.Restoring{Forget: []string{"on_n"}}), "nothing of the name on_n waits")
			if ok := scalar(t, db, "pragma integrity_check"); ok != "ok" {
				t.Error(ok)
			}
		})
	}
}

// A journal of the version before is read; one that a kill of it has left empty goes.
func TestOldJournal(t *testing.T) {
	const ddl = "create table t (a text); create table sower_journal (id integer primary key, table_name text not null, name text not null, place integer not null, ddl text not null)"
	db := create(t, ddl)
	if err := db.Restore(t.Context(), sink.Restoring{}); err != nil {
		t.Fatal(err)
	}
	if n := scalar(t, db, "select count(*) from sqlite_schema where name like 'sower%'"); n != "0" {
		t.Error("the empty journal is left behind")
	}
	const text = `CREATE INDEX x on t (lower("a") desc) where "a" <> 'b'`
	db = create(t, ddl+"; create index a on t (a); insert into sower_journal values (1, 't', 'x', 9, '"+strings.ReplaceAll(text, "'", "''")+"')")
	if stripped, kept, err := db.Strip(t.Context(), targets("t")); len(stripped) > 0 || !strings.Contains(kept["t"], "sower repair") || err != nil {
		t.Error(stripped, kept, err)
	}
	if err := db.Restore(t.Context(), sink.Restoring{}); err != nil {
		t.Fatal(err)
	}
	if got := scalar(t, db, "select sql from sqlite_schema where name = 'x'"); got != text {
		t.Error(got)
	}
	db = create(t, ddl+"; create index a on t (a)")
	if stripped, _, err := db.Strip(t.Context(), targets("t")); len(stripped) != 1 || err != nil {
		t.Error("an empty old journal is in the way:", stripped, err)
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
	err := db.Restore(ctx, sink.Restoring{Note: func(sink.Restored) { cancel() }})
	if err == nil {
		t.Fatal("it went on")
	}
	if n, err := db.Journaled(t.Context()); n.Total() != 3 || err != nil {
		t.Errorf("%d in the journal, %v", n, err)
	}
	if err := db.Restore(t.Context(), sink.Restoring{Connections: 1}); err != nil {
		t.Fatal(err)
	}
	if after := printed(t, db); after != before {
		t.Errorf("the schema was\n%s\nand is\n%s", before, after)
	}
}
