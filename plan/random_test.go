package plan_test

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/schema"
)

// TestRandom plans random blueprints against random schemas: what is planned is true of its rows, and what
// is not has located problems.
func TestRandom(t *testing.T) {
	random(t, 3000)
	planned, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		m := &model{t: t}
		text := m.blueprint()
		var db *schema.Database
		if m.yes("schema") {
			db = parseSchema(fatal{t}, m.schema())
		}
		p, err := build(fstest.MapFS{"b.yaml": {Data: []byte(text)}}, db)
		if err != nil {
			refused++
			located(t, err, text)
			return
		}
		planned++
		defer func() {
			if r := recover(); r != nil {
				t.Fatalf("%v\n%s\n%s", r, text, planText(p))
			}
		}()
		w := newWorld(wordy{t, text + "\n" + planText(p)}, p)
		w.check()
	})
	if t.Logf("%d blueprints were planned, %d refused", planned, refused); planned < refused/8 {
		t.Errorf("%d blueprints were planned and %d refused: the test tells little", planned, refused)
	}
}

// random sets how many cases rapid draws, always the same ones; other ones with -rapid.checks and
// -rapid.seed.
func random(t *testing.T, checks int) {
	t.Helper()
	for name, value := range map[string]string{"checks": fmt.Sprint(checks), "seed": "1", "nofailfile": "true"} {
		f := flag.Lookup("rapid." + name)
		if f == nil || f.Value.String() != f.DefValue {
			continue
		}
		if err := flag.Set(f.Name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { flag.Set(f.Name, f.DefValue) })
	}
}

// fatal makes a *rapid.T do for a testing.TB where only Fatalf is called.
type fatal struct{ *rapid.T }

// wordy shows the blueprint with a failure.
type wordy struct {
	*rapid.T
	text string
}

func (w wordy) Errorf(format string, args ...any) { w.Fatalf(format, args...) }
func (w wordy) Fatalf(format string, args ...any) {
	w.T.Fatalf("%s\n%s", fmt.Sprintf(format, args...), w.text)
}

var place = regexp.MustCompile(`^b\.yaml:\d+:\d+: `)

func located(t *rapid.T, err error, text string) {
	var ps blueprint.Problems
	if !errors.As(err, &ps) {
		t.Fatalf("no problems but %v\n%s", err, text)
	}
	for _, p := range ps {
		if s := p.Error(); !place.MatchString(s) || strings.Contains(s, "rng:") || strings.Contains(s, "%!") || strings.Contains(s, "already") {
			t.Fatalf("%s\n%s", s, text)
		}
	}
}

// model draws a blueprint and a schema for it.
type model struct {
	t      *rapid.T
	tables []*modelTable
}

type modelTable struct {
	name    string
	parts   []string // names; none: a plain row count
	columns []*modelColumn
	lines   []string // of the schema: constraints
}

type modelColumn struct {
	name, typ string
	refers    *modelTable
}

func (m *model) n(label string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(m.t, label) }
func (m *model) yes(label string) bool          { return m.n(label, 0, 2) == 0 }
func (m *model) seldom(label string) bool       { return m.n(label, 0, 7) == 0 }
func (m *model) one(label string, from ...string) string {
	return from[m.n(label, 0, len(from)-1)]
}

func (m *model) blueprint() string {
	var b strings.Builder
	b.WriteString("sower: 1\nname: random\ntables:\n")
	n := m.n("tables", 1, 4)
	for i := range n {
		m.table(&b, i, n)
	}
	return b.String()
}

func (m *model) table(b *strings.Builder, i, of int) {
	tb := &modelTable{name: fmt.Sprintf("t%d", i)}
	before := m.tables
	m.tables = append(m.tables, tb)
	fmt.Fprintf(b, "  %s:\n", tb.name)
	if m.yes("parts") {
		b.WriteString("    parts:\n")
		for k := range m.n("parts", 1, 3) {
			name := fmt.Sprintf("p%d", k)
			if len(before) > 0 && m.yes("each") {
				fmt.Fprintf(b, "      %s: {each: %s}\n", name, before[m.n("each of", 0, len(before)-1)].name)
			} else {
				fmt.Fprintf(b, "      %s: {rows: %d}\n", name, m.n("rows", 0, 9))
			}
			tb.parts = append(tb.parts, name)
		}
	} else {
		fmt.Fprintf(b, "    rows: %d\n", m.n("rows", 0, 30))
	}
	var columns strings.Builder
	for k := range m.n("columns", 1, 6) {
		m.column(&columns, tb, k)
	}
	if i+1 < of && m.seldom("circle") {
		fmt.Fprintf(&columns, "      back: {reference: {table: t%d, column: id}}\n", m.n("back", i+1, of-1))
	}
	if m.seldom("fixed") {
		m.fixed(b, tb)
	}
	if m.yes("unique") && len(tb.columns) > 1 {
		set := []string{tb.columns[m.n("first", 0, len(tb.columns)-1)].name}
		if other := tb.columns[m.n("second", 0, len(tb.columns)-1)].name; other != set[0] {
			set = append(set, other)
		}
		fmt.Fprintf(b, "    unique: [[%s]]\n", strings.Join(set, ", "))
	}
	b.WriteString("    columns:\n" + columns.String())
}

