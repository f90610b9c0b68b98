package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// Origin is what makes a column's cells: its generators, those within others among them, and what plan does with them
// (nulls, unique, unique set, matching, redraw), each with the version of its output.
type Origin struct {
	Kind column.Kind // of the cells
	By   map[string]int
}

// String writes an Origin as the record of a run keeps it: "text: nulls 1, pick 2".
func (o Origin) String() string {
	var by []string
	for _, name := range slices.Sorted(maps.Keys(o.By)) {
		by = append(by, fmt.Sprintf("%s %d", name, o.By[name]))
	}
	return o.Kind.String() + ": " + strings.Join(by, ", ")
}

// parseOrigin reads what String gave.
func parseOrigin(text string) (o Origin, err error) {
	kind, list, ok := strings.Cut(text, ": ")
	o.By = map[string]int{}
	for o.Kind = column.Literal; o.Kind > column.Invalid && o.Kind.String() != kind; o.Kind-- {
	}
	for by := range strings.SplitSeq(list, ", ") {
		at := strings.LastIndexByte(by, ' ')
		if at < 0 {
			ok = ok && list == ""
			continue
		}
		n, bad := strconv.Atoi(by[at+1:])
		o.By[by[:at]], ok = n, ok && bad == nil
	}
	if !ok {
		err = fmt.Errorf("%q says of no column what made its cells", text)
	}
	return o, err
}

// first gives an Origin of the same with the first version of each: what records that tell no versions mean.
func (o Origin) first() Origin {
	out := Origin{Kind: o.Kind, By: map[string]int{}}
	for name := range o.By {
		out.By[name] = 1
	}
	return out
}

// keeps tells whether this program can make the cells of another version by what makes o.
func (o Origin) keeps(was Origin) bool {
	for name, version := range was.By {
		now, ok := o.By[name]
		if m := gen.New(name); !ok || version != now && (m == nil || !gen.Keeps(m, version)) {
			return false
		}
	}
	return len(o.By) == len(was.By)
}

// changed says what made the cells otherwise: "pick version 1, now 2".
func (o Origin) changed(now Origin) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(o.By)) {
		switch is, ok := now.By[name]; {
		case !ok:
			out = append(out, fmt.Sprintf("%s version %d, now not at all", name, o.By[name]))
		case is != o.By[name]:
			out = append(out, fmt.Sprintf("%s version %d, now %d", name, o.By[name], is))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now.By)) {
		if _, ok := o.By[name]; !ok {
			out = append(out, fmt.Sprintf("now %s version %d", name, now.By[name]))
		}
	}
	return strings.Join(out, ", ")
}

// made notes that a generator of the column is m, and gives the version of its output that is asked for.
func (b *builder) made(c *Column, name string, m gen.Maker) int {
	version := m.OutputVersion()
	if was := b.plan.options.origins[originOf{c.Table.Name, c.Name}].By[name]; was > 0 && gen.Keeps(m, was) {
		version = was
	}
	c.note(name, version)
	return version
}

func (c *Column) note(what string, version int) {
	if c.by == nil {
		c.by = map[string]int{}
	}
	c.by[what] = version
}

// origin gives what makes the column's cells now.
func (c *Column) origin() Origin {
	o := Origin{Kind: c.Kind, By: maps.Clone(c.by)}
	if o.By == nil {
		o.By = map[string]int{}
	}
	for n := range c.nodes() {
		if n.joint != nil {
			o.By["unique set"] = setVersion
		}
		if _, ok := n.Fill.(*pairJoint); ok {
			o.By["pair"] = pairVersion
		}
		if _, ok := n.Fill.(*classJoint); ok {
			o.By["class"] = classVersion
		}
		if n.match != nil {
			o.By["matching"] = matchVersion
		}
	}
	if c.Guard != nil {
		o.By["redraw"] = redrawVersion
	}
	return o
}

