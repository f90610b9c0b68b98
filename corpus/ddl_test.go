package corpus

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"
)

// stands tells what is wrong with a schema before a row is in it: every server takes it, the rules name tables that are
// there, and the questions have nothing to complain of.
func stands(t *testing.T, url string, e *entry) {
	t.Helper()
	apply(t, url, e.postgres)
	conn := connect(t, url)
	defer conn.Close(t.Context())
	there := map[string]bool{}
	for _, row := range ask(t, conn, `select case nspname when 'public' then '' else nspname || '.' end || relname
		from pg_class c join pg_namespace n on n.oid = relnamespace
		where relkind in ('r', 'p') and nspname !~ '^pg_|^information_schema$'`) {
		there[row[0]] = true
	}
	for _, table := range e.expect.tables() {
		if !there[table] {
			t.Errorf("expect: no table %q", table)
		}
	}
	for _, line := range violations(t, conn) {
		t.Error(line)
	}
	if len(snapshot(t, conn)) < 100 {
		t.Error("the snapshot is empty")
	}
}

// makeSQLite makes a file with the tables, and gives its path.
func makeSQLite(t *testing.T, ddl string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "corpus_test.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(ddl); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
