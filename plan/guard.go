package plan

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
)

// redrawVersion is the version of how rows are drawn again until checks hold: see Origin.
const redrawVersion = 1

// Guard holds checks of a table that no generator keeps by construction: the columns that are drawn take the
// smallest attempt, one for all of a row's, with which no check is false. What it gives depends on the row
// alone, like any cell.
type Guard struct {
	Table   *Table
	Columns []*Column // whose cells hang on the attempt: those drawn, and those made from them that a check reads
	Checks  []*GuardCheck
	drawn   map[*Column]bool
	pos     blueprint.Pos
	listed  []string // as the blueprint names the columns
}

// GuardCheck is one check of a Guard.
type GuardCheck struct {
	Name       string
	Expression string
	Programs   []*check.Program // none of them may be false
	Inputs     [][]*Column      // of each program: what it reads
	parts      []*Part          // whose rows are held to it; nil for all
}

// Judges tells whether a row is held to the check.
func (k *GuardCheck) Judges(row int64) bool {
	return k.parts == nil || slices.ContainsFunc(k.parts, func(p *Part) bool { return row >= p.First && row-p.First < p.Rows })
}

// MostAttempts bounds how often a row is drawn again for a Guard.
const MostAttempts = 1000

// Draws tells whether the column is drawn again.
func (g *Guard) Draws(c *Column) bool { return g.drawn[c] }

// Judges tells whether a row is held against the checks: not one that stood before, nor one whose drawn cells are
// all given.
func (g *Guard) Judges(row int64) bool {
	if g.Table.Adopted[row] {
		return false
	}
	given := true
	for c := range g.drawn {
		given = given && c.FixedCell(row) != nil
	}
	return !given
}

// Names gives the checks' names, for messages.
func (g *Guard) Names() string {
	var out []string
	for _, k := range g.Checks {
		out = append(out, k.Name)
	}
	return strings.Join(out, ", ")
}

// Redraw gives the columns that the blueprint lists, for messages.
func (g *Guard) Redraw() string { return strings.Join(g.listed, ", ") }

// NoDraw is the error of a row for which a check is false at every draw.
type NoDraw struct {
	Guard    *Guard
	Row      int64
	Attempts uint32
	Check    *GuardCheck
}

func (e *NoDraw) Error() string {
	return fmt.Sprintf("%s row %d: no draw of %s out of %d satisfies %s: CHECK (%s)",
		e.Guard.Table.Name, e.Row, e.Guard.Redraw(), e.Attempts, e.Check.Name, e.Check.Expression)
}

// cause names the columns that are drawn, and those that the check reads.
func (e *NoDraw) cause() *blueprint.Cause {
	out := &blueprint.Cause{Kind: blueprint.NoDraw, Columns: slices.Clone(e.Guard.listed)}
	for _, in := range e.Check.Inputs {
		out.Columns = append(out.Columns, Names(in)...)
	}
	return out
}

// Prove is rows.Prove: it makes the rows and tells which of them no attempt satisfies, as an error.
type Prove func(g *Guard, rows []int64) error

// earliest and latest are what now() means to a check that is held here: it must not be false at either, so
// that it does not hang on the time of the load.
var (
	earliest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2035, 12, 31, 0, 0, 0, 0, time.UTC)
)

// guards compiles the checks that the blueprint wants held by drawing again.
func (b *builder) guards(t *Table) {
	if t.Schema == nil || len(t.spec.Checks) == 0 {
		return
	}
	var all []*Guard
	for _, spec := range t.spec.Checks {
		if g := b.guard(t, &spec); g != nil {
			all = append(all, g)
		}
	}
	all = joinGuards(all)
	for _, g := range all {
		for _, c := range g.Columns {
			c.Guard = g
		}
	}
	t.Guards = all
}