// nodes gives the column's nodes, those of the parents' row numbers among them.
func (c *Column) nodes() func(yield func(*Node) bool) {
	return func(yield func(*Node) bool) {
		for _, n := range c.Nodes {
			if n != nil && !yield(n) {
				return
			}
		}
		for _, l := range c.links {
			if l != nil && l.node != nil && !yield(l.node) {
				return
			}
		}
	}
}

// originOf names a column.
type originOf struct{ table, column string }

// Otherwise is a column whose cells a run made otherwise than this program does.
type Otherwise struct {
	Column   *Column
	Was, Now Origin
	From     *Column // what differs is this one, from whose cells the column's are made; nil where it is its own generator
}

// String names the column and what differs.
func (o *Otherwise) String() string {
	name := o.Column.Table.Name + "." + o.Column.Name
	if o.From != nil {
		return fmt.Sprintf("%s (made from %s.%s)", name, o.From.Table.Name, o.From.Name)
	}
	return fmt.Sprintf("%s (%s)", name, o.Was.changed(o.Now))
}

// Otherwise says how the column's cells of the run that the plan was settled for were made otherwise than this program
// makes them; nil where they were not.
func (c *Column) Otherwise() *Otherwise { return c.otherwise }

// MadeAs is the kind of the cells of the run.
func (c *Column) MadeAs() column.Kind {
	if c.otherwise != nil && c.otherwise.From == nil && c.otherwise.Was.Kind != column.Invalid {
		return c.otherwise.Was.Kind
	}
	return c.Kind
}

// Otherwise gives the written columns whose cells the run that the plan was settled for made otherwise, table by table.
func (p *Plan) Otherwise() (out []*Otherwise) {
	for _, t := range p.Tables {
		for _, c := range t.Out {
			if c.otherwise != nil {
				out = append(out, c.otherwise)
			}
		}
	}
	return out
}

// applyOrigins lets the columns be made by the versions that a record names, as far as this program has them, and finds
// those that it makes otherwise.
func (p *Plan) applyOrigins(r *Resolved) error {
	was, err := p.recordedOrigins(r)
	if err != nil {
		return err
	}
	kept := map[originOf]Origin{}
	for c, o := range was {
		if now := c.origin(); !maps.Equal(o.By, now.By) && now.keeps(o) {
			kept[originOf{c.Table.Name, c.Name}] = o
		}
	}
	if len(kept) > 0 {
		o := p.options
		o.origins = kept
		if err := p.rebuild(o); err != nil {
			return fmt.Errorf("by the generators' versions of the run: %w", err)
		}
		if was, err = p.recordedOrigins(r); err != nil {
			return err
		}
	}
	p.markOtherwise(was)
	return nil
}

// markOtherwise marks the columns that are made otherwise than by these origins, and those that are made from them.
func (p *Plan) markOtherwise(was map[*Column]Origin) {
	any := false
	for c, o := range was {
		if now := c.origin(); !maps.Equal(o.By, now.By) {
			c.otherwise, any = &Otherwise{Column: c, Was: o, Now: now}, true
		}
	}
	if any {
		p.followOtherwise()
	}
}

// OtherThan gives the columns that this plan makes otherwise than a recorded run of the same was made.
func (p *Plan) OtherThan(r *Resolved) (out []*Otherwise, err error) {
	was, err := p.recordedOrigins(r)
	if err != nil {
		return nil, err
	}
	p.markOtherwise(was)
	out = p.Otherwise()
	for _, t := range p.Tables {
		for _, c := range t.Columns {
			c.otherwise = nil
		}
	}
	return out, nil
}

