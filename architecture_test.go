package sower_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sowerdata/sower"

// floors gives every package its floor; imports only point to lower floors, or within a floor along
// the arrows of sameFloor. A package that is missing here fails the test.
var floors = map[string]int{
	"cmd/sower":           7,
	"bench":               7,
	"corpus":              7,
	"fault":               7,
	"internal/cli":        6,
	".":                   5,
	"run":                 4,
	"infer":               4,
	"rows":                3,
	"plan":                2,
	"db/postgres":         2,
	"db/sqlite":           2,
	"sink/file":           2,
	"sink/discard":        2,
	"sink/sinktest":       2,
	"sink":                1,
	"gen":                 1,
	"check":               1,
	"blueprints":          0,
	"blueprint":           0,
	"schema":              0,
	"column":              0,
	"internal/rng":        0,
	"internal/rng/pour":   7,
	"internal/pgcopy":     1,
	"internal/faultproxy": 0,
	"internal/pgtest":     0,
	"internal/smalldisk":  0,
	"internal/diagram":    1,
	"internal/doccheck":   6,
}

// sameFloor are the arrows that are allowed within a floor.
var sameFloor = map[[2]string]bool{
	{"schema", "column"}: true,
	{"sink", "gen"}:      true,
}

// only are packages that nobody may import but those named.
var only = map[string][]string{
	"db/postgres": {"internal/cli", "bench"},
	"db/sqlite":   {"internal/cli", "bench"},
}

// The sources are parsed rather than asked of the go command, whose answer the test cache would hide.
func TestFloors(t *testing.T) {
	for dir, imports := range sources(t) {
		floor, known := floors[dir]
		if !known {
			t.Errorf("package %s has no floor: give it one in floors", dir)
			continue
		}
		for imp, file := range imports {
			below, known := floors[imp]
			if known && below >= floor && !sameFloor[[2]string{dir, imp}] {
				t.Errorf("%s: %s (floor %d) imports %s (floor %d): imports point downward only", file, dir, floor, imp, below)
			}
			if allowed, ok := only[imp]; ok && !contains(allowed, dir) {
				t.Errorf("%s: only %v may import %s", file, allowed, imp)
			}
		}
	}
}

// The engine has no line that knows a built-in scenario's tables.
func TestScenariosAreData(t *testing.T) {
	word := regexp.MustCompile(`(?i)content_items|generation_jobs`)
	walk(t, func(file string) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if at := word.FindIndex(b); at != nil {
			t.Errorf("%s names a table of a built-in scenario: %s", file, b[at[0]:at[1]])
		}
	})
}

// sources gives the module's imports by folder, tests left out.
func sources(t *testing.T) map[string]map[string]string {
	out := map[string]map[string]string{}
	walk(t, func(file string) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.ToSlash(filepath.Dir(file))
		if out[dir] == nil {
			out[dir] = map[string]string{}
		}
		for _, imp := range f.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			if name == module {
				out[dir]["."] = file
			} else if rest, ok := strings.CutPrefix(name, module+"/"); ok {
				out[dir][path.Clean(rest)] = file
			}
		}
	})
	if len(out) < 10 {
		t.Fatalf("found only %d packages", len(out))
	}
	return out
}

func walk(t *testing.T, each func(file string)) {
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && file != ".") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(file, ".go") {
			each(file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
