package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// agree lets the references of a table that match one another's cells have parents in every row. They form
// trees: a reference that matches cells of another one's parent hangs on that one. From the leaves up, rows
// that lack a partner are left out of what is picked, so that a partner is there when it is drawn: the
// full reducer of acyclic joins of Yannakakis ("Algorithms for acyclic database schemes", VLDB 1981).
func (b *builder) agree(t *Table) {
	var all []*match
	for i := range t.Parts {
		for _, link := range t.links() {
			n := link.Nodes[i]
			if n.match == nil || n.match.earlier != nil {
				continue
			}
			if !slices.Contains(all, n.match) {
				all = append(all, n.match)
			}
			b.lead(t, link, i)
		}
	}
	if len(all) == 0 || b.reads != nil {
		return
	}
	for _, x := range all {
		if _, err := x.groups(); errors.Is(err, errCircle) {
			x.node.release()
		}
	}
	seen := map[*Node]bool{}
	for i, p := range t.Parts {
		for _, link := range t.links() {
			if n := link.Nodes[i]; n.match == nil && len(n.needs) > 0 && !seen[n] {
				seen[n] = true
				if n != link.Shared() {
					b.part = p
				}
				b.onlyLive(t, link, n)
				b.part = nil
			}
		}
	}
	for _, x := range all {
		if g, err := x.groups(); err != nil {
			b.problemOn(x.column, x.column.pos(), "", "%s.%s: %v", t.Name, x.column.Name, err)
		} else if len(g.order) == 0 && x.required && t.Rows > 0 && !b.relax(x) && !b.told(x) {
			b.noPartner(x)
		}
	}
}

// release lets no references hang on the node's rows any more: settle looks after them.
func (n *Node) release() {
	for _, need := range n.needs {
		need.of.led = false
		clear(need.of.leaders)
	}
	n.needs = nil
}

// circle stands for a Filler that must not be asked.
type circle struct{}

func (circle) Kind() column.Kind                 { return column.Int }
func (circle) Facts() gen.Facts                  { return gen.Facts{} }
func (circle) String() string                    { return "a circle" }
func (circle) Fill(*column.Vec, *gen.Span) error { return errCircle }

// circles looks again at the references of tables that refer to one another: what matches in the first of
// them may have changed since, with what became of the others.
func (b *builder) circles() {
	if !b.matching || b.reads != nil || len(b.problems) > 0 {
		return
	}
	for _, unit := range b.plan.Units() {
		if len(unit) == 1 {
			continue
		}
		b.plan.revision.Add(1)
		b.plan.remade.Add(1)
		for _, t := range unit {
			b.look(t)
		}
	}
}

// look holds all rows of a table against what its references match.
func (b *builder) look(t *Table) {
	seen := map[*Node]bool{}
	for i := range t.Parts {
		for _, link := range t.links() {
			n := link.Nodes[i]
			if n.match == nil || n.match.earlier != nil || !n.match.required || seen[n] {
				continue
			}
			seen[n] = true
			if err := b.settleLoose(t, link, i, false); err != nil {
				b.problemOn(n.match.column, n.match.column.pos(), "", "%s.%s: %v", t.Name, n.match.column.Name, err)
			}
		}
	}
}

// settle looks at the references whose match no link of the row decides: all of a row's cells are looked
// at, and where they match no parent those are drawn again that can be.
func (b *builder) settle(t *Table) {
	if !b.matching || b.reads != nil {
		return
	}
	seen := map[*Node]bool{}
	for i := range t.Parts {
		for _, link := range t.links() {
			n := link.Nodes[i]
			if n.match == nil || n.match.earlier != nil || !n.match.required || n.match.led && n.match.leaders[i] != nil || seen[n] {
				continue
			}
			seen[n] = true
			if err := b.settleLoose(t, link, i, true); err != nil {
				b.problemOn(n.match.column, n.match.column.pos(), "", "%s.%s: %v", t.Name, n.match.column.Name, err)
			}
		}
	}
}

func (b *builder) settleLoose(t *Table, link *Column, part int, redraw bool) error {
	const mostRows, mostDraws = 1 << 20, 32
	n := link.Nodes[part]
	x := n.match
	first, end := t.Parts[part].First, t.Parts[part].First+t.Parts[part].Rows
	if n == link.Shared() {
		first, end = 0, t.Rows
	}
	if end-first > mostRows {
		b.notice("%s.%s: whether all of its %d rows find a row of %s that matches is not known beforehand", t.Name, x.column.Name, end-first, x.parent.Name)
		return nil
	}
	g, err := x.groups()
	if err != nil {
		return err
	}
	var drawn []*Column
	if redraw {
		drawn = t.redrawable(n, part)
	}
	var lacking []int64
	for attempt := uint32(0); ; attempt++ {
		lacking = lacking[:0]
		h := new(hasher)
		err := b.plan.options.Scan(t, n.Reads(), func(at int64, cells []*column.Vec) error {
			holds, err := n.holding(cells)
			if err != nil {
				return err
			}
			cells = cells[:len(n.Inputs)]
			for i := range cells[0].Len() {
				row := at + int64(i)
				if holds != nil && (holds.Null(i) || holds.Ints[i] == 0) {
					continue
				}
				if null := slices.ContainsFunc(cells, func(v *column.Vec) bool { return v.Null(i) }); !null && row >= first && row < end && len(x.candidates(g, h, cells, i)) == 0 {
					lacking = append(lacking, row)
				}
			}
			return nil
		})
		if err != nil || len(lacking) == 0 || len(drawn) == 0 || attempt == mostDraws {
			if err != nil {
				return err
			}
			break
		}
		for _, row := range lacking {
			for _, c := range drawn {
				c.setAttempt(row, attempt+1)
			}
		}
	}
	if len(lacking) > 0 && !b.relax(x) {
		p := b.problemOn(x.column, x.column.pos(), fmt.Sprintf("raise the rows of %s, or give the column nulls", x.parent.Name),
			"%s.%s: in %d of %d rows no row of %s matches (%s)", t.Name, x.column.Name, len(lacking), end-first, x.parent.Name, n.raw)
		p.HasMost, p.Most, p.Cause = int64(len(lacking)) == t.Rows, 0, x.cause()
	}
	return nil
}

