package plan

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// accepts says which kinds of cells a column of a kind takes, besides its own.
var accepts = map[column.Kind][]column.Kind{
	column.Int:       {},
	column.Float:     {column.Int, column.Decimal},
	column.Decimal:   {column.Int, column.Float},
	column.Timestamp: {},
	column.Text:      {column.UUID, column.JSON, column.Literal},
	column.JSON:      {},
	column.Literal:   {column.Text, column.JSON, column.Int, column.Decimal, column.Float},
	column.UUID:      {},
}

// fit holds a column's cells against the type of the column in the database.
func (b *builder) fit(c *Column, sc *schema.Column) {
	f := &fitting{builder: b, column: c, schema: sc, where: c.Table.Name + "." + c.Name}
	if sc.NotNull && c.Table.Rows > 0 {
		switch is := c.nullIn(-1, 0); {
		case is.why == "" && is.perhaps:
			b.unsure = append(b.unsure, c)
		case is.why != "" && c.allNull():
			f.no("", "%s is null in every row, and the column is not null", f.where)
			return
		case is.why != "":
			advice := ""
			if c.Link == nil && slices.ContainsFunc(c.Nodes, func(n *Node) bool { return len(n.Inputs) > 0 }) {
				advice = nullAdvice
			}
			f.no(advice, "%s is not null in the database, and the plan gives it nulls: %s", f.where, is.why)
			f.problems[len(f.problems)-1].Cause = about(c.readNames())
			return
		}
	}
	if c.empty() || !f.kind() {
		return
	}
	f.enum()
	f.only()
	for _, n := range c.Nodes {
		if gen.AlwaysNull(n.Fill) {
			continue
		}
		bounds, known := n.known()
		switch {
		case c.Kind == column.Float:
			if r := n.facts().Floats; r != nil {
				f.number(r.Min, r.Max, n)
			}
		case c.Kind == column.Decimal && known:
			unit := math.Pow10(int(c.Scale))
			if !f.holds(bounds.Min, bounds.Max) {
				f.number(float64(bounds.Min)/unit, float64(bounds.Max)/unit, n)
			}
			f.float(bounds.Min, bounds.Max, n)
		case c.Kind == column.Int && known:
			f.integer(bounds.Min, bounds.Max, n)
			f.number(float64(bounds.Min), float64(bounds.Max), n)
			f.float(bounds.Min, bounds.Max, n)
		case c.Kind == column.JSON:
			if values, ok := n.values(c, 0); ok && len(values) == 1 && !json.Valid([]byte(values[0])) {
				f.no("a text in it stands in quotes, as in {constant: '\"text\"'}", "%s has the type %s, and %s is no JSON", f.where, f.schema.Type.Name, values[0])
			}
		case c.Kind == column.UUID:
			f.text(36, n)
		case c.Kind == column.Text:
			f.text(gen.UnionBounds([]gen.Filler{n.Fill}).MaxLen, n)
		}
	}
	f.fixed()
}

// fitting is a column that is held against its type.
type fitting struct {
	*builder
	column   *Column
	schema   *schema.Column
	where    string
	reported bool // one problem of a column is enough
}

func (f *fitting) no(suggestion, format string, args ...any) {
	if !f.reported {
		f.problemOn(f.column, f.column.pos(), suggestion, format, args...)
	}
	f.reported = true
}

func (f *fitting) kind() bool {
	c, want := f.column, f.schema.Type.Kind
	if len(f.schema.Type.Enum) > 0 && c.Kind != column.Text && c.Kind != column.Literal || c.Kind != want && !slices.Contains(accepts[want], c.Kind) {
		f.no("", "%s has the type %s, and its generator (%s) gives %s", f.where, typeName(f.schema.Type), c.describe(), c.Kind)
		return false
	}
	return true
}

// describe says how the column is filled.
func (c *Column) describe() string {
	for _, n := range c.Nodes {
		if !gen.AlwaysNull(n.Fill) {
			return n.Fill.String()
		}
	}
	return c.Nodes[0].Fill.String()
}

