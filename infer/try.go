package infer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sqlexpr"
)

// Rows that are tried: of checks that are evaluated here, and of those that the server is asked.
const (
	triedHere   = 200
	triedThere  = 2000
	mostFailing = 3 // failing checks of a table that are acted on at once
)

// guard settles which checks are held by drawing again: those that are not true by construction, and that can be
// evaluated without the database.
func (d *draft) guard() {
	for _, t := range d.tables {
		t.guards = nil
		if !t.filled() {
			continue
		}
		for _, k := range t.schema.Checks {
			if t.trusts(k) || t.follows(k) {
				continue
			}
			if _, err := d.compile(t, k); err != nil {
				continue // only the server can tell
			}
			redraw := t.redrawn(k.Columns)
			if len(redraw) == 0 {
				continue
			}
			if i := slices.IndexFunc(t.guards, func(g guard) bool { return g.check == k.Name }); i >= 0 { // a domain's, of several columns
				t.guards[i].redraw = append(t.guards[i].redraw, redraw...)
				continue
			}
			t.guards = append(t.guards, guard{check: k.Name, redraw: redraw})
		}
		t.guardOutside()
	}
}

// redrawn gives the columns that are drawn again for a condition over some.
func (t *table) redrawn(columns []string) []string {
	redraw := redrawable(t.columnsOf(columns))
	if len(redraw) == 0 {
		redraw = redrawable(t.leaders(columns))
	}
	free := func(taken func(*col) bool) []string { // what is distinct has few other values to take
		return slices.DeleteFunc(slices.Clone(redraw), func(n string) bool { return taken(t.byName[n]) })
	}
	if f := free(t.wantsUnique); len(f) > 0 {
		redraw = f
	}
	if f := free(t.inUnique); len(f) > 0 && len(f) < len(redraw) && !t.unspared {
		redraw, t.spared = f, true
	}
	return redraw
}

// follows tells whether a domain's check holds since the column takes its cells from a column of that domain.
func (t *table) follows(k *schema.Check) bool {
	if k.Domain == "" || len(k.Columns) != 1 {
		return false
	}
	c := t.byName[k.Columns[0]]
	if c == nil || c.reference == nil {
		return false
	}
	at := slices.Index(c.reference.key.Columns, c.name)
	if at < 0 {
		return false
	}
	from := c.reference.parent.schema.Column(c.reference.key.RefColumns[at])
	return from != nil && slices.ContainsFunc(from.Type.Checks, func(o *schema.Check) bool { return o.Domain == k.Domain && o.Expression == k.Expression })
}

// trusts tells whether a check holds by construction: no branch leaves it over, and its columns are filled by
// generators that were made for what it asks.
func (t *table) trusts(k *schema.Check) bool {
	for i := range t.branches {
		b := &t.branches[i]
		if slices.ContainsFunc(b.Rest, func(r *check.Check) bool { return r.Name == k.Name }) {
			return false
		}
		for _, r := range b.Between {
			if slices.Contains(k.Columns, r.Left) && slices.Contains(k.Columns, r.Right) {
				if r.Op == "<>" && r.Offset == "" && t.keptApart(r.Left, r.Right) {
					continue
				}
				left, right := t.byName[r.Left], t.byName[r.Right]
				switch {
				case left == nil || right == nil:
					return false
				case right.after == left && (r.Offset == "" || right.spans), left.after == right && left.spans:
				default:
					return false
				}
			}
		}
	}
	for _, c := range t.columnsOf(k.Columns) {
		if t.leavesOut(c) {
			return false
		}
		for i, f := range c.fills {
			if !f.chosen().exact {
				return false
			}
			if c.reference != nil && len(t.branches) == len(c.fills) && restricts(t.branches[i].domain(c.name)) || c.reference != nil && len(c.fills) == 1 && restricts(t.branches[0].domain(c.name)) {
				return false
			}
		}
	}
	return true
}

// leavesOut tells whether checks take single values out of those that a column may have, which generators do not know
// where the others are not listed.
func (t *table) leavesOut(c *col) bool {
	return slices.ContainsFunc(t.branches, func(b branch) bool {
		d := b.domain(c.name)
		return d != nil && len(d.NotIn) > 0 && legal(c.schema, d) == nil
	})
}

// restricts tells whether a domain asks for more than that the column is null or not.
func restricts(d *check.Domain) bool {
	if d == nil {
		return false
	}
	free := *d
	free.Null = check.Either
	return !equalDomains(&free, &check.Domain{})
}