// redrawable gives the columns that can be drawn again to change the cells that a reference matches.
func (t *Table) redrawable(n *Node, part int) (out []*Column) {
	for _, in := range n.Inputs {
		c := in.Column
		if v, ok := t.view(in, part); ok {
			c = v.link
		} else if len(in.Links) > 0 {
			continue
		}
		m := c.Nodes[part]
		if m.joint == nil && !c.Unique && !m.isDistinct() && (m.match == nil || m.match.earlier == nil) && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// links gives the columns of parent row numbers, in the order in which they were made.
func (t *Table) links() (out []*Column) {
	for _, c := range t.Columns {
		if c.Target != nil && c.state == compiled {
			out = append(out, c)
		}
	}
	return out
}

// told tells whether a problem of the reference's column is known.
func (b *builder) told(x *match) bool {
	return slices.ContainsFunc(b.problems, func(p blueprint.Problem) bool {
		return p.Table == x.column.Table.Name && p.Column == x.column.Name
	})
}

// noPartner reports a reference for which there is no parent whatever the row.
func (b *builder) noPartner(x *match) {
	p := b.problemOn(x.column, x.column.pos(), fmt.Sprintf("raise the rows of %s, or give the column nulls", x.parent.Name),
		"%s.%s: no row of %s matches any row (%s)", x.column.Table.Name, x.column.Name, x.parent.Name, x.node.raw)
	p.HasMost, p.Most, p.Cause = true, 0, x.cause()
}

// cause is that of a reference that lacks parents: the row's cells that these match have to do with it.
func (x *match) cause() *blueprint.Cause {
	return &blueprint.Cause{Kind: blueprint.NothingMatches, Columns: x.node.readNames()}
}

// lead finds the link whose parent's row decides what a reference matches, and tells it.
func (b *builder) lead(t *Table, link *Column, part int) {
	n := link.Nodes[part]
	views := make([][]view, len(n.Inputs)) // of each cell
	cells := make([]sought, len(n.Inputs))
	for k, in := range n.Inputs {
		if v := constantIn(in, part); v != nil {
			cells[k].constant = v
			continue
		}
		views[k] = t.views(in, part, n.match)
		if len(views[k]) == 0 {
			return // made by the row itself
		}
	}
	at := slices.IndexFunc(views, func(v []view) bool { return v != nil })
	if at < 0 {
		n.match.led = true // the same for all rows
		return
	}
	for _, leader := range views[at] {
		found := true
		for k := range cells {
			if cells[k].constant != nil {
				continue
			}
			i := slices.IndexFunc(views[k], func(v view) bool { return v.link == leader.link })
			if found = found && i >= 0; found {
				cells[k].in = views[k][i].in
			}
		}
		if found {
			l := leader.link.Nodes[part]
			if !slices.ContainsFunc(l.needs, func(o need) bool { return o.of == n.match }) {
				l.needs = append(l.needs, need{of: n.match, cells: slices.Clone(cells)})
			}
			n.match.led = true
			n.match.leaders[part] = leader.link
			return
		}
	}
}

// view is a cell of a row as a cell of the parent that one of its links leads to.
type view struct {
	link *Column
	in   Input
}

func (v view) same(o view) bool {
	return v.link == o.link && v.in.Column == o.in.Column && slices.Equal(v.in.Links, o.in.Links)
}

// views gives the parents' cells that a cell of a row equals: the one that it copies, and those that other
// references match with it, of which, where than is not nil, only those that were made before than count.
func (t *Table) views(in Input, part int, than *match) (out []view) {
	own, copied := t.view(in, part)
	if copied {
		out = append(out, own)
	}
	for _, link := range t.links() {
		n := link.Nodes[part]
		if n.match != nil && n.match == than {
			break
		}
		if n.match == nil || !n.match.required || !n.match.led || n.match.earlier != nil || n.When != nil {
			continue
		}
		for k, o := range n.Inputs {
			other, ok := t.view(o, part)
			if ok && copied && other.same(own) || !ok && !copied && len(in.Links) == 0 && o.Column == in.Column {
				out = append(out, view{link, Input{Column: n.On[k]}})
			}
		}
	}
	return out
}

// view follows copies to the link that they start with; false where the row makes the cell itself.
func (t *Table) view(in Input, part int) (view, bool) {
	for range 100 { // copies of copies
		if len(in.Links) == 0 {
			n := in.Column.Nodes[part]
			if !n.copies() || len(n.Inputs) != 1 {
				return view{}, false
			}
			in = n.Inputs[0]
			continue
		}
		first := in.Links[0]
		n := first.Nodes[part]
		if n.match != nil || len(n.Inputs) != 1 { // drawn here
			return view{first, Input{Links: in.Links[1:], Column: in.Column}}, true
		}
		in = Input{Links: slices.Concat(n.Inputs[0].Links, []*Column{n.Inputs[0].Column}, in.Links[1:]), Column: in.Column}
	}
	return view{}, false
}
