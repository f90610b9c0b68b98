package cli

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/sowerdata/sower/internal/pgtest"

	_ "modernc.org/sqlite"
)

// hostileNames are names that some reader on the way takes for something else: SQL, YAML, a shell, a terminal, a file
// system, a template, a format string, a path of this program.
var hostileNames = []string{
	" ", ".", "..", "/", "../../etc", "a/b", `a\b`, "a.b", "a.b.c", ".hidden", "CON", "nul", "aux.txt", "con.csv", "name ", " lead", "tab\tbed",
	"new\nline", "cr\rlf\n", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "bell\x07", "\x7f", "\u009b31m", "\u0085", "\u2028", "\u202eltr", "zero\u200bwidth", "\u200d", "\ufeffbom",
	"e\u0301", "\u00e9", "A", "b", "\U0001f331", strings.Repeat("\u00e9", 31) + "x", strings.Repeat("y", 63), "'", "''", `"`, `""`, `quo"te`, "`", "``", "[", "]", "[x]",
	"$1", "$$", "%s", "%", "%[1]d", "{{", "{{.}}", "${x}", "$${x}", "${", "{a: b}", "null", "Null", "yes", "NO", "on", "true", "~", "- a", "-", "--", "-- x", "/*", "*/", ";", "; drop table x; --",
	": ", "a: b", "a:", ":", "#", "# c", "a #b", "*", "*a", "&", "&a", "!", "!!str x", "|", ">", "@", "?", "? a", ",", "=", "<<", "<b>", "<script>alert(1)</script>", "&lt;", "]]>", "0", "01", "1e3", "0x1f", "1_000", "-1", ".5", "1:30", "2024-01-01", ".inf",
	"select", "table", "order", "user", "default", "values", "group", "rows", "columns", "part", "parts", "each", "of", "unique", "checks", "standing", "virtual", "nulls", "sower", "sower row", "sower cells", "_parent", "_sower", "manifest", "manifest.json",
	"row", "value", "VALUE", "cell", "this", "self", "attempt", "x'; --", "a b", "a,b", "(a)", "a)", "(", "rowid", "oid", "ctid", "\\", `\n`, `\x1b`, "\u00ad", "\u0430", "ı", "İ", "ß", "ẞ",
}

// world is a random schema of hostile names.
type world struct {
	r        *rand.Rand
	postgres bool
	ddl      string
	tables   []string // quoted, with their schema
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func literal(s string) string { return `'` + strings.ReplaceAll(s, `'`, `''`) + `'` }

// name draws a name that is not taken, in SQLite's eyes: without regard to the case of ASCII letters.
func (w *world) name(taken map[string]bool) string {
	for {
		n := hostileNames[w.r.IntN(len(hostileNames))]
		switch w.r.IntN(6) {
		case 0:
			n += hostileNames[w.r.IntN(len(hostileNames))]
		case 1:
			n = string([]rune{rune(1 + w.r.IntN(0x2100)), rune(1 + w.r.IntN(0x7f))}) + n
		case 2:
			n = strings.ToUpper(n)
		}
		for len(n) > 63 {
			r := []rune(n)
			n = string(r[:len(r)-1])
		}
		key := n
		if !w.postgres {
			key = strings.Map(func(r rune) rune {
				if r >= 'A' && r <= 'Z' {
					return r + 'a' - 'A'
				}
				return r
			}, n)
		}
		if n != "" && !taken[key] {
			taken[key] = true
			return n
		}
	}
}

// newWorld makes some tables that refer to one another, with uniques, checks, dates, enums and comments.
func newWorld(seed uint64, postgres bool) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 13)), postgres: postgres}
	var ddl strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&ddl, format, args...) }
	var schemas []string
	tables, constraints, enums := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for name := ""; postgres && len(schemas) < 2; {
		if name = w.name(tables); !strings.HasPrefix(name, "pg_") && name != "sower" {
			schemas = append(schemas, quoted(name)+".")
			say("create schema %s;\n", quoted(name))
		}
	}
	var keys []string
	for i := range 3 + w.r.IntN(3) {
		table, space := quoted(w.name(tables)), ""
		if postgres {
			space = schemas[w.r.IntN(2)]
			table = space + table
		}
		taken := map[string]bool{"rowid": !postgres, "oid": !postgres, "_rowid_": !postgres}
		column := func() string { return quoted(w.name(taken)) }
		id, text, number, kind := column(), column(), column(), column()
		label, other := w.name(map[string]bool{}), "x"+w.name(map[string]bool{})
		labels := "(" + literal(label) + ", " + literal(other) + ")"
		of, hold := "text", fmt.Sprintf(" check (%s in %s)", kind, labels)
		if postgres {
			of, hold = space+quoted(w.name(enums)), ""
			say("create type %s as enum %s;\n", of, labels)
		}
		say("create table %s (%s integer primary key, %s varchar(40) not null constraint %s unique, %s int not null constraint %s check (%s between 3 and 9), %s date, %s %s not null%s",
			table, id, text, quoted(w.name(constraints)), number, quoted(w.name(constraints)), number, column(), kind, of, hold)
		if i > 0 {
			p := w.r.IntN(i)
			say(", %s int not null references %s (%s)", column(), w.tables[p], keys[p])
		}
		say(");\ncreate index %s on %s (%s, %s);\n", quoted("i "+strconv.Itoa(i)), table, number, kind)
		if postgres {
			say("comment on table %s is %s;\ncomment on column %[1]s.%[3]s is %[4]s;\n", table, literal(w.name(map[string]bool{})), text, literal("c\x1b[2J\n"+other))
		}
		w.tables, keys = append(w.tables, table), append(keys, id)
	}
	w.ddl = ddl.String()
	return w
}