// guard compiles one of them.
func (b *builder) guard(t *Table, spec *blueprint.Check) *Guard {
	g := &Guard{Table: t, drawn: map[*Column]bool{}, pos: spec.Pos, listed: spec.Redraw}
	for _, name := range spec.Redraw {
		c := t.byName[name]
		if c == nil || c.state != compiled {
			return nil // reported
		}
		drawn := c.drawnColumns()
		if !slices.ContainsFunc(drawn, (*Column).drawsAgain) {
			b.problemOn(c, spec.Pos, "take it out of redraw", "%s.%s: %s gives the same at every draw, so that drawing it again does not help %s", t.Name, name, c.describe(), spec.Name)
			return nil
		}
		for _, d := range drawn {
			g.drawn[d] = true
		}
	}
	var names []string
	found := false
	for _, k := range heldChecks(t.Schema) {
		names = append(names, k.Name)
		if k.Name != spec.Name {
			continue
		}
		found = true
		gc, err := b.guardCheck(t, k)
		if errors.Is(err, errReported) {
			return nil
		}
		if err != nil {
			b.problemIn(t, spec.Pos, "fill its columns so that it holds, and take it out of checks", "%s: %s: CHECK (%s) cannot be held by drawing again: %v", t.Name, k.Name, k.Expression, err)
			return nil
		}
		for _, p := range t.Parts {
			if slices.Contains(spec.Parts, p.Name) {
				gc.parts = append(gc.parts, p)
			}
		}
		g.Checks = append(g.Checks, gc)
		read := madeFrom(g.inputs())
		if !slices.ContainsFunc(slices.Collect(maps.Keys(g.drawn)), func(c *Column) bool { return read[c] }) {
			b.problemIn(t, spec.Pos, "list columns that it reads", "%s: %s reads nothing that depends on %s: CHECK (%s)",
				t.Name, k.Name, g.Redraw(), k.Expression)
			return nil
		}
	}
	if !found {
		b.problemIn(t, spec.Pos, didYouMean(spec.Name, names), "%s has no check constraint %q", t.Name, spec.Name)
		return nil
	}
	g.close()
	return g
}

// heldChecks gives what rows can be held to by drawing again: the table's checks, and that they stay out of its partial
// uniques.
func heldChecks(s *schema.Table) []*schema.Check {
	out := s.Checks
	for _, u := range s.Uniques {
		if u.Where != "" && !slices.ContainsFunc(s.Checks, func(k *schema.Check) bool { return k.Name == u.Name }) {
			out = append(slices.Clip(out), &schema.Check{Name: u.Name, Expression: "(" + u.Where + ") is not true"})
		}
	}
	return out
}

// guardCheck compiles a check. Where it reads the time it must hold early and late.
func (b *builder) guardCheck(t *Table, k *schema.Check) (*GuardCheck, error) {
	domain := ""
	if k.Domain != "" {
		if len(k.Columns) != 1 {
			return nil, errors.New("the catalog does not say which column it is of")
		}
		domain = k.Columns[0]
	}
	out := &GuardCheck{Name: k.Name, Expression: k.Expression}
	for _, now := range []time.Time{earliest, latest} {
		p, err := check.Compile(t.Schema, k.Expression, domain, check.OptionsOf(b.plan.Database, now))
		if err != nil {
			return nil, err
		}
		var in []*Column
		for _, name := range p.Columns {
			c := t.byName[name]
			if c != nil && c.state != compiled {
				return nil, errReported
			}
			if c == nil {
				return nil, fmt.Errorf("it reads %s, which the plan does not fill", name)
			}
			in = append(in, c)
		}
		out.Programs, out.Inputs = append(out.Programs, p), append(out.Inputs, in)
		if !p.ReadsTime {
			break
		}
	}
	return out, nil
}

