package blueprint_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sowerdata/sower/blueprint"
)

var update = flag.Bool("update", false, "write the expected results anew")

// generators are the names that the tests' blueprints know.
var generators = []string{
	"constant", "datetime", "float", "integer", "json", "person", "pick", "quota", "reference", "serial", "text", "uuid",
}

// check opens a blueprint and gives all its mistakes.
func check(files fstest.MapFS) string {
	d, err := blueprint.Open(files, "b.yaml")
	if d != nil {
		err = d.Check(generators)
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestMistakes holds the problems of the blueprints in testdata/mistakes, one file a kind of mistake,
// against the texts in their section "want".
func TestMistakes(t *testing.T) {
	names, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil || len(names) < 30 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := make(fstest.MapFS)
			var want string
			kept := archive.Files[:0]
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				kept = append(kept, f)
				files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			got := check(files) + "\n"
			if *update {
				archive.Files = append(kept, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func TestProblemsErr(t *testing.T) {
	at := func(file string, line, column int) blueprint.Pos {
		return blueprint.Pos{File: file, Line: line, Column: column}
	}
	ps := blueprint.Problems{
		{Pos: at("b.yaml", 2, 1), Message: "second", Suggestion: "do this"},
		{Pos: at("b.yaml", 1, 9), Message: "first"},
		{Pos: at("a.yaml", 7, 0), Message: "line"},
		{Pos: at("b.yaml", 1, 9), Message: "first"},
		{Pos: at("z.txt", 0, 0), Message: "file"},
		{Message: "nowhere"},
	}
	const want = "nowhere\na.yaml:7: line\nb.yaml:1:9: first\nb.yaml:2:1: second: do this\nz.txt: file"
	if got := ps.Err().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if ps[0].Message != "second" {
		t.Error("Err sorted the caller's slice")
	}
	if err := (blueprint.Problems{}).Err(); err != nil {
		t.Errorf("no problems give the error %v", err)
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"columns", "rows", "parts", "fixed", "unique", "id", "target_rows_users"}
	for _, c := range []struct{ name, want string }{
		{"colums", "columns"}, {"coulmns", "columns"}, {"COLUMNS", "columns"}, {"row", "rows"},
		{"target-rows-users", "target_rows_users"}, {"targt_row_user", "target_rows_users"},
		{"uniqeu", "unique"}, {"zzz", ""}, {"", ""}, {"x", ""}, {"i", ""}, {"di", "id"},
		{strings.Repeat("a", 1000), ""},
	} {
		if got := blueprint.Suggest(c.name, known); got != c.want {
			t.Errorf("Suggest(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}
