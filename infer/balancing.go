package infer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/sqlexpr"
)

// sides is how the cells of a row say what it adds: in one column, in one of two, or in one beside a column that says the side.
type sides struct {
	plus, minus string   // columns; minus is "" where plus holds both
	side        string   // "" for none
	values      []string // of the side: those that add, and those that take away
}

// sides reads what the rows add; false where there is another way to it.
func (b *balance) sides(t *table) (f sides, ok bool) {
	switch len(b.terms) {
	case 1:
		a := b.terms[0]
		return sides{plus: a.column}, a.side == "" && (b.total != "" || !a.minus)
	case 2:
	default:
		return f, false
	}
	p, m := b.terms[0], b.terms[1]
	if p.minus {
		p, m = m, p
	}
	if p.minus || !m.minus || b.total != "" {
		return f, false
	}
	if p.side == "" && m.side == "" && p.column != m.column {
		return sides{plus: p.column, minus: m.column}, true
	}
	if p.column != m.column || p.side != m.side || p.side == "" {
		return f, false
	}
	one := func(a, other addend) (string, bool) {
		if !a.other {
			return a.value, true
		}
		for _, v := range t.valuesOf(p.side) {
			if v != a.value {
				return v, v != other.value || other.other
			}
		}
		return "", false
	}
	plus, ok := one(p, m)
	minus, also := one(m, p)
	return sides{plus: p.column, side: p.side, values: []string{plus, minus}}, ok && also && plus != minus
}

// cancels tells whether the cells of a column come to nothing.
func (b *balance) cancels(cell string) bool {
	return len(b.terms) == 1 && b.total == "" && meaning.Cell(b.terms[0].column) == cell
}

// valuesOf gives the only values that a column may have.
func (t *table) valuesOf(name string) []string {
	c := t.own(name)
	if c == nil {
		return nil
	}
	if c.Type.Kind == column.Bool {
		return []string{"true", "false"}
	}
	if len(c.Type.Enum) > 0 {
		return c.Type.Enum
	}
	return t.draft.read(t).Column(c.Name).Values
}

