package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A stranger's file cannot have anything but an index made.
func TestHostileJournal(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim")
	for _, ddl := range []string{
		"attach '" + victim + "' as v", "create index x on t (a); attach '" + victim + "' as v", "create table more (a)",
		"create trigger index after insert on t begin select 1; end", "drop table t", "create index",
	} {
		db := open(t, "sqlite:"+filepath.Join(t.TempDir(), "x_test.db"), Options{Create: true})
		if err := db.CreateSchema(t.Context(), "create table t (a text); create table sower_journal (id integer primary key, table_name text not null, name text not null, place integer not null, ddl text not null); insert into sower_journal values (1, 't', 'x', 3, '"+strings.ReplaceAll(ddl, "'", "''")+"')"); err != nil {
			t.Fatal(err)
		}
		if err := db.Restore(t.Context(), 1, nil, nil); err == nil || !strings.Contains(err.Error(), "sower does not write") {
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
