package plan_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

var update = flag.Bool("update", false, "write the expected results anew")

// archive is a txtar file of a test: a blueprint in b.yaml with its pools, a schema, and what is wanted.
type archive struct {
	name   string
	parsed *txtar.Archive
	files  fstest.MapFS
	db     *schema.Database
}

// archives reads the txtar files of a folder of testdata.
func archives(t *testing.T, folder string) []archive {
	t.Helper()
	names, err := filepath.Glob("testdata/" + folder + "/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	var out []archive
	for _, name := range names {
		parsed, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := archive{name: name, parsed: parsed, files: fstest.MapFS{}}
		for _, f := range parsed.Files {
			switch f.Name {
			case "want":
			case "schema":
				a.db = parseSchema(t, string(f.Data))
			default:
				a.files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
		}
		out = append(out, a)
	}
	return out
}

// wants compares a result with the archive's section want, or writes it.
func (a *archive) wants(t *testing.T, got string) {
	t.Helper()
	kept := []txtar.File{}
	want := ""
	for _, f := range a.parsed.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		kept = append(kept, f)
	}
	if *update {
		a.parsed.Files = append(kept, txtar.File{Name: "want", Data: []byte(got)})
		if err := os.WriteFile(a.name, txtar.Format(a.parsed), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// build plans a blueprint, b.yaml of files, against a schema, which may be nil.
func build(files fstest.MapFS, db *schema.Database) (*plan.Plan, error) {
	doc, err := blueprint.Open(files, "b.yaml")
	if err != nil {
		return nil, fmt.Errorf("blueprint: %w", err)
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		return nil, fmt.Errorf("blueprint: %w", err)
	}
	return plan.Build(b, db, plan.Options{Seed: 1, Scan: rows.Scan, Prove: rows.Prove})
}

// planText shows a plan: tables in their order, parts, columns with generators, what they read, links,
// and notices.
func planText(p *plan.Plan) string {
	var b strings.Builder
	for i, t := range p.Tables {
		fmt.Fprintf(&b, "%s: %d rows", t.Name, t.Rows)
		if i > 0 && p.Tables[i-1].Unit == t.Unit {
			b.WriteString(", in one unit with the table above")
		}
		if t.Key != nil {
			fmt.Fprintf(&b, ", key %s", t.Key.Name)
		}
		for i, parent := range t.Parents {
			fmt.Fprintf(&b, "%s%s", []string{", after ", " and "}[min(i, 1)], parent.Name)
		}
		if t.Standing {
			b.WriteString(", standing")
		}
		if t.Sequential {
			b.WriteString(", rows in order")
		}
		b.WriteString("\n")
		for _, part := range t.Parts {
			if len(t.Parts) == 1 && part.Name == "" {
				break
			}
			fmt.Fprintf(&b, "  part %s: rows %d to %d", part.Name, part.First, part.First+part.Rows-1)
			if part.Each != nil {
				fmt.Fprintf(&b, ", one for each row of %s", part.Each.Name)
			}
			b.WriteString("\n")
		}
		for _, c := range t.Columns {
			columnText(&b, c)
		}
	}
	for _, n := range p.Notices {
		fmt.Fprintf(&b, "notice: %s\n", n)
	}
	return b.String()
}

func columnText(b *strings.Builder, c *plan.Column) {
	name := c.Name
	written := false
	for _, out := range c.Table.Out {
		written = written || out == c
	}
	if !written {
		name = "(" + name + ")"
	}
	fmt.Fprintf(b, "  %s %s", name, c.Kind)
	if c.Kind == column.Decimal {
		fmt.Fprintf(b, "(%d)", c.Scale)
	}
	if c.Unique {
		b.WriteString(" unique")
	}
	if c.Link != nil {
		fmt.Fprintf(b, " -> %s", c.Link.Target.Name)
	}
	if c.Target != nil {
		fmt.Fprintf(b, " of %s", c.Target.Name)
	}
	for i, n := range c.Nodes {
		if i > 0 && n == c.Nodes[0] {
			continue
		}
		if c.Shared() == nil {
			fmt.Fprintf(b, "\n    %s", c.Table.Parts[i].Name)
		}
		fmt.Fprintf(b, ": %s", n.Fill)
		for k, in := range n.Inputs {
			fmt.Fprintf(b, "%s%s", []string{" <- ", ", "}[min(k, 1)], inputText(in))
		}
	}
	if c.Special() {
		fmt.Fprintf(b, " [%d special rows]", len(c.SpecialRows()))
	}
	b.WriteString("\n")
}

func inputText(in plan.Input) string {
	out := ""
	for _, l := range in.Links {
		out += strings.TrimSuffix(l.Name, " (row)") + "."
	}
	return out + in.Column.Name
}

// parseSchema reads a schema: a line with a table's name, and indented lines below it, each a column
// ("id integer not null", with "default ...", "identity", "sequence ...", "generated" as needed) or a
// constraint ("primary key (a, b)", "unique (a)", with "nulls not distinct" or "where ...", "foreign key
// (a) references t (b)", "only a = text" for the value that a partition takes).
func parseSchema(t reporter, text string) *schema.Database {
	t.Helper()
	db := &schema.Database{Dialect: "postgres", Name: "testdb", Defaults: "public"}
	var table *schema.Table
	for i, line := range strings.Split(text, "\n") {
		fail := func(what string) { t.Fatalf("schema line %d: %s: %s", i+1, what, line) }
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "" || trimmed[0] == '#':
		case line == trimmed:
			table = &schema.Table{Schema: "public", Name: trimmed, CanInsert: true}
			if s, n, ok := strings.Cut(trimmed, "."); ok {
				table.Schema, table.Name = s, n
			}
			db.Tables = append(db.Tables, table)
		case !parseConstraint(table, trimmed):
			name, rest, ok := strings.Cut(trimmed, " ")
			if !ok {
				fail("no type")
			}
			c := &schema.Column{Name: name}
			for _, x := range []struct {
				word string
				set  func(rest string)
			}{
				{" not null", func(string) { c.NotNull = true }},
				{" generated", func(string) { c.Generated = true }},
				{" identity", func(string) { c.Identity = "always" }},
				{" default ", func(s string) { c.Default = s }},
				{" sequence ", func(s string) { c.Sequence = s }},
			} {
				before, after, ok := strings.Cut(rest, x.word)
				if ok && strings.HasSuffix(x.word, " ") {
					value, more, _ := strings.Cut(after, ";")
					x.set(value)
					rest = before + more
				} else if ok {
					x.set("")
					rest = before + after
				}
			}
			if c.Type, ok = parseType(rest); !ok {
				fail("unknown type")
			}
			table.Columns = append(table.Columns, c)
		}
	}
	return db
}

var constraintLine = regexp.MustCompile(`^(primary key|unique nulls not distinct|unique|foreign key) \(([^()]*)\)(?: references ([\w.]+) \(([^()]*)\))?(?: where (.*))?( match full)?$`)

func parseConstraint(t *schema.Table, line string) bool {
	if rest, ok := strings.CutPrefix(line, "only "); ok {
		name, value, _ := strings.Cut(rest, " = ")
		if t.Partition == nil {
			t.Partition = &schema.Partition{Strategy: "list", Only: map[string]string{}}
		}
		t.Partition.Only[name] = value
		return true
	}
	if rest, ok := strings.CutPrefix(line, "unique expression "); ok {
		t.Uniques = append(t.Uniques, &schema.Unique{Name: t.Name + "_expr", Expressions: []string{rest}})
		return true
	}
	m := constraintLine.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	columns := strings.Split(m[2], ", ")
	name := t.Name + "_" + strings.Join(columns, "_")
	switch m[1] {
	case "foreign key":
		s, ref := "public", m[3]
		if a, b, ok := strings.Cut(ref, "."); ok {
			s, ref = a, b
		}
		t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{Name: name + "_fkey", Columns: columns, RefSchema: s, RefTable: ref, RefColumns: strings.Split(m[4], ", "), MatchFull: m[6] != ""})
	case "primary key":
		t.PrimaryKey = &schema.Unique{Name: t.Name + "_pkey", Columns: columns, Primary: true}
		t.Uniques = append(t.Uniques, t.PrimaryKey)
		for _, c := range t.Columns {
			for _, k := range columns {
				c.NotNull = c.NotNull || c.Name == k
			}
		}
	default:
		t.Uniques = append(t.Uniques, &schema.Unique{Name: name + "_key", Columns: columns, Where: m[5], NullsNotDistinct: m[1] != "unique"})
	}
	return true
}

var typeArgs = regexp.MustCompile(`^(\w+)\(([^()]*)\)$`)

func parseType(text string) (schema.Type, bool) {
	name, args := text, []string(nil)
	if m := typeArgs.FindStringSubmatch(text); m != nil {
		name, args = m[1], strings.Split(m[2], ",")
	}
	t := schema.Type{Name: name}
	number := func(i int) int {
		if i >= len(args) {
			return 0
		}
		n, err := strconv.Atoi(args[i])
		if err != nil {
			panic(err)
		}
		return n
	}
	switch name {
	case "smallint":
		t.Kind, t.Width = column.Int, 2
	case "integer":
		t.Kind, t.Width = column.Int, 4
	case "bigint":
		t.Kind, t.Width = column.Int, 8
	case "real":
		t.Kind, t.Width = column.Float, 4
	case "double":
		t.Kind, t.Width = column.Float, 8
	case "numeric":
		t.Kind, t.Precision, t.Scale = column.Decimal, number(0), number(1)
	case "boolean":
		t.Kind = column.Bool
	case "text":
		t.Kind = column.Text
	case "varchar":
		t.Kind, t.Length = column.Text, number(0)
	case "uuid":
		t.Kind = column.UUID
	case "date":
		t.Kind = column.Date
	case "time":
		t.Kind, t.Scale = column.Time, 6
	case "timestamp":
		t.Kind, t.Scale = column.Timestamp, 6
	case "jsonb":
		t.Kind, t.JSONB = column.JSON, true
	case "bytea":
		t.Kind = column.Bytes
	case "inet":
		t.Kind = column.Literal
	case "enum":
		t.Kind, t.Name = column.Literal, "mood"
		for _, a := range args {
			t.Enum = append(t.Enum, strings.TrimSpace(a))
		}
	default:
		return t, false
	}
	return t, true
}
