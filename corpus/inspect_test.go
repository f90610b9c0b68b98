package corpus

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sowerdata/sower/internal/pgtest"
)

var update = flag.Bool("update", false, "write what inspect prints of each schema into its file")

// TestInspect: every schema is read, and every column filled, as its file says.
func TestInspect(t *testing.T) {
	s := pgtest.Shared(t, newest(t))
	for _, e := range entries(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			url := s.NewDatabase(t, "inspect")
			apply(t, url, e.postgres)
			code, out, errs := sower("inspect", "--database-url", url)
			if code != 0 {
				t.Fatalf("exit code %d\n%s", code, errs)
			}
			_, got, _ := strings.Cut(out, "\n") // the first line names database and server
			got = strings.TrimLeft(got, "\n")
			if *update {
				e.write(t, "inspect", got)
			} else if diff := cmp.Diff(e.inspect, got); diff != "" {
				t.Errorf("go test ./corpus -run TestInspect -update writes it anew: - the file, + now\n%s", diff)
			}
		})
	}
}

// newest is the version of the newest server.
func newest(t *testing.T) (version int) {
	t.Helper()
	all, err := pgtest.Installations()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		version = max(version, i.Version)
	}
	return version
}

// write puts a part into the schema's file.
func (e *entry) write(t *testing.T, name, text string) {
	t.Helper()
	a, err := txtar.ParseFile(e.file)
	if err != nil {
		t.Fatal(err)
	}
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
	if err := os.WriteFile(e.file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}
