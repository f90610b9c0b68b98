package infer

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// linear is an equation over sums and differences of columns, solved for one of them: total = plus - minus + rest.
type linear struct {
	total       string
	plus, minus []string
	rest        *big.Rat
	from        *schema.Check
}

// columns are all of the equation's.
func (l *linear) columns() []string { return slices.Concat([]string{l.total}, l.plus, l.minus) }

// expression is what the total is made by.
func (l *linear) expression() string {
	var b strings.Builder
	for i, name := range l.plus {
		if i > 0 {
			b.WriteString(" + ")
		}
		b.WriteString(name)
	}
	for _, name := range l.minus {
		b.WriteString(" - " + name)
	}
	if l.rest.Sign() != 0 {
		b.WriteString(" + " + strings.TrimSuffix(l.rest.FloatString(6), ".000000"))
	}
	return b.String()
}

// linears makes the columns of equations such as net = gross - cash - held: one of them from the others, which are
// bounded so that it stays within its own bounds. It is the one that stands alone for the sum of others, where there is
// one: parts that are drawn add up to any total, while what is left of a total may be too little. It gives the checks
// that hold so in every branch.
func (t *table) linears() map[*schema.Check]bool {
	solved := map[*schema.Check]bool{}
	var all []*linear
	for _, k := range t.schema.Checks {
		if e, err := t.parse(k.Expression); err == nil {
			for _, l := range t.linearsIn(e) {
				l.from = k
				all = append(all, l)
			}
		}
	}
	for len(all) > 0 { // totals before those that are their parts
		i := max(slices.IndexFunc(all, func(l *linear) bool {
			return !slices.ContainsFunc(all, func(o *linear) bool {
				return o != l && (slices.Contains(o.plus, l.total) || slices.Contains(o.minus, l.total))
			})
		}), 0)
		solved[all[i].from] = t.solveFor(all[i])
		all = slices.Delete(all, i, i+1)
	}
	return solved
}

func (t *table) linearsIn(e check.Expr) (out []*linear) {
	switch x := e.(type) {
	case *check.Logic:
		if !x.Or {
			for _, e := range x.List {
				out = append(out, t.linearsIn(e)...)
			}
		}
	case *check.Binary:
		if l := t.linear(x); l != nil {
			out = append(out, l)
		}
	}
	return out
}

// linear reads an equation of three columns or more, each of which it has once; nil where it is none.
func (t *table) linear(x *check.Binary) *linear {
	l := &linear{rest: new(big.Rat)}
	if x.Op != "=" || !l.add(x.L, 1) || !l.add(x.R, -1) { // plus - minus + rest = 0
		return nil
	}
	all := slices.Concat(l.plus, l.minus)
	for i, name := range all {
		c := t.schema.Column(name)
		if !numberColumn(c) || c.Type.Kind == column.Float || t.byName[name] == nil || slices.Contains(all[:i], name) || t.keyed(name) {
			return nil
		}
	}
	if len(all) < 3 {
		return nil
	}
	lone := func(e check.Expr) string {
		if c, ok := e.(*check.ColumnRef); ok {
			return c.Name
		}
		return ""
	}
	written := cmp.Or(lone(x.L), lone(x.R))                                                       // what the check itself tells
	if n, m := len(l.plus), len(l.minus); m == 1 || n != 1 && !slices.Contains(l.plus, written) { // the side with a single column is the total's
		l.plus, l.minus = l.minus, l.plus
		l.rest.Neg(l.rest)
	}
	if len(l.plus) == 0 {
		return nil
	}
	// Of a side with several, the one that holds the most digits.
	total := slices.MaxFunc(l.plus, func(a, b string) int {
		by := cmp.Compare(t.scaleOf(a), t.scaleOf(b))
		switch {
		case by == 0 && a == written:
			return 1
		case by == 0 && b == written:
			return -1
		}
		return by
	})
	for _, name := range all {
		if t.scaleOf(name) > t.scaleOf(total) {
			return nil // the sum would be rounded
		}
	}
	l.total = total
	others := slices.DeleteFunc(slices.Clone(l.plus), func(n string) bool { return n == total })
	l.plus, l.minus = l.minus, others
	l.rest.Neg(l.rest)
	if len(l.plus) == 0 {
		return nil
	}
	return l
}

