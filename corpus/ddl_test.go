package corpus

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/sowerdata/sower/internal/pgtest"
)

// TestDDL: every server takes the schemas, and the rules name tables that are there.
func TestDDL(t *testing.T) {
	all := entries(t)
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		t.Parallel()
		for _, e := range all {
			if e.since > s.Version {
				continue
			}
			t.Run(e.name, func(t *testing.T) {
				url := s.NewDatabase(t, "ddl_"+e.name)
				apply(t, url, e.postgres)
				there := s.Psql(t, url, `select case nspname when 'public' then '' else nspname || '.' end || relname from pg_class c join pg_namespace n on n.oid = relnamespace
					where relkind in ('r', 'p') and nspname !~ '^pg_|^information_schema$'`)
				conn := connect(t, url)
				for _, line := range violations(t, conn) {
					t.Error(line)
				}
				if len(snapshot(t, conn)) < 100 {
					t.Error("the snapshot is empty")
				}
				for _, table := range e.expect.tables() {
					if !strings.Contains("\n"+there+"\n", "\n"+table+"\n") {
						t.Errorf("expect: no table %q", table)
					}
				}
			})
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		for _, e := range all {
			if e.sqlite == "" {
				continue
			}
			t.Run(e.name, func(t *testing.T) { makeSQLite(t, e.sqlite) })
		}
	})
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