// columns are those that say what a row adds.
func (f sides) columns() (out []string) {
	for _, name := range []string{f.plus, f.minus, f.side} {
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// unite lets one way stand for all to satisfy the checks over what a balance sets by itself, and makes room for the rows that
// each parent has.
func (t *table) unite() {
	if t.balance == nil || len(t.balance.terms) == 0 && t.balance.total == "" {
		if b := t.ledger(); b != nil {
			t.balance = b
		}
	}
	b := t.balance
	if b == nil || t.spec != nil || !t.filled() {
		return
	}
	p, _ := t.parentBy(b.by)
	if p != nil && (!p.filled() || p.spec != nil) || p == nil && !t.pairs(b.by) {
		t.balance = nil
		return
	}
	if f, ok := b.sides(t); ok && (f.minus != "" || f.side != "") && len(t.branches) > 1 {
		t.merged = 1
		t.columns, t.byName = nil, map[string]*col{}
		t.declare()
	}
	least := b.rows()
	switch _, said := t.draft.options.TableRows[t.name]; {
	case p != nil && least > 1 && t.total() < least*p.total():
		t.afford(p, least, b.says)
	case p == nil && t.total()%2 == 1 && !said:
		t.resize(t.total()+1, "its rows are pairs: "+b.says)
	case p == nil && t.total()%2 == 1:
		t.resize(t.total()-1, "its rows are pairs: "+b.says)
	}
}

// pairs tells whether rows of the table can be put together by two by the numbers in a column.
func (t *table) pairs(name string) bool {
	c := t.byName[name]
	return c != nil && t.counts(name) && t.single(name) == nil && !t.inUnique(c) && !t.checked(c)
}

// resize gives a table another number of rows, and says why.
func (t *table) resize(n int64, why string) {
	t.draft.result.Lowered = append(t.draft.result.Lowered, Lowered{Table: t.name, From: t.rows, To: n, Why: why})
	t.rows = n
	t.divide()
}

// rows are as many as each parent has at least: two where one takes what another gives.
func (b *balance) rows() int64 {
	if len(b.terms) > 0 && b.total == "" {
		return max(b.least, 2)
	}
	return b.least
}

// afford gives the table so many rows for each of a parent's; the parent fewer rows where the number of these was said.
func (t *table) afford(p *table, least int64, says string) {
	why := "each row of " + p.name + " has " + itoa(int(least)) + " of them: " + says
	of, to := t, least*p.total()
	if _, said := t.draft.options.TableRows[t.name]; said {
		of, to, why = p, t.total()/least, "each has "+itoa(int(least))+" rows of "+t.name+": "+says
	}
	of.resize(to, why)
}

// balances lets the last row of each parent take what the others leave.
func (t *table) balances() {
	b := t.balance
	if b == nil || t.spec != nil || t.total() == 0 {
		return
	}
	by := t.byName[b.by]
	if f, ok := b.sides(t); ok && by != nil && by.reference == nil && b.total == "" && t.unsettled(f) {
		t.byTwo(by, f, b.says)
	}
	if by == nil || by.reference == nil || meaning.Cell(by.name) != by.name || !t.invert(by, b.rows()) {
		return
	}
	f, ok := b.sides(t)
	if !ok || !aNumber(t.byName[f.plus]) || f.minus != "" && !aNumber(t.byName[f.minus]) || b.total == "" && (t.total() < 2*by.reference.parent.total() || !t.unsettled(f)) {
		return
	}
	p := by.reference.parent
	if b.most {
		t.share(by, f, b)
		return
	}
	if b.total != "" {
		c := p.byName[b.total]
		if c != nil && c.schema != nil && c.reference == nil && !p.wantsUnique(c) {
			g := call("aggregate", "of", t.name, "by", by.name, "sum", quote(meaning.Cell(f.plus)))
			p.meant(c, g, b.says+": it is the sum of its "+t.name)
		}
		return
	}
	t.offsets(by, f, b.says)
}

// offsets writes the columns of rows that come to nothing.
func (t *table) offsets(by *col, f sides, says string) {
	p, amount := by.reference.parent, t.byName[f.plus]
	last := t.virtual("last of "+by.name, short("expression", quote("cell("+quote(t.placeOf(by.name)).String()+") == "+by.name+"."+p.inAll(t, by))), "whether it is the last row of its "+by.name)
	alone := t.virtual(f.plus+" alone", t.magnitude(amount), "what it comes to, but for the last row of its "+by.name)
	given := t.virtual(f.plus+" given", short("expression", quote("cell("+quote(last).String()+") ? 0 : cell("+quote(alone).String()+")")), "the same, without the last row")
	left := p.virtual(strings.Map(plainRune, t.name)+"_to_balance", call("aggregate", "of", t.name, "by", by.name, "sum", quote("cell("+quote(given).String()+")")), "what all but the last row come to")
	turned := p.virtual(strings.Map(plainRune, t.name)+"_turned", short("boolean", 0.5), "whether the last row adds")
	t.byName[given].helps = false // the aggregate reads it
	for _, v := range []string{left, turned} {
		p.byName[v].helps = false
	}
	p.byName[left].fills[0].add(Candidate{Generator: short("constant", 1), Reason: "nothing is known of them", Confidence: 0.1, exact: true})
	value := t.virtual(f.plus+" size", short("expression", quote("cell("+quote(last).String()+") ? "+by.name+"."+left+" : cell("+quote(alone).String()+")")), "how much it is")
	adds := t.virtual(f.plus+" adds", short("expression", quote("cell("+quote(last).String()+") == "+by.name+"."+turned)), "whether it adds, rather than takes away")
	t.sides(f, value, adds, says)
}

// byTwo writes the columns of rows that come to nothing by two.
func (t *table) byTwo(by *col, f sides, says string) {
	if by.given || len(by.fills) == 0 || by.shared() == nil || t.unmeant[by.name] {
		return
	}
	amount, s := t.byName[f.plus], &succession{}
	before := s.previous(t)
	if before == "" {
		return
	}
	row := t.virtual("row's number", call("sequence"), "the number of the row")
	t.meant(by, short("expression", quote("floor((cell("+quote(row).String()+") + 1) / 2)")), says)
	adds := t.virtual("second of "+by.name, short("expression", quote("cell("+quote(row).String()+") % 2 == 0")), "whether it is the second row of its "+by.name)
	alone := t.virtual(f.plus+" alone", t.magnitude(amount), "what the first row of its "+by.name+" comes to")
	value := t.virtual(f.plus+" size", short("expression", quote("cell("+quote(adds).String()+") ? cell("+quote(before+"."+alone).String()+") : cell("+quote(alone).String()+")")), "how much it is")
	t.sides(f, value, adds, says)
}

// unsettled tells whether the columns that say what a row adds are free to say so.
func (t *table) unsettled(f sides) bool {
	return !slices.ContainsFunc(f.columns(), func(n string) bool {
		c := t.byName[n]
		return c == nil || c.given || c.reference != nil || len(c.fills) == 0 || c.shared() == nil || t.inUnique(c) || t.unmeant[n]
	})
}

// sides writes what a row adds: a hidden column says how much, and another one whether it adds.
func (t *table) sides(f sides, value, adds, says string) {
	amount := t.byName[f.plus]
	size, is := "cell("+quote(value).String()+")", "cell("+quote(adds).String()+")"
	nothing := func(name string) string {
		if c := t.byName[name]; c.nullable() && !t.neverNull(c) {
			text, _ := sqlexpr.Constant(c.schema.Default)
			if v, err := strconv.ParseFloat(text, 64); err != nil || v != 0 {
				return "nil"
			}
		}
		return "0"
	}
	switch {
	case f.minus != "":
		t.meant(amount, short("expression", quote(is+" ? "+size+" : "+nothing(f.plus))), says)
		t.meant(t.byName[f.minus], short("expression", quote(is+" ? "+nothing(f.minus)+" : "+size)), says)
	case f.side != "":
		t.meant(amount, short("expression", quote(size)), says)
		t.meant(t.byName[f.side], call("switch", "on", adds, "cases",
			mapping("true", call("constant", "value", f.values[0]), "false", call("constant", "value", f.values[1]))), says)
	default:
		t.meant(amount, short("expression", quote(is+" ? "+size+" : -"+size)), says)
	}
}

// share lets the rows of a parent be parts of what they come to at most.
func (t *table) share(by *col, f sides, b *balance) {
	p, c := by.reference.parent, t.byName[f.plus]
	of := p.byName[b.total]
	if f.minus != "" || f.side != "" || of == nil || of.schema == nil || !of.schema.NotNull || !t.acyclic(p) || !t.unsettled(f) {
		return
	}
	whole := cellOf(by.name, b.total)
	part := t.virtual(f.plus+" share", call("integer", "min", 20, "max", 99), "how many hundredths of its part of "+b.total)
	size := "(" + whole + ") * cell(" + quote(part).String() + ") / " + by.name + "." + p.inAll(t, by)
	if c.kind() == column.Int {
		t.meant(c, short("expression", quote("floor("+size+" / 100)")), b.says)
		return
	}
	t.meant(c, short("expression", quote("round(floor("+size+") * 0.01, "+itoa(max(c.schema.Type.Scale, 2))+")")), b.says)
}

// magnitude makes what a single row comes to: above zero.
func (t *table) magnitude(c *col) yaml {
	if g := c.shared().chosen().Generator; g.is("price") {
		return g
	}
	if c.kind() == column.Int {
		return call("integer", "min", 1, "max", 1000)
	}
	return call("price", "min", 5, "max", 500)
}

// meant puts a generator first that rows of one parent ask for together.
func (t *table) meant(c *col, g yaml, says string) {
	if c == nil || c.given || len(c.fills) == 0 || c.shared() == nil || t.unmeant[c.name] {
		return
	}
	f := c.shared()
	k := Candidate{Generator: g, Reason: says, Confidence: 0.95, exact: true, copies: true, meant: true}
	f.candidates = slices.Insert(f.candidates, f.at, k)
	if c.plain == nil {
		c.plain = &plainly{nulls: c.nulls}
	}
	c.nulls, c.notBefore, c.follows, c.after = 0, nil, false, nil
}
