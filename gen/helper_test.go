package gen

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// bench is a Host without a plan: tables of a thousand rows, and the cells below as inputs.
type bench struct {
	c      Context
	inputs []string // paths, in the order in which they were asked for
	notes  []string
}

// testCell is a cell that makers may read.
type testCell struct {
	kind   column.Kind
	scale  int32
	unique bool
	bounds Bounds
	cell   func(v *column.Vec, row int64)
}

const year2025 = 1735689600_000000 // 2025-01-01, microseconds

var testCells = map[string]testCell{
	"id":     {kind: column.Int, unique: true, bounds: Bounds{Max: 1e6}, cell: func(v *column.Vec, row int64) { v.AppendInt(row + 1) }},
	"number": {kind: column.Int, cell: func(v *column.Vec, row int64) { v.AppendInt(row*7%23 - 11) }},
	"maybe":  {kind: column.Int, cell: nullEvery(3, func(v *column.Vec, row int64) { v.AppendInt(row) })},
	"ratio":  {kind: column.Float, cell: func(v *column.Vec, row int64) { v.AppendFloat(float64(row%10) / 4) }},
	"price":  {kind: column.Decimal, scale: 2, cell: func(v *column.Vec, row int64) { v.AppendInt(row*37%1000 + 1) }},
	"flag":   {kind: column.Bool, cell: func(v *column.Vec, row int64) { v.AppendBool(row%2 == 0) }},
	"name": {kind: column.Text, unique: true, bounds: Bounds{MaxLen: 12}, cell: func(v *column.Vec, row int64) {
		v.AppendString(fmt.Sprintf("user%d", row))
	}},
	"title": {kind: column.Text, bounds: Bounds{MaxLen: 20}, cell: nullEvery(5, func(v *column.Vec, row int64) {
		v.AppendString([]string{"Grüße", "Tea", "a b", ""}[row%4])
	})},
	"kind":              {kind: column.Text, bounds: Bounds{MaxLen: 5}, cell: func(v *column.Vec, row int64) { v.AppendString([]string{"cat", "dog", "bird"}[row%3]) }},
	"born":              {kind: column.Date, cell: func(v *column.Vec, row int64) { v.AppendInt(20089 + row%300) }},
	"created_at":        {kind: column.Timestamp, cell: func(v *column.Vec, row int64) { v.AppendInt(year2025 + row%300*1_234_567_890) }},
	"done_at":           {kind: column.Timestamp, cell: nullEvery(4, func(v *column.Vec, row int64) { v.AppendInt(year2025 + row%100*7_000_000_000) })},
	"parent.created_at": {kind: column.Timestamp, cell: func(v *column.Vec, row int64) { v.AppendInt(year2025 + row%10*1_000_000) }},
	"bad name":          {kind: column.Text, cell: func(v *column.Vec, row int64) { v.AppendString("no @ddress") }},
	"huge":              {kind: column.Int, cell: func(v *column.Vec, row int64) { v.AppendInt(1<<62 + row) }},
}

func nullEvery(n int64, cell func(v *column.Vec, row int64)) func(*column.Vec, int64) {
	return func(v *column.Vec, row int64) {
		if row%n == n-1 {
			v.AppendNull()
			return
		}
		cell(v, row)
	}
}

const testRows = 1000

// newBench makes a Host for a column of a thousand rows.
func newBench() *bench {
	b := &bench{}
	table := rng.NewKey(1, "things")
	b.c = Context{Table: "things", Column: "x", Key: table.Derive("x"), TableKey: table, Rows: testRows, Host: b}
	return b
}

func (b *bench) Compile(c *Context, g blueprint.Generator) (Filler, error) {
	m := New(g.Name)
	d := blueprint.NewDecoder(nil, Names())
	d.DecodeGenerator(g, m)
	if err := d.Err(); err != nil {
		return nil, err
	}
	f, err := m.Make(c)
	if err != nil {
		return nil, err
	}
	f = Nullable(f, g.Nulls, c.Key)
	if g.When == "" {
		return f, nil
	}
	cond, err := NewCondition(g.When, b)
	return When(f, cond, -1), err
}

var testPools = map[string]*Pool{
	"colors":    NewPool("colors", "Colors", []string{"red", "green", "blue", "yellow", "\"quoted\"", "größer"}),
	"templates": NewPool("templates", "", []string{"{phrases}[, {general}]", "{phrase} and {phrases} in {domain}"}),
}

func (b *bench) Pool(name string) (*Pool, error) {
	if p := testPools[name]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("there is no pool %q", name)
}
func (b *bench) Group(string) ([]*Pool, error) {
	return []*Pool{NewPool("a", "Animals", []string{"cat", "dog", "cow"}), NewPool("b", "Plants", []string{"oak", "fir", "elm"})}, nil
}
func (b *bench) Input(path string) (Input, error) {
	c, ok := testCells[path]
	if !ok {
		return Input{}, fmt.Errorf("there is no cell %q", path)
	}
	b.inputs = append(b.inputs, path)
	return Input{Index: len(b.inputs) - 1, Path: path, Kind: c.kind, Unique: c.unique, Bounds: c.bounds}, nil
}
func (b *bench) TableRows(string) (int64, error) { return 100, nil }
func (b *bench) NamedRow(_, name string) (int64, error) {
	if name == "admin" {
		return 3, nil
	}
	return 0, errors.New("no such row")
}
func (b *bench) Siblings(of string) (*Siblings, error) {
	if of == "scattered" {
		split, err := rng.NewSplit(b.c.Key.Derive("split"), 90, b.c.Rows, 0, 40)
		order := rng.NewPerm(b.c.Key.Derive("order"), uint64(b.c.Rows))
		return &Siblings{Family: split, Order: &order, Most: 40}, err
	}
	split, err := rng.NewSplit(b.c.Key.Derive("split"), 100, b.c.Rows, 2, 20)
	return &Siblings{Family: split, Least: 2, Most: 20}, err
}