// typeName is a type as people write it.
func typeName(t schema.Type) string {
	switch {
	case t.Length > 0:
		return fmt.Sprintf("%s(%d)", t.Name, t.Length)
	case t.Kind == column.Decimal && t.Precision > 0:
		return fmt.Sprintf("%s(%d,%d)", t.Name, t.Precision, t.Scale)
	}
	return t.Name
}

// enum holds the values against an enum's labels.
func (f *fitting) enum() {
	labels := f.schema.Type.Enum
	if len(labels) == 0 {
		return
	}
	for i, n := range f.column.Nodes {
		if gen.AlwaysNull(n.Fill) || f.column.Table.Parts[i].Rows == 0 {
			continue
		}
		values, known := n.values(f.column, i)
		if !known {
			values = n.someValues(f.column.Table.Parts[i])
		}
		for _, v := range values {
			switch {
			case slices.Contains(labels, v):
			case !known:
				f.no("", "%s has the type %s, which takes its labels alone, and its generator (%s) gives others: pick from %s",
					f.where, f.schema.Type.Name, n.Fill, listed(labels))
			default:
				f.no(didYouMean(v, labels), "%s has the type %s, which has no label %q, only %s", f.where, f.schema.Type.Name, v, listed(labels))
			}
		}
	}
}

// someValues gives values of the node's first rows, where it reads no other cells.
func (n *Node) someValues(p *Part) (out []string) {
	const most = 50
	if len(n.Inputs) > 0 {
		return nil
	}
	v := new(column.Vec)
	v.Reset(n.raw.Kind())
	if n.raw.Fill(v, &gen.Span{Rows: gen.Rows{N: int(min(p.Rows, most))}, Scratch: new(gen.Scratch)}) != nil {
		return nil // it fails when the rows are made
	}
	for i := range v.Len() {
		if !v.Null(i) {
			out = append(out, v.String(i))
		}
	}
	return out
}

// only holds the values against the only one that a partition takes.
func (f *fitting) only() {
	only := onlyValue(f.column.Table.Schema, f.column.Name)
	if only == nil || f.column.Why != "" {
		return
	}
	if values, known := f.column.valuesIn(-1); !known || len(values) != 1 || values[0] != *only {
		f.no(fmt.Sprintf("write {constant: %s}, or leave the column out", *only), "%s: the partition takes rows alone in which it is %s, and its generator is %s", f.where, *only, f.column.describe())
	}
}

func (f *fitting) integer(lo, hi int64, n *Node) {
	w := f.schema.Type.Width
	if f.schema.Type.Kind != column.Int || w <= 0 || w >= 8 {
		return
	}
	limit := int64(1)<<(8*w-1) - 1
	if hi > limit || lo < -limit-1 {
		f.no("", "%s has the type %s, which holds %d to %d, and its values (%s) go from %d to %d", f.where, f.schema.Type.Name, -limit-1, limit, n.Fill, lo, hi)
		if seq, ok := n.raw.(gen.Offsetable); ok {
			if first, one := seq.First(); one && first <= limit && first >= -limit-1 {
				p := &f.problems[len(f.problems)-1]
				p.HasMost, p.Most = true, limit-first+1
				if n.Local && len(f.column.Table.Parts) > 1 {
					p.Part = f.column.Table.Parts[slices.Index(f.column.Nodes, n)].Name
				}
			}
		}
	}
}

// number holds numbers against a numeric's digits before the point.
func (f *fitting) number(lo, hi float64, n *Node) {
	t := f.schema.Type
	if t.Kind != column.Decimal || t.Precision <= 0 {
		return
	}
	if limit := math.Pow10(t.Precision - t.Scale); hi >= limit || lo <= -limit {
		f.no("", "%s has the type %s, which holds less than %.0f, and its values (%s) go from %v to %v", f.where, typeName(t), limit, n.Fill, lo, hi)
		return
	}
	if f.column.Kind == column.Decimal && int(f.column.Scale) > t.Scale {
		f.no("", "%s has the type %s, and its values (%s) have %d digits behind the point", f.where, typeName(t), n.Fill, f.column.Scale)
	}
}

