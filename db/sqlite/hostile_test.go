package sqlite

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sowerdata/sower/sink"
)

// A stranger's file cannot have anything but the index made that its journal names, on the table that it names.
func TestHostileJournal(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim")
	for _, ddl := range []string{
		"attach '" + victim + "' as v", "create index x on t (a); attach '" + victim + "' as v", "create table more (a)",
		"create trigger index after insert on t begin select 1; end", "drop table t", "create index",
		"create unique index x on t (a)", "create index y on t (a)", "create index x on u (a)", "create index temp.x on t (a)", "create index x on t (a) where",
		"create index x on t (a) where a) or (a", "create index x on t (a)) union select (1", "create index x on t ()", "create index x on t (a) /* ; */ ; drop table u",
		"create index x on t (a) where a = 'open", `create index x on t ("a`, "explain create index x on t (a)", "create index x on t (a) returning a",
	} {
		db := open(t, "sqlite:"+filepath.Join(t.TempDir(), "x_test.db"), Options{Create: true})
		if err := db.CreateSchema(t.Context(), "create table t (a text); create table u (a text); create table sower_journal (id integer primary key, table_name text not null, name text not null, place integer not null, ddl text not null); insert into sower_journal values (1, 't', 'x', 3, '"+strings.ReplaceAll(ddl, "'", "''")+"')"); err != nil {
			t.Fatal(err)
		}
		if err := db.Restore(t.Context(), sink.Restoring{Connections: 1}); err == nil || !strings.Contains(err.Error(), "the journal has") {
			t.Errorf("%s: %v", ddl, err)
		}
		if _, err := os.Lstat(victim); err == nil {
			t.Fatalf("%s made a file", ddl)
		}
	}
}

// A link in the place of the lock file leads nowhere.
func TestLockIsNoLink(t *testing.T) {
	dir := t.TempDir()
	db := open(t, "sqlite:"+filepath.Join(dir, "x_test.db"), Options{Create: true})
	victim := filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, filepath.Join(dir, "x_test.db.sower-lock")); err != nil {
		t.Fatal(err)
	}
	if unlock, err := db.Lock(t.Context(), "test"); err == nil {
		t.Error("the lock was taken through a link")
		_ = unlock()
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "precious" {
		t.Errorf("%q, %v", text, err)
	}
}

// What a file says of runs is believed only if it stands in tables such as sower makes: else no command opens it.
func TestHostileRecord(t *testing.T) {
	const run = "create table sower_run (number integer primary key, blueprint text, state text, identity text, plan blob, version text, started text, finished text);"
	const ledger = "create table sower_ledger (run integer, name text, first integer, n integer, primary key (run, name, first)) without rowid;"
	for _, c := range []struct{ name, ddl, want string }{
		{"genuine", run + ledger, ""},
		{"another's tables", "create table sower_seeds (a text); create trigger x after insert on sower_seeds begin select 1; end", ""},
		{"a view", "create view SOWER_RUN as select 1 as number", "SOWER_RUN is a view"},
		{"a trigger", run + ledger + "create table t (a text); create trigger x after insert on sower_ledger begin delete from t; end", "sower_ledger has the trigger x"},
		{"an index", run + ledger + "create index x on sower_run (upper(blueprint))", "sower_run has the index x"},
		{"a virtual table", "create virtual table sower_run using fts5(number, blueprint, state, identity, plan, version, started, finished)", "sower_run is a virtual table"},
		{"a generated column", strings.Replace(run, "finished text", "finished text as (hex(blueprint))", 1) + ledger, "no form that this version of sower knows"},
		{"other columns", "create table sower_ledger (a text)", "no form that this version of sower knows (columns: a)"},
		{"a journal", "create view sower_journal as select 1 as id", "sower_journal is a view"},
	} {
		path := filepath.Join(t.TempDir(), "x_test.db")
		raw, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Exec("create table ordinary (a text);" + c.ddl); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		raw.Close()
		for _, o := range []Options{{ReadOnly: true}, {}, {Create: true}} {
			db, err := Open(t.Context(), "sqlite:"+path, o)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
			if err == nil {
				var trusted, checked int
				for _, pool := range []*sql.DB{db.reads, db.writes} {
					if err := pool.QueryRow("select trusted_schema, cell_size_check from pragma_trusted_schema, pragma_cell_size_check").Scan(&trusted, &checked); err != nil || trusted != 0 || checked != 1 {
						t.Errorf("trusted_schema %d, cell_size_check %d, %v", trusted, checked, err)
					}
				}
				db.Close()
			}
		}
	}
}