// add adds an expression to the sums, times sign; false where it is more than a sum of columns and constants.
func (l *linear) add(e check.Expr, sign int) bool {
	switch x := e.(type) {
	case *check.ColumnRef:
		if sign > 0 {
			l.plus = append(l.plus, x.Name)
		} else {
			l.minus = append(l.minus, x.Name)
		}
		return true
	case *check.Cast:
		return !x.Type.Array && slices.Contains([]string{"numeric", "bigint", "integer", "int8", "int4"}, x.Type.Name) && l.add(x.X, sign)
	case *check.Literal:
		r, ok := new(big.Rat).SetString(x.Text)
		if !ok || x.Kind != check.NumberLiteral && x.Kind != check.StringLiteral {
			return false
		}
		l.rest.Add(l.rest, r.Mul(r, big.NewRat(int64(sign), 1)))
		return true
	case *check.Binary:
		switch x.Op {
		case "+":
			return l.add(x.L, sign) && l.add(x.R, sign)
		case "-":
			return l.add(x.L, sign) && l.add(x.R, -sign)
		}
	}
	return false
}

// scaleOf gives the digits behind the point that a column holds.
func (t *table) scaleOf(name string) int {
	c := t.schema.Column(name)
	switch {
	case c.Type.Kind == column.Int:
		return 0
	case c.Type.Precision == 0:
		return math.MaxInt16
	}
	return c.Type.Scale
}

// keyed tells whether a foreign key fills the column.
func (t *table) keyed(name string) bool {
	return slices.ContainsFunc(t.foreignKeys(), func(fk *schema.ForeignKey) bool { return slices.Contains(fk.Columns, name) })
}

// solveFor makes the total of an equation from its other columns, which it bounds; it tells whether it does in every
// branch.
func (t *table) solveFor(l *linear) bool {
	solved := true
	for i := range t.branches {
		b := &t.branches[i]
		if !t.boundParts(b, l) {
			solved = false
			continue
		}
		all, expression := l.columns(), l.expression()
		for _, e := range b.Equal {
			if e.Column == l.total && len(e.Columns) == len(all)-1 && !slices.ContainsFunc(e.Columns, func(n string) bool { return !slices.Contains(all, n) }) {
				expression = e.Expression
			}
		}
		b.Equal = slices.DeleteFunc(slices.Clone(b.Equal), func(e check.Equation) bool {
			return slices.Contains(all, e.Column) && !slices.ContainsFunc(e.Columns, func(n string) bool { return !slices.Contains(all, n) })
		})
		b.Equal = append(b.Equal, check.Equation{Column: l.total, Expression: expression, Columns: slices.Concat(l.plus, l.minus)})
	}
	return solved
}

// wide is how far columns go that are taken away, and those that have to be bounded at all.
var wide = big.NewRat(100, 1)