// holds tells whether the column's type surely holds decimals in these bounds (unscaled): a float64 has too few digits to
// say so near the limit.
func (f *fitting) holds(lo, hi int64) bool {
	t := f.schema.Type
	digits := t.Precision - t.Scale + int(f.column.Scale)
	if t.Kind != column.Decimal || t.Precision <= 0 || int(f.column.Scale) > t.Scale || digits < 0 {
		return false
	}
	limit := int64(1)
	for range min(digits, 18) {
		limit *= 10
	}
	return digits > 18 || lo > -limit && hi < limit
}

// float holds integers and decimals (unscaled) against what a float gives back as it was written: all integers that
// its mantissa holds, and decimals of FLT_DIG and DBL_DIG digits.
func (f *fitting) float(lo, hi int64, n *Node) {
	if t := f.schema.Type; t.Kind == column.Float && inexact(lo, hi, f.column.Kind, t) {
		f.no("a float generator rounds as the column does", "%s has the type %s, which is exact for %s, and its values (%s) have more", f.where, t.Name, exactFor(t), n.Fill)
	}
}

// exact gives how far integers, and of how many digits decimals, are what a float gives back.
func exact(t schema.Type) (whole int64, digits int) {
	if t.Single() {
		return 1 << 24, 6
	}
	return 1 << 53, 15
}

func exactFor(t schema.Type) string {
	whole, digits := exact(t)
	return fmt.Sprintf("integers up to %d and decimals of %d digits", whole, digits)
}

// inexact tells whether a float does not give back some of the cells of this kind between two (unscaled).
func inexact(lo, hi int64, k column.Kind, t schema.Type) bool {
	limit, digits := exact(t)
	if k == column.Decimal {
		limit = int64(math.Pow10(digits)) - 1
	}
	return hi > limit || lo < -limit
}

// text holds the longest text, of as many characters, against a length.
func (f *fitting) text(longest int, n *Node) {
	t := f.schema.Type
	if t.Kind == column.Text && t.Length > 0 && longest > t.Length {
		f.no("", "%s holds at most %d characters, and its values (%s) have up to %d", f.where, t.Length, n.Fill, longest)
	}
}

// fixed holds the cells of fixed rows.
func (f *fitting) fixed() {
	c, t := f.column, f.schema.Type
	for i, row := range c.Table.spec.Fixed {
		cell := c.FixedCell(int64(i))
		if cell == nil || cell.Null(0) || f.reported {
			continue
		}
		at := row.Pos
		for _, x := range row.Cells {
			if x.Column == c.Name {
				at = x.Pos
			}
		}
		limit := int64(math.MaxInt64)
		if t.Kind == column.Int && t.Width > 0 && t.Width < 8 {
			limit = int64(1)<<(8*t.Width-1) - 1
		}
		text := cell.String(0)
		switch {
		case t.Kind == column.Text && t.Length > 0 && utf8.RuneCountInString(text) > t.Length:
			f.problemOn(c, at, "", "%s: fixed row %s: %q has %d characters, and the column holds %d", f.where, row.Name, text, utf8.RuneCountInString(text), t.Length)
		case c.Kind == column.Int && (cell.Ints[0] > limit || cell.Ints[0] < -limit-1):
			f.problemOn(c, at, "", "%s: fixed row %s: %s is no %s, which holds %d to %d", f.where, row.Name, text, t.Name, -limit-1, limit)
		case len(t.Enum) > 0 && !slices.Contains(t.Enum, text):
			f.problemOn(c, at, didYouMean(text, t.Enum), "%s: fixed row %s: %s has no label %q, only %s", f.where, row.Name, t.Name, text, listed(t.Enum))
		case c.Kind == column.JSON && !json.Valid([]byte(text)):
			f.problemOn(c, at, "", "%s: fixed row %s: %s is no JSON", f.where, row.Name, text)
		case t.Kind == column.Decimal && t.Precision > 0 && overflows(c, cell, t):
			f.problemOn(c, at, "", "%s: fixed row %s: %s is no %s", f.where, row.Name, text, typeName(t))
		case t.Kind == column.Float && (c.Kind == column.Int || c.Kind == column.Decimal) && inexact(cell.Ints[0], cell.Ints[0], c.Kind, t):
			f.problemOn(c, at, "", "%s: fixed row %s: %s has more digits than %s, which is exact for %s", f.where, row.Name, text, t.Name, exactFor(t))
		}
	}
}

