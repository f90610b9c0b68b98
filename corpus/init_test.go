package corpus

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// TestInit: what init writes works as it is in every command that reads, with the database's address and without.
func TestInit(t *testing.T) {
	s := pgtest.Shared(t, newest(t))
	var tried, written atomic.Int32
	t.Cleanup(func() {
		if n, all := written.Load(), tried.Load(); n*10 < all*9 && !t.Failed() {
			t.Errorf("init wrote only %d blueprints for %d schemas", n, all)
		}
	})
	for _, e := range entries(t) {
		urls := map[string]func(t *testing.T) string{"postgres": func(t *testing.T) string {
			url := s.NewDatabase(t, "init")
			apply(t, url, e.postgres)
			return url
		}}
		if e.sqlite != "" {
			urls["sqlite"] = func(t *testing.T) string {
				file := filepath.Join(t.TempDir(), "init.db")
				db, err := sql.Open("sqlite", file)
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				if _, err := db.Exec(e.sqlite); err != nil {
					t.Fatal(err)
				}
				return "sqlite:" + file
			}
		}
		for dialect, make := range urls {
			t.Run(e.name+" "+dialect, func(t *testing.T) {
				t.Parallel()
				url := make(t)
				tried.Add(1)
				dir := t.TempDir()
				file := filepath.Join(dir, "own.yaml")
				run := func(args ...string) string {
					code, out, errs := sower(args...)
					if code != 0 {
						t.Errorf("sower %s ends with %d:\n%s", strings.Join(args, " "), code, errs)
					}
					return out
				}
				code, _, errs := sower("init", url, "--rows", "12", "--out", file)
				if refused := strings.Contains(errs, "--skip-unsatisfiable"); code != 0 && refused {
					return // TestFill judges that
				} else if code != 0 {
					t.Fatalf("init ends with %d:\n%s", code, errs)
				}
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(text), "\ntables: {}\n") {
					return // the database takes rows of none
				}
				written.Add(1)
				run("preview", file)
				run("plan", file)
				run("diff", file, file)
				run("export", file, "--dir", filepath.Join(dir, "rows"), "--format", "jsonl", "--progress", "none")
				inferred := run("digest", url, "--rows", "12")
				if got := run("digest", file, "--database-url", url); got != inferred {
					t.Errorf("generate and init differ:\n%s\n%s", inferred, got)
				}
				if got := run("digest", file); got != inferred {
					t.Errorf("without the database the rows differ:\n%s\n%s", inferred, got)
				}
			})
		}
	}
}
