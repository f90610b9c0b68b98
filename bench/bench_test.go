package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/internal/cli"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		args string
		runs int
		want string // of the error
	}{
		{"", 7, ""},
		{"-quick", 2, ""},
		{"-quick -runs 3 -case sqlite,prompts", 3, ""},
		{"-runs -1", 0, "-runs is -1: at least 1"},
		{"-case sqlight", 0, `there is no case "sqlight"; there are prompts, generators, discard, genonaut-default, genonaut-10k, genonaut-binary, genonaut-1m, accounts, wide, bare, random-keys, random-keys-tenth, many-small-tables, verify, clean, schemas, scale, loaders, shards, ledger, files, sqlite`},
		{"more", 0, `unexpected argument "more"`},
	} {
		o, err := parse(strings.Fields(c.args))
		switch {
		case err != nil && err.Error() != c.want, err == nil && c.want != "":
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		case err == nil && o.runs != c.runs:
			t.Errorf("%q: %d runs, want %d", c.args, o.runs, c.runs)
		}
	}
}

// TestGenerators: there is a column for every generator, and each can be made.
func TestGenerators(t *testing.T) {
	table, err := generatorsPlan()
	if err != nil {
		t.Fatal(err)
	}
	var m rows.Maker
	for _, c := range table.Out {
		for _, first := range []int64{0, table.Rows - batchRows} {
			if _, err := m.Batch(table, []*plan.Column{c}, first, batchRows); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestScenario(t *testing.T) {
	for _, n := range []int64{1, 10} {
		s, err := atSize(times(n))
		if err != nil {
			t.Fatal(err)
		}
		if s.rows < n*100_000 || promptColumn(s.plan) == nil {
			t.Errorf("%d times the default: %d rows, column of prompts %v", n, s.rows, promptColumn(s.plan))
		}
		args := strings.Join(s.command("digest", "--seed", "2"), " ")
		if !strings.HasPrefix(args, "digest "+scenarioName+" --seed 2 --") {
			t.Errorf("arguments %s", args)
		}
		for _, dialect := range []string{"postgres", "sqlite"} {
			if ddl, err := s.ddl(dialect); err != nil || !strings.Contains(ddl, "create table") {
				t.Errorf("%s: %q, %v", dialect, ddl, err)
			}
		}
	}
}

func TestPairs(t *testing.T) {
	b := &bench{options: &options{runs: 3}}
	for _, c := range []struct {
		name   string
		quick  bool
		others []float64 // beside each pair
		order  string
		kept   string // the pairs, by their numbers
		all    int
	}{
		{"calm", false, []float64{0, 0.01, 0.02}, "abbaab", "012", 3},
		{"disturbed twice", false, []float64{0.3, 0, 0.4, 0.05, 0.01}, "abbaabbaab", "143", 5},
		{"never calm", false, []float64{0.5, 0.6, 0.2, 0.4, 0.3, 0.7}, "abbaabbaabba", "243", 6},
		{"never calm, quick", true, []float64{0.5, 0.6, 0.2}, "abbaab", "201", 3},
	} {
		b.options.quick = c.quick
		order := ""
		run := func(name string) func() (usage, error) {
			return func() (usage, error) {
				n := len(order) / 2
				order += name
				return usage{wall: time.Duration(n), others: c.others[n]}, nil
			}
		}
		kept, all, err := b.pairs(run("a"), run("b"))
		got := ""
		for _, p := range kept {
			got += fmt.Sprint(int(p.ours.wall))
		}
		if err != nil || order != c.order || got != c.kept || all != c.all {
			t.Errorf("%s: order %s, kept %s of %d, %v", c.name, order, got, all, err)
		}
	}
	failing := errors.New("no")
	good := func() (usage, error) { return usage{}, nil }
	if _, _, err := b.pairs(good, func() (usage, error) { return usage{}, failing }); !errors.Is(err, failing) {
		t.Errorf("an error was lost: %v", err)
	}
}

func TestText(t *testing.T) {
	r := &Result{Case: "load", What: "rows into a table", Seconds: 12.4, LoadBefore: 0.25}
	u := func(seconds float64) usage {
		return usage{
			wall: time.Duration(seconds * 1e9), user: time.Second / 2, system: time.Second / 4, server: 2 * time.Second,
			others: 0.125, peak: 150e6, phases: []phase{{"load", seconds / 2}, {"finish", 0.5}},
		}
	}
	r.row("load").compared([]*pair{{u(2), u(4)}, {u(4), u(4)}, {u(3), u(4)}}, "other", 12000).atMost(0.5)
	r.note("one")
	want := `load: rows into a table (12 s, load average 0.2 before)
  sower / other                   0.750  (0.500-1.00)   at most 0.500: MISSED
  sower s                          3.00  (2.00-4.00)
  other s                          4.00  (4.00-4.00)
  sower s: load                    1.50  (1.00-2.00)
  sower s: finish                 0.500  (0.500-0.500)
  rows                           12,000
  rows/s                          4,000  (3,000-6,000)
  sower user CPU s                0.500  (0.500-0.500)
  sower system CPU s              0.250  (0.250-0.250)
  sower user CPU, % of its time    16.7
  other CPU s                     0.750  (0.750-0.750)
  server CPU s, for sower          2.00  (2.00-2.00)
  server CPU s, for other          2.00  (2.00-2.00)
  other programs, % of all CPU     12.5  (12.5-12.5)
  sower peak MB                     150  (150-150)      at most 150: met
  note: one
`
	if got := r.text(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	r = &Result{Case: "speed", What: "of values"}
	row := r.row("one")
	row.add("ns/cell", 0.25)
	row.add("MB/s", 1234567.8, 1234567.8).atLeast(300)
	r.row("another").add("MB/s", 0.00012)
	want = `speed: of values (0 s, load average 0.0 before)
           ns/cell                             MB/s
  one        0.250  1,234,568 (1,234,568-1,234,568)
  another                                    0.0001
  one: MB/s at least 300: met
`
	if got := r.text(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		want    float64
		samples []float64
	}{{0, nil}, {5, []float64{5}}, {2, []float64{3, 1, 2}}, {2.5, []float64{4, 1, 3, 2}}} {
		if got := median(c.samples); got != c.want {
			t.Errorf("%v: %g, want %g", c.samples, got, c.want)
		}
	}
}

// TestFile: the whole program, on its smallest case.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "results.json")
	var out strings.Builder
	if err := start(t.Context(), []string{"-quick", "-runs", "1", "-case", "prompts", "-out", path}, &out); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Cases) != 1 || r.Cases[0].Rows[0].Figures[0].Name != "ns/prompt" || r.Machine.Cores == 0 || !strings.HasPrefix(r.Versions["sower"], "sower ") {
		t.Errorf("the file holds %s", data)
	}
	if !strings.Contains(out.String(), "prompts: ") {
		t.Errorf("printed %s", out.String())
	}
}

// The program takes the blueprints of the tables: none of their parameters is a flag of its own.
func TestTablesPlan(t *testing.T) {
	files, err := filepath.Glob("tables/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d blueprints, %v", len(files), err)
	}
	for _, file := range files {
		var out, errs bytes.Buffer
		if code := cli.Main([]string{"plan", file, "--number", "5"}, strings.NewReader(""), &out, &errs, nil); code != 0 {
			t.Errorf("%s: exit code %d\n%s", file, code, errs.String())
		}
	}
}

// A script by hand has stages, and the tables that it names are those of its schema.
func TestFloor(t *testing.T) {
	files, err := filepath.Glob("floor/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".sql")
		s, err := (&bench{options: new(options), dir: t.TempDir()}).ofTable(name, 5)
		if name == scenarioName {
			s, err = atSize(func(int64) int64 { return 5 })
		}
		if err != nil {
			t.Fatal(err)
		}
		script := floorOf(s.blueprint.Name)
		if len(stages(script)) < 2 {
			t.Errorf("%s: stages %q", file, stages(script))
		}
		for _, table := range s.plan.Tables {
			if !strings.Contains(script, "{"+table.Name+"}") || !strings.Contains(script, "{"+table.Name+" columns}") {
				t.Errorf("%s does not load %s", file, table.Name)
			}
		}
	}
	got := stages("first\n-- stage\na\n-- session\nb\n-- stage\nc\n")
	if fmt.Sprintf("%q", got) != `[["a\n" "b\n"] ["c\n"]]` {
		t.Errorf("stages %q", got)
	}
}

func TestManyTables(t *testing.T) {
	blueprint, ddl := manyTables(3, 10)
	dir := t.TempDir()
	for name, text := range map[string]string{"many.yaml": blueprint, "many.sql": ddl} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s := &scenario{source: filepath.Join(dir, "many.yaml")}
	if err := s.load(); err != nil || s.rows != 30 || len(s.plan.Tables) != 3 {
		t.Errorf("%d rows in %+v, %v", s.rows, s.plan, err)
	}
}