func overflows(c *Column, cell *column.Vec, t schema.Type) bool {
	x := 0.0
	switch c.Kind {
	case column.Decimal:
		x = float64(cell.Ints[0]) / math.Pow10(int(c.Scale))
	case column.Int:
		x = float64(cell.Ints[0])
	case column.Float:
		x = cell.Floats[0]
	}
	return math.Abs(x) >= math.Pow10(t.Precision-t.Scale)
}

// ranges proves that no moment has to follow one that lies after the end of its range.
func (b *builder) ranges(t *Table) {
	for _, c := range t.Columns {
		var seen *Node
		for i, n := range c.Nodes {
			if n == seen || t.Parts[i].Rows == 0 || c.state != compiled {
				continue
			}
			seen = n
			f, ok := n.raw.(gen.Ranged)
			if !ok {
				continue
			}
			text := func(x int64) string {
				if f.Kind() == column.Date {
					return string(column.AppendDate(nil, x))
				}
				return string(column.AppendTimestamp(nil, x)) + " UTC"
			}
			for i, in := range n.Inputs {
				latest, where, ok := in.latest()
				if !ok || !f.Follows(i) {
					continue
				}
				if latest = asKind(latest, in.Column.Kind, f.Kind()); latest > f.Last() {
					p := b.problemOn(c, c.pos(), "let its range end later, or that of the other begin and end earlier",
						"%s.%s must not be before %s, which may be %s%s, and its range ends at %s",
						t.Name, c.Name, in.path, text(latest), where, text(f.Last()))
					p.Cause = about(n.readNames())
				}
			}
		}
	}
}

// asKind gives a moment or a day as the other kind: as a day, the first one that is not before the moment.
func asKind(x int64, from, to column.Kind) int64 {
	const day = 24 * 3600 * 1_000_000
	switch {
	case column.Infinite(x):
		return x
	case from == column.Timestamp && to == column.Date:
		return (x + day - 1) / day
	case from == column.Date && to == column.Timestamp:
		return x * day
	}
	return x
}

// latest gives the latest moment or day that an input may have, where that is known: it is one of a range,
// or of a fixed row.
func (in *Input) latest() (at int64, where string, ok bool) {
	c := in.Column
	for i, n := range c.Nodes {
		if n == nil || n.raw == nil || c.Table.Parts[i].Rows == 0 {
			continue
		}
		_, ranged := n.raw.(gen.Ranged)
		if _, standing := n.Fill.(*standingCells); (ranged || standing) && (c.Kind == column.Timestamp || c.Kind == column.Date) {
			if b := gen.UnionBounds([]gen.Filler{n.raw}); !ok || b.Max > at {
				at, ok = b.Max, true
			}
		}
	}
	for i, f := range c.Table.spec.Fixed {
		if cell := c.FixedCell(int64(i)); cell != nil && !cell.Null(0) && (c.Kind == column.Timestamp || c.Kind == column.Date) && (!ok || cell.Ints[0] > at) {
			at, where, ok = cell.Ints[0], " (fixed row "+f.Name+")", true
		}
	}
	return at, where, ok
}

// onlyValue gives the only value of a column that the bound of a partition takes; nil where it takes more.
func onlyValue(t *schema.Table, name string) *string {
	if t.Partition == nil {
		return nil
	}
	if v, ok := t.Partition.Only[name]; ok {
		return &v
	}
	return nil
}
