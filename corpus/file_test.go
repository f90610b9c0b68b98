package corpus

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// entry is one schema of the corpus.
type entry struct {
	name     string
	about    string
	postgres string // DDL
	sqlite   string // DDL; "" where SQLite does not have the shape
	since    int    // the oldest major version of PostgreSQL that takes it; 0 for any
	file     string
	inspect  string   // what `sower inspect` prints of it: how it is read, and what is inferred
	facts    []string // queries that count what is amiss, of the rows in PostgreSQL
	open     string   // what the program does not do with it yet; "" for nothing
	expect   expectation
}

// expectation says what a table may hold besides the number that was asked for.
type expectation struct {
	rows     map[string]int         // at most so many
	exact    map[int]map[string]int // by the number that was asked for
	standing map[string]int         // rows of the DDL
	beside   map[string]int         // rows of the DDL beside which others are made, where more are asked for
	free     map[string]string      // any number, and why
	skip     map[string]string      // may be empty, and why
}

// entries reads the whole corpus, in the order of names.
func entries(t *testing.T) []*entry {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var out []*entry
	for _, file := range files {
		e, err := readEntry(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	if len(out) < 60 {
		t.Fatalf("only %d schemas", len(out))
	}
	return out
}

func readEntry(file string) (*entry, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	e := &entry{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), file: file, expect: newExpectation()}
	for _, f := range txtar.Parse(data).Files {
		text := string(f.Data)
		switch f.Name {
		case "about":
			e.about = strings.TrimSpace(text)
		case "postgres.sql":
			e.postgres = text
		case "sqlite.sql":
			e.sqlite = text
		case "inspect":
			e.inspect = text
		case "facts":
			for line := range strings.Lines(text) {
				e.facts = append(e.facts, strings.TrimSpace(line))
			}
		case "expect":
			if first, rest, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "open: ") {
				e.open, text = strings.TrimPrefix(first, "open: "), rest
			}
			if err := e.expect.parse(text); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		default:
			return nil, fmt.Errorf("%s: no part of a schema is called %q", file, f.Name)
		}
	}
	if e.about == "" || e.postgres == "" {
		return nil, fmt.Errorf("%s: about and postgres.sql are required", file)
	}
	if first, _, _ := strings.Cut(e.postgres, "\n"); strings.HasPrefix(first, "-- since: ") {
		if e.since, err = strconv.Atoi(strings.TrimPrefix(first, "-- since: ")); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return e, nil
}

func newExpectation() expectation {
	return expectation{map[string]int{}, map[int]map[string]int{}, map[string]int{}, map[string]int{}, map[string]string{}, map[string]string{}}
}

func (x *expectation) parse(text string) error {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		head, value, ok := strings.Cut(line, ": ")
		rule, table, named := strings.Cut(head, " ")
		if line == "" {
			continue
		}
		if !ok || !named {
			return fmt.Errorf("expect: %q is no rule", line)
		}
		number, err := strconv.Atoi(value)
		switch {
		case rule == "free":
			x.free[table], err = value, nil
		case rule == "skip":
			x.skip[table], err = value, nil
		case rule == "rows":
			x.rows[table] = number
		case rule == "standing":
			x.standing[table] = number
		case rule == "beside":
			x.beside[table] = number
		case strings.HasPrefix(rule, "rows-"):
			asked, bad := strconv.Atoi(strings.TrimPrefix(rule, "rows-"))
			if bad != nil {
				return fmt.Errorf("expect: %q: %w", line, bad)
			}
			if x.exact[asked] == nil {
				x.exact[asked] = map[string]int{}
			}
			x.exact[asked][table] = number
		default:
			return fmt.Errorf("expect: %q is no rule", line)
		}
		if err != nil {
			return fmt.Errorf("expect: %q: %w", line, err)
		}
	}
	return nil
}

// tables are the tables that rules name.
func (x *expectation) tables() []string {
	all := map[string]bool{}
	for name := range x.rows {
		all[name] = true
	}
	for name := range x.standing {
		all[name] = true
	}
	for name := range x.beside {
		all[name] = true
	}
	for name := range x.free {
		all[name] = true
	}
	for name := range x.skip {
		all[name] = true
	}
	for _, exact := range x.exact {
		for name := range exact {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
