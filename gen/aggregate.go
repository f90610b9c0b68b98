package gen

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
)

// Aggregate sums up the rows of another table that belong to this one: an order's total, the number of comments, the
// mean rating. The other table's rows are known from their parents: those of a part with each, or of a reference with
// per_parent. Cells that are null do not count. Integers and decimals are exact.
type Aggregate struct {
	Of    string           `yaml:"of" short:"true" required:"true" desc:"the table whose rows are summed up; alone, it gives their number"`
	By    string           `yaml:"by" desc:"its part, or its column that refers with per_parent, by which the rows belong to this one (default: the only one)"`
	Sum   string           `yaml:"sum" desc:"the sum of an expression over the other table's cells, such as price * quantity; 0 where there are no rows"`
	Count string           `yaml:"count" desc:"the number of rows in which an expression is not null"`
	Min   string           `yaml:"min" desc:"the smallest value of an expression"`
	Max   string           `yaml:"max" desc:"the largest value of an expression"`
	Avg   string           `yaml:"avg" desc:"the mean of an expression, rounded to scale"`
	First string           `yaml:"first" desc:"the value of an expression in the first row that has one, in the order of ordinals"`
	Last  string           `yaml:"last" desc:"the value of an expression in the last row that has one"`
	Any   string           `yaml:"any" desc:"whether a condition is true in any row; false where there are none"`
	All   string           `yaml:"all" desc:"whether a condition is true in every row in which it is not null; true where there are none"`
	Where string           `yaml:"where" desc:"a condition over the other table's cells: only rows for which it is true count"`
	Empty *blueprint.Value `yaml:"empty" desc:"the value where no row counts (default: 0 of sum and count, false of any, true of all, else null)"`
	Scale *int             `yaml:"scale" desc:"of a decimal: digits behind the point (default: what the column holds, or else what the cells have; avg: 2)"`
}

// FoldSpec is what an aggregate asks of another table.
type FoldSpec struct {
	Table, By   string
	Cell, Where string // expressions; "" for none
	Scale       int    // of a decimal that the expression computes, at least
}

// FoldInput is what is known of it.
type FoldInput struct {
	Kind    column.Kind // of the expression; Invalid where there is none
	Scale   int32
	Bounds  Bounds // of its cells; zero where unknown
	Sure    bool   // it is null in no row
	Among   *Siblings
	Rows    int64 // of the other table
	Largest int64 // rows of a parent, at most
}

// Folder is a Filler that sums up cells of other rows: Fill gets the sums as its only input.
type Folder interface {
	Filler
	// NewFold gives an empty sum, of one goroutine.
	NewFold() Fold
}

// Fold sums up.
type Fold interface {
	// Add takes the i-th cells; where they do not count (see FoldSpec), the caller leaves them out. cells is nil where
	// the spec has no Cell.
	Add(cells *column.Vec, i int)
	// Append appends the sum and begins anew.
	Append(dst *column.Vec) error
}

// foldOps are the ways to sum up, by their keys.
var foldOps = []string{"sum", "count", "min", "max", "avg", "first", "last", "any", "all"}

// OutputVersion implements Maker.
func (*Aggregate) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Aggregate) Make(c *Context) (Filler, error) {
	f := &aggregate{op: "count"}
	spec := FoldSpec{Table: m.Of, By: m.By, Where: m.Where, Scale: 2}
	n := 0
	for i, text := range []string{m.Sum, m.Count, m.Min, m.Max, m.Avg, m.First, m.Last, m.Any, m.All} {
		if text != "" {
			f.op, spec.Cell = foldOps[i], text
			n++
		}
	}
	if n > 1 {
		return nil, fmt.Errorf("name one of %s", strings.Join(foldOps, ", "))
	}
	if m.Scale != nil {
		if *m.Scale < 0 || *m.Scale > mostScale {
			return nil, fmt.Errorf("scale %d is not between 0 and %d", *m.Scale, mostScale)
		}
		spec.Scale = *m.Scale
	}
	if c.Type.Kind == column.Decimal && c.Type.Precision > 0 {
		spec.Scale = max(spec.Scale, c.Type.Scale)
	}
	var err error
	if f.in, err = c.Host.Fold(spec); err != nil {
		return nil, err
	}
	f.spec = spec
	if err := f.settleKind(c, m.Scale); err != nil {
		return nil, err
	}
	if err := f.settleEmpty(m.Empty); err != nil {
		return nil, err
	}
	f.limit(c)
	return f, nil
}

