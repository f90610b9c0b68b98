package infer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sqlexpr"
)

// What a rehearsal takes at most.
const (
	rehearsedRows   = 20     // of a table with triggers
	rehearsedOthers = 200    // of a table that a trigger's text names
	rehearsedAll    = 20_000 // of all tables
	mostTrials      = 60     // of other choices for one table; those of several tables are tried side by side
)

// trial is what has been learnt of a table's triggers: rows are tried, and choices give way to others of which more are
// taken.
type trial struct {
	refused int // rows, with the best choices so far
	of      int
	why     error
	met     map[string]bool // refusals that were seen, without their values
	ways    []way           // that are left to try
	tried   int
	done    bool
	pending *way
	before  []*fill // of the pending way's column
}

// way is another choice for a column.
type way struct {
	column *col
	choice Candidate
}

// rehearse tries rows of the tables that have triggers, in a transaction that is undone, before any row is written.
// Choices give way to others of which more rows are taken, and a table of which none is taken, whatever is chosen, is
// left out. It tells whether the draft was changed and has to be planned again.
func (d *draft) rehearse(ctx context.Context, p *plan.Plan) (again bool, err error) {
	if d.options.Rehearser == nil || d.given != nil {
		return false, nil
	}
	var watched []*table
	for _, t := range d.tables {
		if pt := p.Table(t.name); t.filled() && pt != nil && pt.Rows > 0 && len(pt.Out) > 0 && t.fires() && d.db.HasPlace(t.schema) {
			if _, few := d.awaited(p, t); few {
				watched = append(watched, t)
			}
		}
	}
	if len(watched) == 0 {
		return false, nil
	}
	settled := func(t *table) bool { return t.trial == nil || t.trial.pending == nil }
	if pending := slices.DeleteFunc(slices.Clone(watched), settled); len(pending) > 0 {
		if again, err = d.hear(ctx, p, pending); again || err != nil {
			return again, err
		}
	}
	return d.hear(ctx, p, watched)
}

// hear tries rows of some tables and learns from what they meet with.
func (d *draft) hear(ctx context.Context, p *plan.Plan, watched []*table) (again bool, err error) {
	c, err := d.cast(p, watched)
	if c == nil || err != nil {
		return false, err
	}
	if k, ok := d.options.Rehearser.(sink.Checker); ok && !d.checked {
		var targets []*sink.Target
		for _, r := range c.list {
			targets = append(targets, r.Target)
		}
		if k.Check(ctx, targets) != nil {
			return false, nil // the load will say what is in the way: whose code runs, above all
		}
		d.checked = true
	}
	found, err := d.options.Rehearser.Rehearse(ctx, c.list)
	if err != nil {
		if ctx.Err() != nil {
			return false, err
		}
		d.notice("rows could not be tried against the triggers before the load: %v", err)
		return false, nil
	}
	for i, r := range c.list {
		at := slices.IndexFunc(watched, func(t *table) bool { return t.name == r.Target.Name })
		if at < 0 || d.byTable[watched[at].schema] != watched[at] {
			continue
		}
		changed, err := d.learn(watched[at], found[i], c)
		if err != nil {
			return false, err
		}
		again = again || changed
	}
	return again, nil
}

// fires tells whether an enabled trigger of the table fires when rows are inserted.
func (t *table) fires() bool {
	for _, g := range t.schema.Triggers {
		if !g.Disabled {
			return true
		}
	}
	return false
}

// ensemble are the rows of a rehearsal.
type ensemble struct {
	list []sink.Rehearsed
	need map[*plan.Table]map[int64]bool
}

// cast chooses the rows of a rehearsal: the first ones of the tables that have triggers, those of earlier tables that the
// triggers' texts name, and all that these refer to. nil where they are too many.
func (d *draft) cast(p *plan.Plan, watched []*table) (*ensemble, error) {
	c := &ensemble{need: map[*plan.Table]map[int64]bool{}}
	first := func(t *plan.Table, n int64) {
		if c.need[t] == nil {
			c.need[t] = map[int64]bool{}
		}
		for row := range min(t.Rows, n) {
			c.need[t][row] = true
		}
	}
	for _, t := range watched {
		first(p.Table(t.name), rehearsedRows)
		waits, _ := d.awaited(p, t)
		for _, o := range waits {
			first(o, rehearsedOthers)
			first(p.Table(t.name), rehearsedOthers)
		}
		for _, o := range d.mentioned(t) {
			pt := p.Table(o.name)
			if pt != nil && !pt.Standing && slices.Index(p.Tables, pt) < slices.Index(p.Tables, p.Table(t.name)) {
				first(pt, rehearsedOthers)
			}
		}
	}
	defer d.ownKeys(p)()
	var m rows.Maker
	for i := len(p.Tables) - 1; i >= 0; i-- {
		t := p.Tables[i]
		if t.Standing || len(c.need[t]) == 0 {
			continue
		}
		list := sorted(c.need[t])
		for _, l := range t.Columns {
			if l.Target == nil || l.Target.Standing || l.Target == t {
				continue
			}
			b, err := m.Rows(t, []*plan.Column{l}, list)
			if err != nil {
				return nil, err
			}
			first(l.Target, 0)
			for i, parent := range b.Vecs[0].Ints[:b.N] {
				if !b.Vecs[0].Null(i) {
					c.need[l.Target][parent] = true
				}
			}
		}
	}
	total := 0
	for _, t := range p.Tables {
		if t.Standing || t.Triggered || len(c.need[t]) == 0 || len(t.Out) == 0 || t.Schema == nil {
			continue
		}
		list := sorted(c.need[t])
		if total += len(list); total > rehearsedAll {
			return nil, nil
		}
		b, err := m.Rows(t, t.Out, list)
		if err != nil {
			return nil, err
		}
		target := &sink.Target{Table: t.Schema, Name: t.Name, Columns: plan.Names(t.Out), Kinds: plan.Kinds(t.Out)}
		c.list = append(c.list, sink.Rehearsed{Target: target, Batch: clone(b)})
	}
	return c, nil
}