// boundParts bounds the columns that a total is made from, so that it is within its bounds; false where that is not
// possible.
func (t *table) boundParts(b *branch, l *linear) bool {
	total := b.domain(l.total)
	if total == nil {
		total = &check.Domain{}
	}
	if total.In != nil || total.Multiple != "" || total.Null == check.IsNull {
		return false
	}
	parts := map[string]*check.Domain{}
	lo, hi := map[string]*big.Rat{}, map[string]*big.Rat{} // nil: no end
	for _, name := range slices.Concat(l.plus, l.minus) {
		d := &check.Domain{}
		if have := b.domain(name); have != nil {
			*d = *have
		}
		if d.In != nil || d.Null == check.IsNull {
			return false
		}
		if t.schema.Column(l.total).NotNull || total.Null == check.NotNull {
			d.Null = check.NotNull // or there would be no total
		}
		parts[name], lo[name], hi[name] = d, rational(d.Min), rational(d.Max)
		if lo[name] == nil {
			lo[name] = new(big.Rat)
			if hi[name] != nil && hi[name].Sign() <= 0 {
				lo[name].Sub(hi[name], wide)
			}
		}
	}
	least, most := new(big.Rat).Set(l.rest), new(big.Rat).Set(l.rest) // of the total, as far as minus goes
	for _, name := range l.minus {
		if hi[name] == nil {
			hi[name] = new(big.Rat).Add(lo[name], wide)
		}
		least.Sub(least, hi[name])
		most.Sub(most, lo[name])
	}
	for _, name := range l.plus {
		least.Add(least, lo[name])
		most.Add(most, lo[name])
	}
	// The first part that can makes up for what the total needs at least.
	if want := rational(total.Min); want != nil {
		missing := new(big.Rat).Sub(want, least)
		open := total.Min.Open && missing.Sign() == 0 && !slices.ContainsFunc(l.plus, func(n string) bool { return parts[n].Min != nil && parts[n].Min.Open })
		if missing.Sign() > 0 || open {
			i := slices.IndexFunc(l.plus, func(n string) bool { return hi[n] == nil || new(big.Rat).Add(lo[n], missing).Cmp(hi[n]) < 0 })
			if i < 0 {
				return false
			}
			n := l.plus[i]
			lo[n].Add(lo[n], missing)
			most.Add(most, missing)
			parts[n].Min = &check.Bound{Value: t.numeral(n, lo[n], true), Open: total.Min.Open || parts[n].Min != nil && parts[n].Min.Open && missing.Sign() == 0}
		}
	}
	// What the total may have above that is shared out among the parts.
	limit := rational(total.Max)
	if c := t.schema.Column(l.total); limit == nil && (c.Type.Kind == column.Int && c.Type.Width == 2 || c.Type.Precision > 0 && c.Type.Precision-c.Type.Scale < 6) {
		limit = big.NewRat(math.MaxInt16, 1)
		if c.Type.Kind == column.Decimal {
			limit.SetInt(new(big.Int).Sub(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Type.Precision-c.Type.Scale)), nil), big.NewInt(1)))
		}
	}
	if limit != nil {
		room := new(big.Rat).Sub(limit, most)
		if room.Sign() < 0 {
			return false
		}
		room.Quo(room, big.NewRat(int64(len(l.plus)), 1))
		for _, n := range l.plus {
			if top := new(big.Rat).Add(lo[n], room); hi[n] == nil || hi[n].Cmp(top) > 0 {
				parts[n].Max = &check.Bound{Value: t.numeral(n, top, false), Open: total.Max != nil && total.Max.Open}
			}
		}
	}
	for _, n := range l.minus {
		if parts[n].Max == nil && total.Min != nil {
			parts[n].Max = &check.Bound{Value: t.numeral(n, hi[n], false)}
		}
	}
	if b.Columns == nil {
		b.Columns = map[string]*check.Domain{}
	}
	for name, d := range parts {
		if d.Min == nil && (total.Min != nil || limit != nil) {
			d.Min = &check.Bound{Value: t.numeral(name, lo[name], true)}
		}
		b.Columns[name] = d
	}
	return true
}

// rational reads a bound; nil where there is none, or none that is a number.
func rational(b *check.Bound) *big.Rat {
	if b == nil {
		return nil
	}
	r, ok := new(big.Rat).SetString(b.Value)
	if !ok {
		return nil
	}
	return r
}

// numeral writes a number as a value of a column, rounded up or down.
func (t *table) numeral(name string, r *big.Rat, up bool) string {
	scale := t.scaleOf(name)
	if scale == math.MaxInt16 {
		scale = 2
	}
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	scaled := new(big.Rat).Mul(r, new(big.Rat).SetInt(ten))
	q, m := new(big.Int).DivMod(scaled.Num(), scaled.Denom(), new(big.Int)) // m is not negative
	if up && m.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return new(big.Rat).SetFrac(q, ten).FloatString(scale)
}