// settleKind settles the kind of the sums, and their scale.
func (f *aggregate) settleKind(c *Context, scale *int) error {
	cell, held := f.in.Kind, c.Type.Kind
	f.kind = cell
	switch f.op {
	case "count":
		f.kind = column.Int
	case "any", "all":
		if cell != column.Bool {
			return fmt.Errorf("%s wants a condition, and %q gives %s", f.op, f.spec.Cell, aKind(cell))
		}
	case "sum", "avg":
		if !isNumber(cell) {
			return fmt.Errorf("%s wants a number, and %q gives %s", f.op, f.spec.Cell, aKind(cell))
		}
		if f.op == "avg" && cell == column.Int {
			f.kind = column.Decimal
		}
	}
	if isNumber(f.kind) && isNumber(held) {
		f.kind = held
	}
	switch {
	case f.kind == column.Int && (cell == column.Float || cell == column.Decimal) && f.op != "count" && f.op != "avg":
		return fmt.Errorf("%q gives %s where an integer is wanted: round it, with round, floor or ceil", f.spec.Cell, aKind(cell))
	case f.kind != column.Decimal:
	case scale != nil:
		f.scale = int32(*scale)
	case held == column.Decimal && c.Type.Precision > 0:
		f.scale = int32(c.Type.Scale)
	case f.op == "avg" && cell != column.Decimal:
		f.scale = 2
	default:
		f.scale = f.in.Scale
	}
	f.single = c.Type.Single()
	return nil
}

// settleEmpty settles what there is where no row counts.
func (f *aggregate) settleEmpty(given *blueprint.Value) error {
	f.empty.Reset(f.kind)
	f.empty.Scale = f.scale
	switch {
	case given != nil:
		if err := AppendValue(&f.empty, given.V); err != nil {
			return fmt.Errorf("empty: %w", err)
		}
	case f.op == "sum" && f.kind == column.Float:
		f.empty.AppendFloat(0)
	case f.op == "sum" || f.op == "count" || f.op == "any":
		f.empty.AppendInt(0)
	case f.op == "all":
		f.empty.AppendInt(1)
	default:
		f.empty.AppendNull()
	}
	return nil
}

// limit finds what the column holds, and says where the largest sum would be more.
func (f *aggregate) limit(c *Context) {
	const far = 1<<63 - 1
	f.most = far
	switch {
	case f.kind == column.Int && c.Type.Width > 0 && c.Type.Width < 8:
		f.most = 1<<(8*c.Type.Width-1) - 1
	case f.kind == column.Decimal && c.Type.Precision > 0:
		if digits := c.Type.Precision - c.Type.Scale + int(f.scale); digits >= 0 && digits <= mostScale {
			f.most = powers[digits] - 1
		}
	}
	b := f.in.Bounds
	if f.op != "sum" || f.most == far || b.Min >= b.Max || f.in.Kind == column.Float || f.kind == column.Float {
		return
	}
	m := machine{}
	largest := m.rescale(value{i: m.mulInt(max(b.Max, -b.Min), f.in.Largest), scale: f.in.Scale}, f.scale)
	if m.err != nil || largest.i > f.most {
		c.Host.Notice(fmt.Sprintf("%s.%s: a sum over as many as %d rows of %s may be more than the column holds, which stops the run at that row",
			c.Table, c.Column, f.in.Largest, f.spec.Table))
	}
}

// Steady implements Steady.
func (*Aggregate) Steady() bool { return true }

type aggregate struct {
	op     string
	spec   FoldSpec
	in     FoldInput
	kind   column.Kind
	scale  int32
	single bool
	empty  column.Vec // of one cell
	most   int64      // that the column holds
}