// drawnColumns gives what is drawn anew where a column is: itself, its parents' row numbers, and those columns with which
// they are drawn together.
func (c *Column) drawnColumns() []*Column {
	out := []*Column{c}
	add := func(o *Column) {
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	for _, n := range c.Nodes {
		for _, in := range n.Inputs {
			if len(in.Links) > 0 && strings.HasPrefix(in.Links[0].Name, c.Name+" (row") {
				add(in.Links[0])
			}
		}
	}
	for i := 0; i < len(out); i++ {
		for _, n := range out[i].Nodes {
			if n.joint != nil {
				for _, m := range n.joint.members {
					add(m)
				}
			}
		}
	}
	return out
}

// drawsAgain tells whether some of the column's generators give other cells at other attempts.
func (c *Column) drawsAgain() bool {
	return slices.ContainsFunc(c.Nodes, func(n *Node) bool { return n.Fill.Facts().Drawn })
}

// reads gives the table's own columns that a column's cells are made from.
func (c *Column) reads() []*Column {
	var out []*Column
	for _, n := range c.Nodes {
		for _, in := range n.Reads() {
			from := in.Column
			if len(in.Links) > 0 {
				from = in.Links[0]
			}
			if from.Table == c.Table && !slices.Contains(out, from) {
				out = append(out, from)
			}
		}
	}
	return out
}

// madeFrom gives columns and all of their table's that they are made from.
func madeFrom(columns []*Column) map[*Column]bool {
	out := map[*Column]bool{}
	var visit func(c *Column)
	visit = func(c *Column) {
		if !out[c] {
			out[c] = true
			for _, r := range c.reads() {
				visit(r)
			}
		}
	}
	for _, c := range columns {
		visit(c)
	}
	return out
}

// inputs gives what the checks read.
func (g *Guard) inputs() []*Column {
	var out []*Column
	for _, k := range g.Checks {
		for _, in := range k.Inputs {
			out = append(out, in...)
		}
	}
	return out
}

// close settles which columns hang on the attempt: those drawn, and those between them and what the checks
// read.
func (g *Guard) close() {
	g.Columns = nil
	read := madeFrom(g.inputs())
	for _, c := range g.Table.Columns {
		if g.drawn[c] {
			g.Columns = append(g.Columns, c)
			continue
		}
		if !read[c] {
			continue
		}
		for from := range madeFrom([]*Column{c}) {
			if g.drawn[from] {
				g.Columns = append(g.Columns, c)
				break
			}
		}
	}
}

// needs tells whether what g settles hangs on what o settles.
func (g *Guard) needs(o *Guard) bool {
	from := madeFrom(append(slices.Clone(g.Columns), g.inputs()...))
	return slices.ContainsFunc(o.Columns, func(c *Column) bool { return from[c] })
}

// joinGuards makes one of those that settle the same columns, or that need one another.
func joinGuards(all []*Guard) []*Guard {
	for i := 0; i < len(all); i++ {
		for j := i + 1; j < len(all); j++ {
			a, o := all[i], all[j]
			shared := slices.ContainsFunc(a.Columns, func(c *Column) bool { return slices.Contains(o.Columns, c) })
			if !shared && !(reaches(all, a, o) && reaches(all, o, a)) {
				continue
			}
			for c := range o.drawn {
				a.drawn[c] = true
			}
			a.Checks = append(a.Checks, o.Checks...)
			for _, name := range o.listed {
				if !slices.Contains(a.listed, name) {
					a.listed = append(slices.Clone(a.listed), name)
				}
			}
			a.close()
			return joinGuards(slices.Delete(all, j, j+1))
		}
	}
	return all
}

// reaches tells whether what a settles hangs on what o settles, over others too.
func reaches(all []*Guard, a, o *Guard) bool {
	seen := map[*Guard]bool{}
	var visit func(g *Guard) bool
	visit = func(g *Guard) bool {
		if seen[g] {
			return false
		}
		seen[g] = true
		for _, next := range all {
			if next != g && g.needs(next) && (next == o || visit(next)) {
				return true
			}
		}
		return false
	}
	return visit(a)
}

// guardedChecks gives the expressions of the checks that are held by drawing again, by name; nil for none.
func (t *Table) guardedChecks() map[string]string {
	var out map[string]string
	for _, g := range t.Guards {
		for _, k := range g.Checks {
			if out == nil {
				out = map[string]string{}
			}
			out[k.Name] = strings.TrimSpace(out[k.Name] + " " + k.Expression)
		}
	}
	return out
}

// proofRows is how many rows of a table its guards are tried on.
const proofRows = 500

// prove tries the guards of a table on rows spread over it: each part has its first and its last row among them.
func (b *builder) prove(t *Table) {
	if b.plan.options.Prove == nil || len(b.problems) > 0 {
		return
	}
	seen := map[*GuardCheck]bool{} // a guard that needs another fails with it
	for _, g := range t.Guards {
		var rows []int64
		for _, p := range t.Parts {
			n := min(p.Rows, max(2, proofRows/int64(len(t.Parts))))
			for i := range n {
				if n == 1 {
					rows = append(rows, p.First)
				} else {
					rows = append(rows, p.First+i*(p.Rows-1)/(n-1))
				}
			}
		}
		err := b.plan.options.Prove(g, rows)
		if err == nil {
			continue
		}
		cause := about(g.listed)
		if no := (*NoDraw)(nil); errors.As(err, &no) {
			if seen[no.Check] {
				continue
			}
			seen[no.Check] = true
			cause = no.cause()
		}
		const advice = "list further columns of the check under redraw, or give them generators that come closer to it"
		b.problemIn(t, g.pos, advice, "%v", err).Cause = cause
	}
}
