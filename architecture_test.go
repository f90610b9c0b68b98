package sower_test

import (
	"bytes"
	"go/ast"
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
	"npm":                 7,
	"deploy":              7,
	"internal/cli":        6,
	"sowertest":           6,
	".":                   5,
	"run":                 4,
	"infer":               4,
	"infer/meaning":       3,
	"rows":                3,
	"plan":                2,
	"db/postgres":         2,
	"db/sqlite":           2,
	"sink/file":           2,
	"sink/discard":        2,
	"sink/bucket":         3,
	"sink/sinktest":       2,
	"sink":                1,
	"gen":                 1,
	"check":               1,
	"blueprints":          0,
	"docs":                0,
	"blueprint":           0,
	"schema":              0,
	"column":              0,
	"sqlexpr":             0,
	"sqlexpr/routine":     0,
	"internal/rng":        0,
	"internal/rng/pour":   7,
	"internal/pgcopy":     1,
	"internal/faultproxy": 0,
	"internal/pgtest":     0,
	"internal/trace":      0,
	"internal/shown":      0,
	"internal/smalldisk":  0,
	"internal/diagram":    1,
	"internal/bigschema":  0,
	"internal/doccheck":   6,

	"internal/shard":          0,
	"internal/bound":          0,
	"internal/bound/hostile":  7,
	"internal/studio":         5,
	"internal/mcp":            5,
	"internal/driver":         3,
	"internal/request":        5,
	"internal/report":         5,
	"internal/profile":        4,
	"internal/studio/browser": 7,
}

// sameFloor are the arrows that are allowed within a floor.
var sameFloor = map[[2]string]bool{
	{"schema", "column"}: true,
	{"sink", "gen"}:      true,

	{"blueprint", "internal/bound"}:       true,
	{"sqlexpr", "internal/bound"}:         true,
	{"sqlexpr/routine", "sqlexpr"}:        true,
	{"sqlexpr/routine", "internal/bound"}: true,
	{"schema", "sqlexpr"}:                 true,
	{"schema", "sqlexpr/routine"}:         true,
	{"internal/mcp", "internal/studio"}:   true,
	{".", "internal/request"}:             true,
}

// only are packages that nobody may import but those named.
var only = map[string][]string{
	"db/postgres": {"internal/driver", "internal/cli", "bench"},
	"db/sqlite":   {"internal/driver", "internal/cli", "bench"},
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
	word := regexp.MustCompile(`(?i)content_items|generation_jobs|monthly_sales`)
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

// mostLines is how long a file of code may be: what is longer is two subjects, or more. Generated files and tests may
// be longer.
const mostLines = 500

// Files stay so short that a reader sees what they are about.
func TestFilesAreShort(t *testing.T) {
	generated := regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	walk(t, func(file string) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(b, []byte("\n")); n > mostLines && !generated.Match(b) {
			t.Errorf("%s has %d lines, %d at most: divide it by what a reader looks for, and give the parts names that say it", file, n, mostLines)
		}
	})
}

// plan and infer ask generators for their facts, and know none of them by its type. The exception: plan makes the cells
// of a reference itself, from its arguments.
func TestGeneratorsStateTheirFacts(t *testing.T) {
	allowed := map[string]string{"plan": "Reference"}
	registry, err := os.ReadFile("gen/registry.go")
	if err != nil {
		t.Fatal(err)
	}
	makers := map[string]bool{}
	for _, m := range regexp.MustCompile(`return new\((\w+)\)`).FindAllSubmatch(registry, -1) {
		makers[string(m[1])] = true
	}
	if len(makers) < 40 {
		t.Fatalf("found only %d generators", len(makers))
	}
	walk(t, func(file string) {
		dir := filepath.ToSlash(filepath.Dir(file))
		if strings.HasSuffix(file, "_test.go") || dir != "plan" && dir != "infer" {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			x, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if of, ok := x.X.(*ast.Ident); ok && of.Name == "gen" && makers[x.Sel.Name] && x.Sel.Name != allowed[dir] {
				t.Errorf("%s names gen.%s: ask for its Facts instead, and let it state them", file, x.Sel.Name)
			}
			return true
		})
	})
}

// What a problem or an error says is for people: the engine decides by causes and types, never by words. Texts are made
// and passed on, but not searched, compared or used as keys.
func TestNobodyReadsProse(t *testing.T) {
	engine := map[string]bool{"infer": true, "plan": true, "rows": true, "run": true, "check": true, "gen": true}
	searching := map[string]bool{"strings": true, "bytes": true, "regexp": true, "slices": true, "maps": true}
	matching := regexp.MustCompile(`^(Match|Find)`)
	walk(t, func(file string) {
		if strings.HasSuffix(file, "_test.go") || !engine[filepath.ToSlash(filepath.Dir(file))] {
			return
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		matched(f, searching, matching, func(part ast.Expr, how string) {
			if prose(part) {
				t.Errorf("%s: reads the text of a problem or an error: give it a typed cause", set.Position(part.Pos()))
			}
		})
	})
}

// matched calls each for the expressions of a file that are searched, compared or used as keys: "argument", "equal" (or
// a switch's), "order" and "index".
func matched(f *ast.File, searching map[string]bool, matching *regexp.Regexp, each func(part ast.Expr, how string)) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			s, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				break
			}
			if of, ok := s.X.(*ast.Ident); ok && searching[of.Name] || matching.MatchString(s.Sel.Name) {
				for _, a := range n.Args {
					each(a, "argument")
				}
			}
		case *ast.BinaryExpr:
			switch n.Op {
			case token.EQL, token.NEQ:
				each(n.X, "equal")
				each(n.Y, "equal")
			case token.LSS, token.GTR, token.LEQ, token.GEQ:
				each(n.X, "order")
				each(n.Y, "order")
			}
		case *ast.IndexExpr:
			each(n.Index, "index")
		case *ast.SwitchStmt:
			if n.Tag != nil {
				each(n.Tag, "equal")
			}
		}
		return true
	})
}