// readable looks for what a terminal or a reader would obey in a text that people read.
func readable(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%s: raw %U in %q", what, r, text[max(0, i-60):min(len(text), i+20)])
			return
		}
	}
}

// everyCommand runs each command over the database, by a blueprint that init wrote and without one. count gives
// the number of a table's rows.
func everyCommand(t *testing.T, address string, tables []string, count func(table string) int) {
	dir := t.TempDir()
	blueprint, saved := filepath.Join(dir, "made.yaml"), filepath.Join(dir, "saved.json")
	run := func(args ...string) string {
		t.Helper()
		code, out, errs := call(t, nil, args...)
		if code != 0 {
			t.Fatalf("%s ended with %d:\n%s%s", strings.Join(args, " "), code, out, errs)
		}
		readable(t, args[0]+" on stderr", errs)
		return out
	}
	url := []string{"--database-url", address}
	text := func(args ...string) { t.Helper(); readable(t, strings.Join(args[:2], " "), run(args...)) }
	data := func(args ...string) string {
		t.Helper()
		out := run(args...)
		readable(t, strings.Join(args, " "), out)
		for line := range strings.SplitSeq(out, "\n") {
			if out = strings.TrimSpace(out); out[0] == '{' || out[0] == '[' {
				line = out
			}
			if line != "" && !json.Valid([]byte(line)) {
				t.Errorf("%v: no JSON: %s", args, line)
			}
		}
		return out
	}
	for _, format := range []string{"text", "mermaid", "dot", "html"} {
		text(append([]string{"inspect", "--format=" + format}, url...)...)
	}
	data(append([]string{"inspect", "--format=json"}, url...)...)
	if err := os.WriteFile(saved, []byte(data(append([]string{"inspect", "--format=schema"}, url...)...)), 0o600); err != nil {
		t.Fatal(err)
	}
	run(append([]string{"init", "--rows=12", "--out", blueprint}, url...)...)
	text(append([]string{"init", "--rows=12"}, url...)...)
	for _, args := range [][]string{{"plan"}, {"plan", blueprint}, {"diff", blueprint}} {
		args = append(args, url...)
		text(args...)
		data(append(args, "--format=json")...)
	}
	text("diff", saved, address)
	text("diff", blueprint, blueprint)
	text("plan", blueprint)
	text("digest", blueprint)
	text("preview", blueprint)
	var planned struct{ Tables []struct{ Name string } }
	if err := json.Unmarshal([]byte(data("plan", blueprint, "--format=json")), &planned); err != nil || len(planned.Tables) != len(tables) {
		t.Fatalf("%d tables are planned, %v", len(planned.Tables), err)
	}
	for _, table := range planned.Tables {
		data("preview", "--format=json", blueprint, "--", table.Name)
		text("preview", blueprint, "--", table.Name)
	}
	run("preview", "--format=csv", blueprint, "--", planned.Tables[0].Name)
	for _, format := range []string{"csv", "jsonl", "parquet", "copy-text", "copy-binary", "sql"} {
		if format == "copy-binary" && strings.HasPrefix(address, "sqlite:") {
			continue // PostgreSQL's own
		}
		to := filepath.Join(dir, "deep", "out", format)
		text(append([]string{"export", blueprint, "--format=" + format, "--dir", to, "--progress=none"}, url...)...)
		exported(t, to, len(tables))
	}
	for _, with := range [][]string{{blueprint}, {"--rows=12"}} {
		with := append(with, url...)
		text(append([]string{"generate", "--progress=none", "--allow-superuser"}, with...)...)
		for _, table := range tables {
			if n := count(table); n != 12 {
				t.Errorf("%q has %d rows, want 12", table, n)
			}
		}
		text(append([]string{"verify"}, with...)...)
		data(append([]string{"verify", "--format=json"}, with...)...)
		text(append([]string{"clean", "--yes", "--progress=none", "--allow-superuser"}, with...)...)
		for _, table := range tables {
			if n := count(table); n != 0 {
				t.Errorf("%q has %d rows after clean", table, n)
			}
		}
	}
}