// Fold gives the cells themselves for the sums over other rows.
func (b *bench) Fold(spec FoldSpec) (FoldInput, error) {
	in := FoldInput{Among: &Siblings{Most: 5}, Rows: 500, Largest: 5}
	cell := spec.Cell
	if cell == "" {
		cell = "number"
	}
	read, err := b.Input(cell)
	if err == nil && spec.Cell != "" {
		in.Kind, in.Bounds, in.Scale = read.Kind, read.Bounds, testCells[cell].scale
	}
	return in, err
}
func (b *bench) Notice(text string) { b.notes = append(b.notes, text) }

// parse compiles a generator written as in a blueprint.
func (b *bench) parse(text string) (Filler, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	d := blueprint.NewDecoder(nil, Names())
	var g blueprint.Generator
	d.Decode(doc.Content[0], &g)
	if err := d.Err(); err != nil {
		return nil, err
	}
	return b.Compile(&b.c, g)
}

// mustMake compiles a generator for a column of a thousand rows, or of the type.
func mustMake(t testing.TB, text string, typ ...schema.Type) (Filler, *bench) {
	t.Helper()
	b := newBench()
	if len(typ) > 0 {
		b.c.Type = typ[0]
	}
	f, err := b.parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f, b
}

// cells gives the inputs of rows.
func (b *bench) cells(rows Rows) []*column.Vec {
	var out []*column.Vec
	for _, path := range b.inputs {
		c := testCells[path]
		v := new(column.Vec)
		v.Reset(c.kind)
		v.Scale = c.scale
		for i := range rows.N {
			c.cell(v, rows.At(i))
		}
		out = append(out, v)
	}
	return out
}

// fill fills rows into a new vector.
func (b *bench) fill(t testing.TB, f Filler, rows Rows, attempt uint32) *column.Vec {
	t.Helper()
	v := new(column.Vec)
	v.Reset(f.Kind())
	if err := f.Fill(v, &Span{Rows: rows, Attempt: attempt, Inputs: b.cells(rows), Scratch: new(Scratch)}); err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	if v.Len() != rows.N {
		t.Fatalf("%s: %d cells for %d rows", f, v.Len(), rows.N)
	}
	return v
}

// made gives the cells of rows 0 to n-1.
func made(t testing.TB, text string, n int, typ ...schema.Type) *column.Vec {
	t.Helper()
	f, b := mustMake(t, text, typ...)
	return b.fill(t, f, Rows{N: n}, 0)
}

func texts(v *column.Vec) []string {
	out := make([]string, v.Len())
	for i := range out {
		if out[i] = v.String(i); v.Null(i) {
			out[i] = "null"
		}
	}
	return out
}

// wantError checks that a generator is refused with a message.
func wantError(t *testing.T, text, want string, typ ...schema.Type) {
	t.Helper()
	b := newBench()
	if len(typ) > 0 {
		b.c.Type = typ[0]
	}
	_, err := b.parse(text)
	if err == nil || err.Error() != want {
		t.Errorf("%s\n got  %v\n want %s", text, err, want)
	}
}

// wantShare checks that a count lies within five standard deviations of n*p.
func wantShare(t *testing.T, what string, count, n int, p float64) {
	t.Helper()
	mean := float64(n) * p
	if d := float64(count) - mean; d*d > 25*mean*(1-p)+1 {
		t.Errorf("%s: %d of %d, want about %.0f", what, count, n, mean)
	}
}

// distinct counts the different texts.
func distinct(all []string) int {
	all = slices.Clone(all)
	slices.Sort(all)
	return len(slices.Compact(all))
}

// sqlText is a Dialect that shows what it is asked for.
type sqlText struct {
	Dialect // nil: for what no rule here asks
	name    string
}

func (d sqlText) Name() string                           { return d.name }
func (d sqlText) Ident(names ...string) string           { return strings.Join(names, ".") }
func (d sqlText) Text(s string) string                   { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
func (d sqlText) Value(v any) string                     { return scalarText(v) }
func (d sqlText) Cell(v *column.Vec, i int) string       { return "'" + v.String(i) + "'" }
func (d sqlText) Prefix(x string, n int) string          { return fmt.Sprintf("left(%s, %d)", x, n) }
func (d sqlText) Length(x string) string                 { return "length(" + x + ")" }
func (d sqlText) JSONField(x, key string) string         { return x + "->>" + key }
func (d sqlText) JSONArray(x, key string) string         { return x + "->" + key }
func (d sqlText) JSONLength(x string) string             { return "json_length(" + x + ")" }
func (d sqlText) JSONDistinct(x string) string           { return "json_distinct(" + x + ")" }
func (d sqlText) JSONWithin(x string, _ []string) string { return "json_within(" + x + ")" }
func (d sqlText) Greatest(xs ...string) string           { return "greatest(" + strings.Join(xs, ", ") + ")" }
func (d sqlText) AddMicros(x string, us int64) string    { return fmt.Sprintf("%s + %d us", x, us) }
func (d sqlText) Matches(x, pattern string) string       { return x + " ~ '" + pattern + "'" }
func (d sqlText) InKeys(x string) string                 { return x + " = any ($1)" }