// prose tells whether an expression is, or holds, what a problem or an error says.
func prose(x ast.Expr) (is bool) {
	if x == nil {
		return false
	}
	ast.Inspect(x, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Error" && len(call.Args) == 0 {
				is = true
			}
		}
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Message" {
			is = true
		}
		return !is
	})
	return is
}

// What a generator of infer is, is asked of its name and arguments: nobody searches or compares its text, which is made
// where a blueprint is written.
func TestNobodyReadsGeneratorsAsText(t *testing.T) {
	searching := map[string]bool{"strings": true, "bytes": true, "regexp": true, "slices": true}
	matching := regexp.MustCompile(`^(Match|Find|Unmarshal)`)
	builders := map[string]bool{} // variables that texts are put together in
	builds := func(x ast.Expr) bool {
		id, ok := x.(*ast.Ident)
		return ok && builders[id.Name]
	}
	written := func(x ast.Expr) (is bool) {
		if x == nil {
			return false
		}
		ast.Inspect(x, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "String" && len(call.Args) == 0 {
					is = !builds(s.X)
				}
				if of, ok := call.Fun.(*ast.Ident); ok && of.Name == "string" && !is { // string(generator)
					ast.Inspect(call, func(n ast.Node) bool {
						if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Generator" {
							is = true
						}
						return !is
					})
				}
			}
			return !is
		})
		return is
	}
	walk(t, func(file string) {
		if strings.HasSuffix(file, "_test.go") || filepath.ToSlash(filepath.Dir(file)) != "infer" || filepath.Base(file) == "yaml.go" {
			return
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		clear(builders)
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				if of, ok := v.Type.(*ast.SelectorExpr); ok && of.Sel.Name == "Builder" {
					builders[v.Names[0].Name] = true
				}
			}
			return true
		})
		matched(f, searching, matching, func(part ast.Expr, how string) {
			if (how == "argument" || how == "equal") && written(part) {
				t.Errorf("%s: reads what a generator is from its text: ask for its name or its arguments (infer/yaml.go)", set.Position(part.Pos()))
			}
		})
	})
}

// matchers are the files outside of the language's rooms (sqlexpr, check) that may use package regexp in the engine, with what
// they match: none of it is SQL.
var matchers = map[string]string{
	"db/postgres/builder.go":  "what the machine says of its memory",
	"db/postgres/dialect.go":  "patterns of blueprints, as trees",
	"db/postgres/errors.go":   "messages of the server",
	"db/postgres/open.go":     "addresses of databases",
	"db/postgres/settings.go": "settings in an address",
	"db/postgres/trigger.go":  "where the server says that an error came from",
	"db/sqlite/dialect.go":    "the function regexp, which SQLite leaves to programs",
	"infer/patternfit.go":     "patterns of blueprints, as trees",
}

// The text of SQL is taken apart in package sqlexpr alone: nobody else in the engine matches it with patterns, searches it or
// cuts it.
func TestNobodyReadsSQLText(t *testing.T) {
	engine := map[string]bool{"infer": true, "infer/meaning": true, "plan": true, "rows": true, "run": true, "schema": true, "db/postgres": true, "db/sqlite": true}
	texts := map[string]bool{"Expression": true, "Expressions": true, "Where": true, "Default": true, "Computed": true, "Condition": true}
	cutting := regexp.MustCompile(`^(Contains|HasPrefix|HasSuffix|Index|LastIndex|Cut|Split|Fields|Trim|Replace|EqualFold|ToLower|ToUpper|Count|Sscan)`)
	used := map[string]bool{}
	walk(t, func(file string) {
		file = filepath.ToSlash(file)
		if strings.HasSuffix(file, "_test.go") || !engine[path.Dir(file)] {
			return
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			if name, _ := strconv.Unquote(imp.Path.Value); name == "regexp" || strings.HasPrefix(name, "regexp/") {
				if used[file] = true; matchers[file] == "" {
					t.Errorf("%s imports %s: ask package sqlexpr for the tree of what is SQL", file, name)
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !cutting.MatchString(s.Sel.Name) {
				return true
			}
			if of, ok := s.X.(*ast.Ident); !ok || of.Name != "strings" && of.Name != "bytes" && of.Name != "fmt" {
				return true
			}
			for _, a := range call.Args {
				if x, ok := a.(*ast.SelectorExpr); ok && texts[x.Sel.Name] {
					t.Errorf("%s: takes the text of SQL apart (%s): ask package sqlexpr for its tree", set.Position(a.Pos()), x.Sel.Name)
				}
			}
			return true
		})
	})
	for file := range matchers {
		if !used[file] {
			t.Errorf("%s does not use package regexp any more: take it out of matchers", file)
		}
	}
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
		if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil && file != "." { // a module of its own
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