func (m *model) fixed(b *strings.Builder, tb *modelTable) {
	b.WriteString("    fixed:\n")
	for k := range m.n("fixed", 1, 2) {
		var cells []string
		for _, c := range tb.columns {
			value := map[string]string{"integer": fmt.Sprint(m.n("value", 0, 5)), "text": m.one("text", "a", "b", "zzz"), "numeric(6,2)": "2.5", "boolean": "true",
				"date": `"2025-01-03"`, "timestamp": `"2025-01-05 10:00:00"`}[c.typ]
			if value != "" && m.yes("give") {
				cells = append(cells, c.name+": "+value)
			}
		}
		fmt.Fprintf(b, "      row%d: {cells: {%s}}\n", k, strings.Join(cells, ", "))
	}
}

func (m *model) column(b *strings.Builder, tb *modelTable, k int) {
	c := &modelColumn{name: fmt.Sprintf("c%d", k), typ: m.one("type", "integer", "integer", "text", "numeric(6,2)", "boolean", "date", "timestamp", "uuid", "reference", "reference")}
	if k == 0 && m.n("key", 0, 3) > 0 {
		c.name, c.typ = "id", m.one("key type", "integer", "uuid")
		fmt.Fprintf(b, "      id: %s\n", map[string]string{"integer": m.one("key", "sequence", "{integer: {max: 60}, unique: true}"), "uuid": "uuid"}[c.typ])
		tb.columns = append(tb.columns, c)
		return
	}
	if c.typ == "reference" {
		c.refers = m.tables[m.n("refers to", 0, len(m.tables)-1)]
		c.typ = "uuid"
		if len(c.refers.columns) > 0 {
			c.typ = c.refers.columns[0].typ
		} else if c.refers != tb {
			return
		}
	}
	tb.columns = append(tb.columns, c)
	if len(tb.parts) > 0 && m.yes("by part") {
		var cases []string
		for _, p := range tb.parts {
			g := "null"
			if m.n("null part", 0, 3) > 0 {
				g = m.generator(tb, c, p)
			}
			cases = append(cases, p+": "+g)
		}
		fmt.Fprintf(b, "      %s: {part: {%s}%s}\n", c.name, strings.Join(cases, ", "), m.keys(c, false))
		return
	}
	g := m.generator(tb, c, "")
	fmt.Fprintf(b, "      %s: {%s%s}\n", c.name, strings.TrimSuffix(strings.TrimPrefix(g, "{"), "}"), m.keys(c, true))
}

func (m *model) keys(c *modelColumn, nulls bool) string {
	out := ""
	if m.seldom("unique column") {
		out += ", unique: true"
	}
	if nulls && m.seldom("nulls") {
		out += ", nulls: 0.3"
	}
	if m.seldom("virtual") {
		out += ", virtual: true"
	}
	return out
}

// earlier finds a cell of the type, of the same row or of a parent.
func (m *model) earlier(tb *modelTable, c *modelColumn, part string, typ string) string {
	var paths []string
	for _, o := range tb.columns {
		if o != c && o.typ == typ {
			paths = append(paths, o.name)
		}
		if o != c && o.refers != nil {
			for _, p := range o.refers.columns {
				if p.typ == typ {
					paths = append(paths, o.name+"."+p.name)
				}
			}
		}
	}
	if len(m.tables) > 1 && part != "" {
		for _, o := range m.tables[0].columns {
			if o.typ == typ {
				paths = append(paths, part+"."+o.name)
			}
		}
	}
	if len(paths) == 0 {
		return ""
	}
	return m.one("path", paths...)
}

// matching draws cells in which a parent equals the row.
func (m *model) matching(tb *modelTable, c *modelColumn, part string) string {
	var pairs []string
	for range m.n("pairs", 1, 2) {
		if len(c.refers.columns) == 0 {
			break
		}
		on := c.refers.columns[m.n("on", 0, len(c.refers.columns)-1)]
		path := m.earlier(tb, c, part, on.typ)
		if on == c || path == "" || len(pairs) > 0 && strings.HasPrefix(pairs[0], on.name+":") {
			continue
		}
		pairs = append(pairs, on.name+": "+path)
	}
	if len(pairs) == 0 {
		return ""
	}
	return fmt.Sprintf(", matching: {%s}", strings.Join(pairs, ", "))
}

