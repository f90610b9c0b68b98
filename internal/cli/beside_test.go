package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sowerdata/sower/gen"
)

// laterWord is the word of another release: with the same arguments it makes other cells.
type laterWord gen.Word

func (*laterWord) OutputVersion() int { return 2 }
func (m *laterWord) Make(c *gen.Context) (gen.Filler, error) {
	other := *c
	other.Key = c.Key.Derive("a later release")
	return (*gen.Word)(m).Make(&other)
}

// Commands that show rows beside a database say what differs from the run that filled it: the schema, and cells that this
// release makes otherwise.
func TestBeside(t *testing.T) {
	dir := t.TempDir()
	file, path := filepath.Join(dir, "b.yaml"), filepath.Join(dir, "x_test.db")
	text := "sower: 1\nname: shop\ntables:\n  people: {rows: 9, columns: {id: sequence, name: {word: color}}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	url := "sqlite:" + path
	change := func(ddl string) {
		t.Helper()
		s, err := (&app{ui: newUI(io.Discard, io.Discard, os.Getenv)}).openStore(t.Context(), url, create)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.CreateSchema(t.Context(), ddl); err != nil {
			t.Fatal(err)
		}
	}
	change("create table people (id integer primary key, name text not null)")
	commands := [][]string{{"preview", file}, {"digest", file}, {"plan", file}, {"export", file, "--dir", filepath.Join(dir, "out"), "--overwrite"}}
	says := func(want ...string) {
		t.Helper()
		for _, args := range commands {
			code, out, errs := call(t, nil, append(args, "--database-url", url)...)
			if code != 0 {
				t.Fatalf("%q: %d\n%s%s", args, code, out, errs)
			}
			for _, w := range want {
				if !strings.Contains(out+errs, w) {
					t.Errorf("%q does not say %q:\n%s%s", args, w, out, errs)
				}
			}
			if len(want) == 0 && strings.Contains(out+errs, "which filled the database") {
				t.Errorf("%q:\n%s%s", args, out, errs)
			}
		}
	}
	says()
	if code, out, errs := call(t, nil, "generate", file, "--database-url", url); code != 0 {
		t.Fatalf("%d\n%s%s", code, out, errs)
	}
	says()
	change("alter table people add column size integer")
	says("since run 1, which filled the database: ", "people.size")
	defer gen.Replace("word", func() gen.Maker { return new(laterWord) })()
	says("has cells that this version of sower makes otherwise: people.name (word version 1, now 2)")
	code, out, errs := call(t, nil, "generate", file, "--database-url", url)
	if code != 0 || !strings.Contains(out+errs, "people.name (word version 1, now 2)") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	for _, args := range [][]string{{"verify", file}, {"clean", file, "--dry-run"}} {
		if code, out, errs := call(t, nil, append(args, "--database-url", url)...); code != 0 {
			t.Errorf("%q: %d\n%s%s", args, code, out, errs)
		}
	}
	code, out, errs = call(t, nil, "generate", file, "--database-url", url, "--fresh", "--yes")
	if code != 0 || !strings.Contains(out, "people: 9 rows deleted") || strings.Contains(out+errs, "otherwise") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
}
