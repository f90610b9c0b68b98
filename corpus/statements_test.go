package corpus

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sowerdata/sower/internal/pgtest"
)

// A domain is a schema as an application of its kind has it, with what anybody would say of its rows. No statement
// names a generator.
type domain struct {
	name       string
	ddl        map[string]string // by database; most schemas are the same for both
	statements []statement
}

// A statement holds where some gives rows (it speaks of something) and none gives no row (nothing contradicts it).
type statement struct {
	text, some, none string
}

// statementRows is the number of rows asked for of each table.
const statementRows = "300"

// TestStatements fills each domain with nothing but its URL and asks its statements. The share that holds is a measure,
// not a promise: it stands in docs/inference.md, with each statement that does not hold, and a change of it has to be
// written there (-update).
func TestStatements(t *testing.T) {
	s := pgtest.Shared(t, 0)
	var table, failing strings.Builder
	all, held := 0, map[string]int{}
	for _, d := range domains(t) {
		url := s.NewDatabase(t, "statements_"+d.name)
		apply(t, url, d.ddl["postgres.sql"])
		path := makeSQLite(t, d.ddl["sqlite.sql"])
		open := map[string][]string{}
		open["PostgreSQL"] = d.ask(t, url, func(query string) (string, error) { return s.Psql(t, url, query), nil })
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		open["SQLite"] = d.ask(t, "sqlite:"+path, func(query string) (string, error) {
			lines, err := readSQLite(db, query)
			return strings.Join(lines, "\n"), err
		})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		n := len(d.statements)
		all += n
		for name, texts := range open {
			held[name] += n - len(texts)
		}
		fmt.Fprintf(&table, "| %s | %d | %d | %d |\n", d.name, n, n-len(open["PostgreSQL"]), n-len(open["SQLite"]))
		for _, st := range d.statements {
			for _, name := range []string{"PostgreSQL", "SQLite"} {
				if slices.Contains(open[name], st.text) {
					fmt.Fprintf(&failing, "- %s: %s (%s)\n", d.name, st.text, name)
				}
			}
		}
	}
	fmt.Fprintf(&table, "| all | %d | %d | %d |\n", all, held["PostgreSQL"], held["SQLite"])
	t.Logf("of %d statements %d hold in PostgreSQL and %d in SQLite", all, held["PostgreSQL"], held["SQLite"])
	documented(t, "statements", "| domain | statements | PostgreSQL | SQLite |\n|---|---|---|---|\n"+table.String())
	recorded(t, "statements/open.txt", failing.String())
}

// ask fills a database and gives the texts of the statements that do not hold.
func (d *domain) ask(t *testing.T, url string, query func(string) (string, error)) (open []string) {
	t.Helper()
	if code, out, errs := sower("generate", "--database-url", url, "--rows", statementRows); code != 0 {
		t.Fatalf("%s: exit code %d\n%s%s", d.name, code, out, errs)
	}
	exists := func(st statement, sql string) bool {
		got, err := query("select count(*) from (" + sql + ") x")
		if err != nil {
			t.Fatalf("%s: %s: %v\n%s", d.name, st.text, err, sql)
		}
		return got != "0"
	}
	for _, st := range d.statements {
		if !exists(st, st.some) || exists(st, st.none) {
			open = append(open, st.text)
		}
	}
	return open
}

func domains(t *testing.T) []*domain {
	t.Helper()
	files, err := filepath.Glob("statements/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var out []*domain
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d := &domain{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), ddl: map[string]string{}}
		for _, f := range txtar.Parse(data).Files {
			switch f.Name {
			case "schema.sql":
				d.ddl["postgres.sql"], d.ddl["sqlite.sql"] = string(f.Data), string(f.Data)
			case "postgres.sql", "sqlite.sql":
				d.ddl[f.Name] = string(f.Data)
			case "statements":
				d.statements = parseStatements(t, file, string(f.Data))
			}
		}
		if n := len(d.statements); n < 20 || n > 40 {
			t.Fatalf("%s: %d statements, want 20 to 40", file, n)
		}
		out = append(out, d)
	}
	if len(out) < 8 {
		t.Fatalf("only %d domains", len(out))
	}
	return out
}

// parseStatements reads lines of a text, each followed by its two queries.
func parseStatements(t *testing.T, file, text string) (out []statement) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		last := len(out) - 1
		if query, ok := strings.CutPrefix(line, "  some: "); ok && last >= 0 {
			out[last].some = query
		} else if query, ok := strings.CutPrefix(line, "  none: "); ok && last >= 0 {
			out[last].none = query
		} else if !strings.HasPrefix(line, " ") && line != "" {
			out = append(out, statement{text: line})
		} else {
			t.Fatalf("%s: %q is no part of a statement", file, line)
		}
	}
	for _, st := range out {
		if st.some == "" || st.none == "" {
			t.Fatalf("%s: %q lacks a query", file, st.text)
		}
	}
	return out
}

// documented compares a table with what stands in docs/inference.md between the marks of its name, or writes it there.
func documented(t *testing.T, name, want string) {
	t.Helper()
	const path = "../docs/inference.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := fmt.Sprintf("<!-- %s -->\n", name), fmt.Sprintf("<!-- end of %s -->\n", name)
	before, rest, ok := bytes.Cut(data, []byte(begin))
	got, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		t.Fatalf("%s has no place for the %s", path, name)
	}
	compareOrWrite(t, path, string(got), want, func() []byte {
		return slices.Concat(before, []byte(begin+want+end), after)
	})
}

// recorded compares a file with a text, or writes it.
func recorded(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	compareOrWrite(t, path, string(got), want, func() []byte { return []byte(want) })
}

func compareOrWrite(t *testing.T, path, got, want string, whole func() []byte) {
	t.Helper()
	switch {
	case got == want:
	case *update:
		if err := os.WriteFile(path, whole(), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what was found (-update writes it; say in the change why):\n%s", path, cmp.Diff(got, want))
	}
}