// ownKeys gives tables that share a sequence keys of their own, as a run reserves them, and behind those of rows that
// stand; and gives what undoes that.
func (d *draft) ownKeys(p *plan.Plan) (undo func()) {
	const behind, behindSmall = 1_000_000_000, 16_000
	was, next := map[*plan.Column]int64{}, map[string]int64{}
	for _, t := range d.db.Tables {
		for _, c := range t.Columns {
			if c.Sequence != "" && d.hasRows(t) {
				next[c.Sequence] = behind
				if c.Type.Width == 2 {
					next[c.Sequence] = behindSmall
				}
			}
		}
	}
	for _, t := range p.Tables {
		for _, c := range t.Reservable() {
			if t.Schema == nil || t.Schema.Column(c.Name).Sequence == "" {
				continue
			}
			sequence := t.Schema.Column(c.Name).Sequence
			was[c] = c.First()
			c.SetFirst(c.First() + next[sequence])
			next[sequence] += t.Rows
		}
	}
	return func() {
		for c, first := range was {
			c.SetFirst(first)
		}
	}
}

func sorted(set map[int64]bool) []int64 {
	out := make([]int64, 0, len(set))
	for row := range set {
		out = append(out, row)
	}
	slices.Sort(out)
	return out
}

// mentioned gives the other tables that the code of a table's triggers names.
func (d *draft) mentioned(t *table) (out []*table) {
	for _, g := range t.schema.Triggers {
		for _, o := range d.tables {
			if o != t && g.Code != nil && g.Code.Names(o.schema.Name) && !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	return out
}

// certain tells whether the rows of a rehearsal say what a load would: the triggers' code is known, and of the tables
// that they name all rows were there.
func (d *draft) certain(t *table, c *ensemble) bool {
	for _, g := range t.schema.Triggers {
		if !g.Disabled && g.Code == nil {
			return false
		}
	}
	return !slices.ContainsFunc(d.mentioned(t), func(o *table) bool { return !o.standing && o.rows > rehearsedOthers })
}

// learn draws a conclusion from what the rows of a table met with.
func (d *draft) learn(t *table, found []error, c *ensemble) (again bool, err error) {
	refused, of := 0, 0
	var why error
	for _, e := range found {
		switch {
		case e == nil:
			of++
		case errors.Is(e, sink.ErrRefused) && !errors.Is(e, sink.ErrParent):
			of++
			if refused++; why == nil {
				why = e
			}
		}
	}
	if t.trial == nil {
		if refused == 0 || of == 0 {
			return false, nil
		}
		t.trial = &trial{refused: refused, of: of, why: why, met: map[string]bool{refusal(why): true}, ways: t.ways()}
	} else if r := t.trial; r.pending != nil {
		switch {
		case of > 0 && refused*r.of < r.refused*of:
			c := r.pending.column
			r.ways = slices.DeleteFunc(r.ways, func(w way) bool { return w.column == c })
			r.refused, r.of, r.why, r.pending = refused, of, cmp.Or(why, r.why), nil
		case of > 0 && refused == of && r.refused == r.of && !r.met[refusal(why)]: // what stood in the way is passed
			r.of, r.refused, r.why, r.pending = of, refused, why, nil
			r.ways = t.ways() // those that were tried before met with the same
		default:
			t.undoWay()
		}
		if why != nil {
			r.met[refusal(why)] = true
		}
	}
	if t.nextWay() {
		return true, nil
	}
	if t.trial.refused < t.trial.of || !d.certain(t, c) || t.trial.done {
		return false, nil
	}
	t.trial.done = true
	u := Unsatisfied{Table: t.name, Columns: t.readByTriggers()}
	u.Why = fmt.Sprintf("of %d rows tried, %d were refused: %v", t.trial.of, t.trial.refused, t.trial.why)
	return true, d.refuse(t, u)
}

// refusal is what tells one refusal from another: what the server says, without values, which stand in quotes or are numbers.
func refusal(why error) string {
	var out strings.Builder
	quote := rune(0)
	for _, r := range why.Error() {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r < '0' || r > '9':
			out.WriteRune(r)
		}
	}
	return out.String()
}

// nextWay takes the next choice on trial; false where there is none, or nothing to be won.
func (t *table) nextWay() bool {
	r := t.trial
	if r.refused == 0 || len(r.ways) == 0 || r.tried == mostTrials {
		return false
	}
	w := r.ways[0]
	r.ways = r.ways[1:]
	r.tried++
	r.pending, r.before = &w, w.column.fills
	w.column.fills = []*fill{{candidates: []Candidate{w.choice}}}
	return true
}

// undoWay takes a choice on trial back.
func (t *table) undoWay() {
	t.trial.pending.column.fills, t.trial.pending = t.trial.before, nil
}

// undoWays takes all choices on trial back, since they do not go with what else holds; false where there are none.
func (d *draft) undoWays() (any bool) {
	for _, t := range d.tables {
		if t.trial != nil && t.trial.pending != nil {
			t.undoWay()
			any = true
		}
	}
	return any
}

// satisfies tells whether rows of the tables with a choice on trial satisfy their checks, as far as is known here.
func (d *draft) satisfies(p *plan.Plan) (bool, error) {
	var m rows.Maker
	for _, t := range d.tables {
		pt := p.Table(t.name)
		if t.trial == nil || t.trial.pending == nil || pt == nil {
			continue
		}
		b, err := m.Rows(pt, pt.Out, sample(pt.Rows, triedHere))
		if err != nil {
			return false, err
		}
		for _, k := range t.tried() {
			if ok, known := t.holds(k, b, nil); known && !ok {
				return false, nil
			}
		}
	}
	return true, nil
}

// readByTriggers gives the columns that the code of a table's triggers reads of its rows; all where none is known.
func (t *table) readByTriggers() (names []string) {
	for _, g := range t.schema.Triggers {
		if g.Code == nil {
			continue
		}
		for _, name := range g.Code.NewColumns {
			if c := t.own(name); c != nil && t.byName[c.Name] != nil && !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	if len(names) > 0 {
		return names
	}
	for _, c := range t.columns {
		if c.schema != nil {
			names = append(names, c.name)
		}
	}
	return names
}

// ways lists other choices for the columns that triggers read, the least sure columns first.
func (t *table) ways() (out []way) {
	var columns []*col
	for _, c := range t.columnsOf(t.readByTriggers()) {
		if c.schema != nil && !c.given && len(uniqueFills(c.fills)) == 1 && !t.wantsUnique(c) {
			columns = append(columns, c)
		}
	}
	slices.SortStableFunc(columns, func(a, b *col) int { return cmp.Compare(a.confidence(), b.confidence()) })
	for _, c := range columns {
		f := c.fills[0]
		seen := []yaml{f.chosen().Generator}
		add := func(k Candidate) {
			if !slices.ContainsFunc(seen, k.Generator.equal) {
				seen = append(seen, k.Generator)
				out = append(out, way{c, k})
			}
		}
		if c.reference == nil {
			for _, g := range c.otherForms() {
				reason := "the triggers of " + t.name + " take it"
				add(Candidate{Generator: g, Reason: reason, Confidence: 0.3, exact: true, fallback: true})
			}
			for _, k := range f.candidates[f.at+1:] {
				add(k)
			}
		}
		if c.nullable() && !t.neverNull(c) {
			reason := "the triggers of " + t.name + " take no other"
			add(Candidate{Generator: null, Reason: reason, Confidence: 0.1, exact: true, fallback: true})
		}
	}
	return out
}

// otherForms are values that a trigger may want of a column: the forms of text that casts and calls read, each of a few
// values, the default.
func (c *col) otherForms() (out []yaml) {
	if len(c.schema.Type.Enum) > 0 {
		for _, v := range c.schema.Type.Enum {
			out = append(out, short("constant", text(v)))
		}
		return out
	}
	if d := c.table.branches[0].domain(c.name); len(c.table.branches) == 1 && d != nil && len(d.In) > 0 {
		for _, v := range d.In {
			out = append(out, short("constant", text(v)))
		}
	}
	if v, ok := sqlexpr.Constant(c.schema.Default); ok && c.kind() == column.Text {
		out = append(out, short("constant", text(v)))
	}
	switch c.kind() {
	case column.Bool:
		out = append(out, short("constant", true), short("constant", false))
	case column.Int, column.Float, column.Decimal:
		out = append(out, short("constant", 0), short("constant", 1), short("constant", -1))
	case column.Text:
		for _, pattern := range []string{
			"[1-9][0-9]{3}", `\{"name": "[a-z]{6}"\}`, "<item><name>[a-z]{6}</name></item>", "20[0-2][0-9]-0[1-9]-1[0-9]",
			"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", `10\.[1-9][0-9]\.[1-9][0-9]\.[1-9]`,
			"[a-z]{6}@example\\.com", "https://example\\.com/[a-z]{6}", "[a-z]{8}", "[A-Z]{8}", "[a-z]{4}\\.[a-z]{4}",
		} {
			out = append(out, short("pattern", pattern))
		}
		out = append(out, short("constant", "true"), short("constant", "{}"), short("constant", ""))
	}
	return out
}