func (f *aggregate) Kind() column.Kind { return f.kind }
func (f *aggregate) Facts() Facts {
	facts := Facts{Unbounded: true}
	always := f.op == "count" || f.in.Among.Least > 0 && f.spec.Where == "" && f.in.Sure
	if f.empty.Null(0) && !always {
		facts.Null = MayBeNull
	}
	return facts
}

// Scale implements Scaled.
func (f *aggregate) Scale() int { return int(f.scale) }

func (f *aggregate) Fill(dst *column.Vec, s *Span) error {
	if len(s.Inputs) == 0 {
		return fmt.Errorf("nothing is known of the rows of %s", f.spec.Table)
	}
	dst.Scale = f.scale
	dst.AppendVec(s.Inputs[0])
	return nil
}
func (f *aggregate) String() string {
	out := "number of rows of " + f.spec.Table
	switch {
	case f.spec.Cell == "":
	case f.op == "any" || f.op == "all":
		out = fmt.Sprintf("whether %s in %s row of %s", f.spec.Cell, map[string]string{"any": "any", "all": "every"}[f.op], f.spec.Table)
	default:
		out = fmt.Sprintf("%s of %s over %s", f.op, f.spec.Cell, f.spec.Table)
	}
	if f.spec.Where != "" {
		out += " where " + f.spec.Where
	}
	return fmt.Sprintf("%s, at most %d rows each", out, f.in.Largest)
}

// NewFold implements Folder.
func (f *aggregate) NewFold() Fold {
	s := &sum{of: f}
	s.kept.Reset(f.in.Kind)
	return s
}

// sum is the Fold of an aggregate.
type sum struct {
	of    *aggregate
	m     machine
	n     int64 // cells that count
	total value
	kept  column.Vec // of min, max, first and last: one cell
	flag  bool
}

// Add implements Fold.
func (s *sum) Add(cells *column.Vec, i int) {
	if cells != nil && cells.Null(i) {
		return
	}
	first := s.n == 0
	s.n++
	switch s.of.op {
	case "sum", "avg":
		if cells.Kind == column.Float {
			s.total.f += cells.Floats[i]
			return
		}
		s.total.i = s.m.addInt(s.total.i, cells.Ints[i])
		s.total.scale = cells.Scale
	case "any":
		s.flag = s.flag || cells.Bool(i)
	case "all":
		s.flag = (first || s.flag) && cells.Bool(i)
	case "count":
	default:
		if first || s.of.op == "last" || s.of.op != "first" && s.before(cells, i) == (s.of.op == "min") && !cells.Equal(i, &s.kept, 0) {
			s.kept.ResetAs(cells)
			s.kept.AppendCell(cells, i)
		}
	}
}

// before tells whether a cell is smaller than the one that is kept.
func (s *sum) before(cells *column.Vec, i int) bool {
	x, y := machine{in: []*column.Vec{cells}, i: i}, machine{in: []*column.Vec{&s.kept}}
	return compare(cells.Kind, x.read(0), y.read(0)) < 0
}

// Append implements Fold.
func (s *sum) Append(dst *column.Vec) error {
	f := s.of
	defer func() { s.n, s.total, s.flag, s.m.err = 0, value{}, false, nil }()
	dst.Scale, dst.Single = f.scale, f.single
	if s.n == 0 {
		dst.AppendCell(&f.empty, 0)
		return nil
	}
	switch f.op {
	case "count":
		s.put(dst, column.Int, value{i: s.n})
	case "any", "all":
		dst.AppendBool(s.flag)
	case "sum":
		s.put(dst, f.in.Kind, s.total)
	case "avg":
		s.put(dst, f.in.Kind, s.mean())
	default:
		if isNumber(f.in.Kind) {
			m := machine{in: []*column.Vec{&s.kept}}
			s.put(dst, f.in.Kind, m.read(0))
		} else {
			dst.AppendCell(&s.kept, 0)
		}
	}
	if s.m.err != nil {
		return s.m.err
	}
	if last := dst.Len() - 1; f.counted() && (dst.Ints[last] > f.most || dst.Ints[last] < -f.most) {
		return fmt.Errorf("%s of %d rows is %s, more than the column holds: widen the column, or lower what is summed up", f.op, s.n, dst.String(last))
	}
	return nil
}