// exported holds that a folder has one file a table and the manifest, under names that every file system takes and
// tells apart, and that nothing was written beside it.
func exported(t *testing.T, dir string, tables int) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != tables+1 {
		t.Errorf("%d files of %d tables: %v", len(files), tables, files)
	}
	seen := map[string]bool{}
	for _, f := range files {
		readable(t, "a file's name", f.Name())
		low := strings.ToLower(f.Name())
		stem, _, _ := strings.Cut(low, ".")
		if seen[low] || f.IsDir() || len(f.Name()) > 255 || strings.ContainsAny(f.Name(), `<>:"/\|?*`) ||
			strings.HasPrefix(f.Name(), ".") || strings.HasPrefix(low, " ") || stem == "con" || stem == "nul" || stem == "aux" {
			t.Errorf("the file %q", f.Name())
		}
		seen[low] = true
	}
	beside, err := os.ReadDir(filepath.Dir(filepath.Dir(dir)))
	if err != nil || len(beside) != 1 {
		t.Errorf("beside the folder: %v, %v", beside, err)
	}
}

// worlds is the number of random schemas, which SOWER_TEST_NAMES sets.
func worlds(least int) int {
	if n, err := strconv.Atoi(os.Getenv("SOWER_TEST_NAMES")); err == nil {
		return n
	}
	return least
}

// Every command works with any names that the database allows, and what is shown cannot be obeyed by a terminal.
func TestHostileNamesSQLite(t *testing.T) {
	for seed := range worlds(12) {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			w := newWorld(uint64(seed), false)
			file := filepath.Join(t.TempDir(), "names_test.db")
			db, err := sql.Open("sqlite", file)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(w.ddl); err != nil {
				t.Fatalf("%v\n%s", err, w.ddl)
			}
			everyCommand(t, "sqlite:"+file, w.tables, func(table string) (n int) {
				if err := db.QueryRow("select count(*) from " + table).Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			})
			if t.Failed() {
				t.Logf("the schema:\n%s", w.ddl)
			}
		})
	}
}

func TestHostileNamesPostgres(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for seed := range worlds(3) {
			t.Run(strconv.Itoa(seed), func(t *testing.T) {
				w := newWorld(uint64(seed), true)
				name := "n" + strconv.Itoa(seed) + " " + w.name(map[string]bool{})
				for len(name) > 50 {
					name = name[:len(name)-len(string([]rune(name)[len([]rune(name))-1]))]
				}
				name += "_test"
				if err := s.CreateDatabase(t.Context(), name); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = s.DropDatabase(context.Background(), name) })
				address, err := url.Parse(s.URL("x"))
				if err != nil {
					t.Fatal(err)
				}
				address.Path = "/" + name
				s.Psql(t, address.String(), w.ddl)
				everyCommand(t, address.String(), w.tables, func(table string) int {
					n, err := strconv.Atoi(s.Psql(t, address.String(), "select count(*) from "+table))
					if err != nil {
						t.Fatal(err)
					}
					return n
				})
				if t.Failed() {
					t.Logf("the schema:\n%s", w.ddl)
				}
			})
		}
	})
}