func (m *model) generator(tb *modelTable, c *modelColumn, part string) string {
	if c.refers != nil {
		options := ""
		switch m.n("pick", 0, 5) {
		case 0:
			options = ", pick: zipf"
		case 1:
			options = fmt.Sprintf(", per_parent: {min: %d, max: %d}", m.n("min", 0, 1), m.n("max", 1, 20))
		case 2, 3, 4:
			options = m.matching(tb, c, part)
		}
		if c.refers == tb && m.yes("first") {
			options += ", first: self"
		}
		if c.refers == tb && m.yes("depth") {
			options += fmt.Sprintf(", depth: %d", m.n("deep", 0, 3))
		}
		return fmt.Sprintf("{reference: {table: %s%s}}", c.refers.name, options)
	}
	if m.yes("cell") {
		if path := m.earlier(tb, c, part, c.typ); path != "" {
			return fmt.Sprintf("{cell: %s}", path)
		}
	}
	switch c.typ {
	case "integer":
		return m.one("integer", "{integer: {max: 3}}", "{integer: {min: 2, max: 50}}", "{quota: {shares: {1: 1, 2: 3}}}", "{pick: [5, 3, 4]}", "{sequence: {start: 10}}")
	case "text":
		if path := m.earlier(tb, c, part, "integer"); path != "" && m.yes("template") {
			return fmt.Sprintf("{template: \"%s {%s}\"}", m.one("word", "a", "b"), path)
		}
		if path := m.earlier(tb, c, part, "boolean"); path != "" && m.yes("switch") {
			return fmt.Sprintf("{switch: {on: %s, cases: {true: {constant: yes}}}}", path)
		}
		return m.one("text", "{pick: [a, b, c]}", "{pick: {weights: {a: 1, b: 9}}}", "{constant: a}", "{constant: b}", "{text: {words: 2}}", "{pattern: \"[a-c]{1,2}\"}",
			"{person: {field: email, group: g}}", "{person: {field: full_name, group: g}}", "{quota: {shares: {a: 1, b: 2}}}")
	case "numeric(6,2)":
		return m.one("decimal", "{decimal: {max: 1}}", "{decimal: {min: -5, max: 999, scale: 2}}", "{decimal: {max: 3, scale: 1}}")
	case "boolean":
		return m.one("boolean", "{boolean: 0.5}", "{boolean: 0.9}", "{constant: true}")
	case "date":
		return m.one("date", `{date: {from: "2025-01-01", to: "2025-01-09"}}`, `{date: {from: "2025-02-01", to: "2025-12-31"}}`)
	case "timestamp":
		if path := m.earlier(tb, c, part, "timestamp"); path != "" && m.yes("offset") {
			return fmt.Sprintf("{offset: {from: %s, min: 1s, max: 2h}}", path)
		}
		if path := m.earlier(tb, c, part, "timestamp"); path != "" && m.yes("latest") {
			return fmt.Sprintf("{latest: [%s]}", path)
		}
		return `{timestamp: {from: "2025-01-01", to: "2025-02-01"}}`
	}
	return "{uuid: 4}"
}

// schema gives the text of a schema into which the blueprint might fit.
func (m *model) schema() string {
	has := map[*modelColumn]bool{}
	for _, tb := range m.tables {
		var keys []string
		for _, c := range tb.columns {
			if m.seldom("missing") {
				continue
			}
			has[c] = true
			keys = append(keys, c.name)
			tb.lines = append(tb.lines, fmt.Sprintf("  %s %s%s", c.name, c.typ, m.one("null", "", "", " not null")))
		}
		if m.seldom("more") {
			tb.lines = append(tb.lines, fmt.Sprintf("  more %s not null", m.one("more type", "integer", "smallint", "text", "varchar(5)", "numeric(3,1)", "timestamp", "date", "jsonb", "enum(a, b)")))
		}
		if len(keys) > 0 && m.yes("key") {
			tb.lines = append(tb.lines, fmt.Sprintf("  primary key (%s)", keys[0]))
		}
		if len(keys) > 1 && m.yes("unique") {
			tb.lines = append(tb.lines, fmt.Sprintf("  unique%s (%s, %s)", m.one("nulls", "", "", " nulls not distinct"), keys[len(keys)-2], keys[len(keys)-1]))
		}
	}
	for _, tb := range m.tables {
		for _, c := range tb.columns {
			if !has[c] || c.refers == nil || len(c.refers.columns) == 0 || !has[c.refers.columns[0]] || !m.yes("foreign key") {
				continue
			}
			key := c.refers.columns[0].name
			tb.lines = append(tb.lines, fmt.Sprintf("  foreign key (%s) references %s (%s)", c.name, c.refers.name, key))
			if unique := fmt.Sprintf("  unique (%s)", key); !slices.Contains(c.refers.lines, unique) {
				c.refers.lines = append(c.refers.lines, unique)
			}
		}
	}
	var b strings.Builder
	for _, tb := range m.tables {
		slices.SortStableFunc(tb.lines, func(a, b string) int { return strings.Count(a, "foreign key") - strings.Count(b, "foreign key") })
		fmt.Fprintf(&b, "%s\n%s\n", tb.name, strings.Join(tb.lines, "\n"))
	}
	return b.String()
}