// counted tells whether sums are integers or decimals.
func (f *aggregate) counted() bool { return f.kind == column.Int || f.kind == column.Decimal }

// mean gives the mean of the cells: of integers and decimals exact to the scale, halves away from zero.
func (s *sum) mean() value {
	f := s.of
	if f.in.Kind == column.Float {
		return value{f: s.total.f / float64(s.n)}
	}
	if f.kind == column.Float {
		return value{i: s.total.i, scale: s.total.scale}
	}
	x := s.m.mulInt(s.total.i, powers[max(0, f.scale-s.total.scale)])
	by := s.m.mulInt(s.n, powers[max(0, s.total.scale-f.scale)])
	if s.m.err != nil {
		return value{}
	}
	q, r := x/by, magnitude(x%by)
	switch {
	case r < uint64(by)-r:
	case x < 0:
		q--
	default:
		q++
	}
	return value{i: q, scale: f.scale}
}

// put appends a number as the aggregate's kind.
func (s *sum) put(dst *column.Vec, from column.Kind, v value) {
	f := s.of
	switch {
	case f.kind == column.Float && from == column.Float:
		dst.AppendFloat(v.f)
	case f.kind == column.Float:
		x := decimalFloat(v)
		if f.op == "avg" {
			x /= float64(s.n)
		}
		dst.AppendFloat(x)
	case f.kind == column.Decimal && from == column.Float:
		dst.AppendInt(s.m.floatDecimal(v.f, f.scale).i)
	case f.kind == column.Decimal:
		dst.AppendInt(s.m.rescale(v, f.scale).i)
	case from == column.Float: // avg into an integer
		dst.AppendInt(s.m.floatDecimal(v.f, 0).i)
	default:
		dst.AppendInt(s.m.rescale(v, 0).i)
	}
}

// Summed is a Folder whose sums can be said in SQL.
type Summed interface {
	Folder
	// SumSQL is the sum over a group of rows, given the SQL of its cell and condition ("" where it has none); null where
	// it is that of no rows. "" says that this dialect cannot tell.
	SumSQL(d Dialect, cell, where string) string
	// EmptySQL is the sum over no rows.
	EmptySQL(d Dialect) string
}

// EmptySQL implements Summed.
func (f *aggregate) EmptySQL(d Dialect) string {
	if f.empty.Null(0) {
		return "null"
	}
	return d.Cell(&f.empty, 0)
}

// SumSQL implements Summed. Sums of floats depend on the order of the rows, and which of two texts is smaller on the
// database's collation.
func (f *aggregate) SumSQL(d Dialect, cell, where string) string {
	x := cell
	if f.spec.Cell == "" {
		x = "1"
	}
	if where != "" {
		x = "case when " + where + " then " + x + " end"
	}
	postgres := d.Name() == "postgres"
	exact := (f.in.Kind == column.Int || f.in.Kind == column.Decimal) && f.counted()
	switch {
	case f.op == "count":
		return "nullif(count(" + x + "), 0)"
	case f.op == "sum" && exact && (postgres || f.kind == column.Decimal):
		return fmt.Sprintf("round(sum(%s), %d)", x, f.scale)
	case f.op == "sum" && exact:
		return "sum(" + x + ")"
	case f.op == "avg" && exact && postgres:
		return fmt.Sprintf("round(sum(cast(%s as numeric)) / nullif(count(%s), 0), %d)", x, x, f.scale)
	case (f.op == "min" || f.op == "max") && f.kind == f.in.Kind && f.kind != column.Bool && (f.kind.Integer() || f.kind == column.Float):
		return f.op + "(" + x + ")"
	case f.op == "any" && postgres:
		return "bool_or(" + x + ")"
	case f.op == "all" && postgres:
		return "bool_and(" + x + ")"
	case f.op == "any":
		return "max(" + x + ")"
	case f.op == "all":
		return "min(" + x + ")"
	}
	return ""
}