// recordedOrigins gives the origins that a record has of the plan's columns.
func (p *Plan) recordedOrigins(r *Resolved) (map[*Column]Origin, error) {
	origins := make([]Origin, len(r.Origins))
	for i, text := range r.Origins {
		o, err := parseOrigin(text)
		if err != nil {
			return nil, fmt.Errorf("the record of the run: %w", err)
		}
		origins[i] = o
	}
	out := map[*Column]Origin{}
	for _, rt := range r.Tables {
		t := p.Table(rt.Name)
		if t == nil || t.Standing {
			continue
		}
		at := func(c *Column, i int, told bool) {
			switch {
			case c == nil:
			case !told:
				out[c] = c.origin().first()
			case i >= 0 && i < len(origins):
				out[c] = origins[i]
			}
		}
		told := len(rt.Origins) == len(rt.Columns) && len(rt.Columns) > 0
		for i, name := range rt.Columns {
			if told {
				at(t.Column(name), rt.Origins[i], true)
			} else {
				at(t.Column(name), 0, false)
			}
		}
		for _, c := range t.Columns {
			if c.Spec != nil && !slices.Contains(rt.Columns, c.Name) && !slices.Contains(t.Out, c) {
				i, ok := rt.Hidden[c.Name]
				if ok || !told {
					at(c, i, told)
				}
			}
		}
	}
	return out, nil
}

// followOtherwise spreads what is made otherwise to the columns that are made from it.
func (p *Plan) followOtherwise() {
	for again := true; again; {
		again = false
		for _, t := range p.Tables {
			for _, c := range t.Columns {
				if c.otherwise != nil {
					continue
				}
				for _, from := range c.madeFrom() {
					if from != nil && from.otherwise != nil {
						root := from
						if from.otherwise.From != nil {
							root = from.otherwise.From
						}
						c.otherwise, again = &Otherwise{Column: c, From: root}, true
						break
					}
				}
			}
		}
	}
}

// madeFrom gives the columns on whose cells the column's may hang.
func (c *Column) madeFrom() (out []*Column) {
	if c.Link != nil {
		out = append(out, c.Link)
	}
	for n := range c.nodes() {
		for _, in := range n.Reads() {
			out = append(append(out, in.Links...), in.Column)
		}
		out = append(out, n.On...)
		if n.Fold != nil {
			out = append(out, n.Fold.Cell, n.Fold.Where, n.Fold.kin.link)
		}
		if n.kin != nil {
			out = append(out, n.kin.link)
		}
		for _, need := range n.needs {
			out = append(append(out, need.of.column), need.of.node.On...)
		}
		if n.joint != nil {
			out = append(out, n.joint.members...)
		}
	}
	if c.Guard != nil {
		out = append(append(out, c.Guard.Columns...), c.Guard.inputs()...)
	}
	return out
}

// Renew lets tables of which the run has no row yet be made as this program makes them. Nothing changes, and it is false,
// where cells of rows that exist were made from theirs.
func (p *Plan) Renew(tables []*Table) bool {
	was := map[*Column]*Otherwise{}
	for _, t := range p.Tables {
		for _, c := range t.Columns {
			if was[c] = c.otherwise; c.otherwise != nil && (c.otherwise.From != nil || slices.Contains(tables, t)) {
				c.otherwise = nil
			}
		}
	}
	p.followOtherwise()
	for c, o := range was {
		if o != nil && c.otherwise == nil && !slices.Contains(tables, c.Table) {
			for c, o := range was {
				c.otherwise = o
			}
			return false
		}
	}
	return true
}

// originsOf notes in a record what makes the columns of its tables.
func (r *Resolved) originsOf(p *Plan) {
	places := map[string]int{}
	place := func(c *Column) int {
		o := c.origin()
		if c.otherwise != nil && c.otherwise.From == nil {
			o = c.otherwise.Was
		}
		text := o.String()
		at, ok := places[text]
		if !ok {
			at = len(r.Origins)
			places[text], r.Origins = at, append(r.Origins, text)
		}
		return at
	}
	for i := range r.Tables {
		rt, t := &r.Tables[i], p.Table(r.Tables[i].Name)
		if t.Standing {
			continue
		}
		for _, c := range t.Out {
			rt.Origins = append(rt.Origins, place(c))
		}
		for _, c := range t.Columns {
			if c.Spec != nil && !slices.Contains(t.Out, c) {
				if rt.Hidden == nil {
					rt.Hidden = map[string]int{}
				}
				rt.Hidden[c.Name] = place(c)
			}
		}
	}
}