// leaders gives the columns whose rows the others' cells are copied from, in keys of several columns.
func (t *table) leaders(names []string) (out []*col) {
	for _, c := range t.columnsOf(names) {
		if c.reference == nil || c.reference.leader == c.name {
			continue
		}
		if l := t.byName[c.reference.leader]; l != nil && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

func redrawable(columns []*col) (names []string) {
	for _, c := range columns {
		if !c.given && c.redrawable() {
			names = append(names, c.name)
		}
	}
	return names
}

// redrawable tells whether drawing the column again gives another value.
func (c *col) redrawable() bool {
	for _, f := range c.fills {
		if g := f.chosen().Generator; !c.table.draft.steady(g) {
			return g.arg("first").str() != "self"
		}
	}
	return false
}

// try makes sample rows and holds them against every check; it tells whether the draft was changed and has to
// be tried again.
func (d *draft) try(ctx context.Context, p *plan.Plan) (again bool, err error) {
	var m rows.Maker
	for _, t := range slices.Clone(d.tables) {
		pt := p.Table(t.name)
		if d.byTable[t.schema] != t || !t.filled() || pt == nil || pt.Rows == 0 || len(pt.Out) == 0 || len(t.tried()) == 0 && len(t.schema.Uniques) == 0 {
			continue
		}
		changed, err := d.tryTable(ctx, &m, t, pt)
		if err != nil {
			return false, err
		}
		again = again || changed
		if changed {
			if err := d.mended(t, "a sample of its rows does not satisfy its checks"); err != nil {
				return false, err
			}
		}
	}
	return again, nil
}

func (d *draft) tryTable(ctx context.Context, m *rows.Maker, t *table, pt *plan.Table) (again bool, err error) {
	list := sample(pt.Rows, triedHere)
	here, err := m.Rows(pt, pt.Out, list)
	if err != nil {
		return false, err
	}
	b := clone(here)
	var there *column.Batch
	failing := 0
	acted := map[string]bool{} // columns of failing checks that were acted on
	for _, k := range t.tried() {
		why := "no generator that is known for its columns satisfies it"
		bad := make([]bool, b.N)
		_, known := t.holds(k, b, bad)
		ok := !anyBut(bad, t.free(k, pt, list))
		if d.db.Dialect == "sqlite" && d.options.Oracle != nil {
			known = false // SQLite's affinities make of a comparison what only it can tell
		}
		if !known && d.options.Oracle != nil {
			if there == nil {
				more, err := m.Rows(pt, pt.Out, sample(pt.Rows, triedThere))
				if err != nil {
					return false, err
				}
				there = clone(more)
			}
			truths, err := d.options.Oracle.Holds(ctx, t.schema, k.Expression, there)
			if err != nil {
				if ctx.Err() != nil {
					return false, err
				}
				why = fmt.Sprintf("the database fails where it evaluates it: %v", err) // for some of these values, as far as can be told
			}
			bad := make([]bool, len(truths))
			for i, truth := range truths {
				bad[i] = truth == sink.False
			}
			ok = err == nil && !anyBut(bad, t.free(k, pt, sample(pt.Rows, triedThere)))
		} else if !known {
			d.notice("%s: the check %s (%s) was not looked at: only the database can tell whether it holds", t.name, k.Name, k.Expression)
			continue
		}
		if ok || slices.ContainsFunc(k.Columns, func(c string) bool { return acted[c] }) {
			continue // what has changed since is tried again
		}
		for _, c := range k.Columns {
			acted[c] = true
		}
		changed, err := d.demoteFor(ctx, t, k, why)
		if err != nil {
			return false, err
		}
		again = again || changed
		if failing++; failing == mostFailing || d.byTable[t.schema] != t {
			return again, nil
		}
	}
	if again || d.options.Oracle == nil {
		return again, nil
	}
	return d.tryUniques(ctx, m, t, pt)
}

// holds evaluates a check over a batch, and notes of which rows it is false in bad, which may be nil; known is
// false where it cannot be told here.
func (t *table) holds(k *schema.Check, b *column.Batch, bad []bool) (ok, known bool) {
	p, err := t.draft.compile(t, k)
	if err != nil {
		return false, false
	}
	var cells []*column.Vec
	for _, name := range p.Columns {
		v := b.Col(name)
		if v == nil {
			return false, false // the database fills it
		}
		cells = append(cells, v)
	}
	e := p.Evaluator()
	ok = true
	for i := range b.N {
		truth, err := e.Eval(cells, i)
		if err != nil {
			return false, false
		}
		ok = ok && truth != check.False
		if bad != nil {
			bad[i] = truth == check.False
		}
	}
	return ok, true
}

// tried gives the conditions that sample rows are held against: the table's checks, and those of its partitions.
func (t *table) tried() []*schema.Check {
	out := slices.Clone(t.schema.Checks)
	for _, k := range t.conditions() {
		switch {
		case strings.HasPrefix(k.Name, outside):
			out = append(out, t.outsideOf(k))
		case strings.HasPrefix(k.Name, partitionsOf):
			if c := t.draft.leavesOf(t.schema).all(); c != "" {
				out = append(out, t.draft.condition(&check.Check{Name: k.Name, Expression: c, Columns: k.Columns}))
			}
		default:
			out = append(out, t.draft.condition(k))
		}
	}
	return out
}

// condition gives a condition as a check, always the same one.
func (d *draft) condition(k *check.Check) *schema.Check {
	if d.conditions == nil {
		d.conditions = map[string]*schema.Check{}
	}
	c := d.conditions[k.Name]
	if c == nil {
		c = &schema.Check{Name: k.Name, Expression: k.Expression, Columns: k.Columns}
		d.conditions[k.Name] = c
	}
	return c
}

// compile compiles a check once.
func (d *draft) compile(t *table, k *schema.Check) (*check.Program, error) {
	if c, ok := d.programs[k]; ok {
		return c.program, c.err
	}
	domain := ""
	if k.Domain != "" && len(k.Columns) > 0 {
		domain = k.Columns[0]
	}
	p, err := check.Compile(t.schema, k.Expression, domain, check.OptionsOf(d.db, lastMoment))
	if d.programs == nil {
		d.programs = map[*schema.Check]compiled{}
	}
	d.programs[k] = compiled{p, err}
	return p, err
}

type compiled struct {
	program *check.Program
	err     error
}

// demoteFor gives the columns of a check other candidates: the least sure of them first.
func (d *draft) demoteFor(ctx context.Context, t *table, k *schema.Check, why string) (bool, error) {
	columns := k.Columns
	if len(columns) == 0 {
		for _, o := range t.schema.Checks {
			if o.Name == k.Name {
				columns, k = o.Columns, o
			}
		}
	}
	var best *col
	for _, c := range t.columnsOf(columns) {
		if !c.exhausted() && (best == nil || c.weaker(best)) {
			best = c
		}
	}
	if best != nil && best.demote() {
		return true, nil
	}
	if strings.HasPrefix(k.Name, outside) && t.letIn(k) || t.unguard(k) {
		return true, nil
	}
	if picked, err := d.pick(ctx, t, columns, k.Name); picked || err != nil {
		return picked, err
	}
	if t.defaults(columns, k.Name) {
		return true, nil
	}
	for _, c := range t.columnsOf(columns) { // a null satisfies most checks
		if c.nullable() && c.reference == nil && !slices.ContainsFunc(c.fills, func(f *fill) bool { return f.chosen().Generator.isNull() }) {
			c.fills = []*fill{{candidates: []Candidate{{Generator: null, Reason: "no other value satisfies " + k.Name, Confidence: 0.1, exact: true, fallback: true}}}}
			c.notBefore, c.follows, c.after = nil, false, nil
			return true, nil
		}
	}
	if t.otherBranch() {
		return true, nil
	}
	return true, d.refuse(t, Unsatisfied{Table: t.name, Constraint: k.Name, Expression: k.Expression, Columns: columns, Why: why})
}

// pick lets a column be picked from values that its checks take, found by trying, once; false where there are none, or
// where the checks read more columns than one.
func (d *draft) pick(ctx context.Context, t *table, columns []string, taken string) (bool, error) {
	if len(columns) != 1 {
		return false, nil
	}
	c := t.byName[columns[0]]
	if c == nil || c.given || c.drawn || c.schema == nil || c.reference != nil {
		return false, nil
	}
	c.drawn = true
	values, err := d.draw(ctx, t, c)
	if err != nil || len(values) == 0 {
		return false, err
	}
	c.settle(Candidate{Generator: short("pick", list(c.scalars(values))), Reason: taken + " takes these", Confidence: 0.4, exact: true, fallback: true}, nil)
	return true, nil
}

// defaults fills columns with their constant defaults, which a check that nothing else satisfies is likely to take; false
// where there are none, or where they are filled so.
func (t *table) defaults(columns []string, name string) (changed bool) {
	for _, c := range t.columnsOf(columns) {
		if c.given || c.schema == nil || c.reference != nil || t.wantsUnique(c) {
			continue
		}
		v, ok := sqlexpr.Constant(c.schema.Default)
		if d := c.schema.Default; d == "true" || d == "false" {
			v, ok = d, true
		}
		if !ok {
			continue
		}
		g := short("constant", text(v))
		switch c.kind() {
		case column.Bool, column.Int, column.Float, column.Decimal:
			g = short("constant", scalar(v))
		}
		if len(c.fills) == 1 && c.fills[0].chosen().Generator.equal(g) {
			continue
		}
		c.fills = []*fill{{candidates: []Candidate{{Generator: g, Reason: "its default: nothing else is known to satisfy " + name, Confidence: 0.3, exact: true, fallback: true}}}}
		c.notBefore, c.follows, c.after, c.nulls, changed = nil, false, nil, 0, true
	}
	return changed
}

// sample gives at most n row numbers, spread over a table.
func sample(rows, n int64) []int64 {
	if rows <= n {
		out := make([]int64, rows)
		for i := range out {
			out[i] = int64(i)
		}
		return out
	}
	var out []int64
	for i := range n {
		out = append(out, i*(rows/n)+i*(rows%n)/n)
	}
	return out
}

// clone copies a batch, which is valid until the maker's next call.
func clone(b *column.Batch) *column.Batch {
	out := &column.Batch{N: b.N, First: b.First, Names: slices.Clone(b.Names)}
	for _, v := range b.Vecs {
		w := new(column.Vec)
		w.ResetAs(v)
		w.AppendVec(v)
		out.Vecs = append(out.Vecs, w)
	}
	return out
}
