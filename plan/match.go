package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

// matchVersion is the version of how parents that match are picked: see Origin.
const matchVersion = 1

// match is a reference to those rows of a parent whose cells equal cells of the row that refers.
type match struct {
	builder  *builder
	column   *Column // the reference's
	node     *Node   // of row numbers
	parent   *Table
	required bool      // a row without a parent is a mistake
	soft     bool      // the database takes nulls: where there is no other way, rows go without a parent
	leaders  []*Column // by part: the link on whose row the cells hang; nil where they are constants
	led      bool      // rows without a parent are kept from coming about: see agree
	earlier  *gen.Earlier
	by       index
}

// matchNode makes the node of row numbers of a reference that matches.
func (b *builder) matchNode(c *Column, g blueprint.Generator, m *gen.Reference, ctx *gen.Context, h *host) (*Node, error) {
	if b.reads == nil && b.plan.options.Scan == nil {
		return nil, errors.New("matching reads cells while the plan is made: whoever builds it sets plan.Options.Scan to rows.Scan")
	}
	b.matching = true
	x := &match{builder: b, column: c, parent: b.tables[m.Table], required: g.Nulls == 0, soft: c.takesNull(), leaders: make([]*Column, len(c.Table.Parts))}
	n := &Node{nulls: g.Nulls, match: x, When: h.node.When}
	x.node = n
	own := true
	for _, e := range m.Matching {
		on := x.parent.byName[e.Key]
		if on == nil {
			return nil, fmt.Errorf("matching: %w", unknownColumn(x.parent, e.Key))
		}
		b.read(on)
		if err := b.compile(on, nil); err != nil {
			return nil, err
		}
		in, err := b.resolve(c.Table, h.part, e.Value)
		if err != nil {
			return nil, fmt.Errorf("matching: %w", err)
		}
		in.path = e.Value
		if on.Kind != in.Column.Kind || on.Scale != in.Column.Scale {
			return nil, fmt.Errorf("matching: %s.%s is of kind %s, and %s of kind %s", x.parent.Name, e.Key, on.Kind, e.Value, in.Column.Kind)
		}
		own = own && len(in.Links) == 0 && in.Column == on
		n.Inputs, n.On = append(n.Inputs, in), append(n.On, on)
	}
	f := &matched{key: ctx.Key, m: x, text: fmt.Sprintf("reference to %s, where %s", m.Table, matchText(m))}
	if e, self := gen.Self(h.node.raw); self {
		wanted, _ := c.wantsUnique()
		switch e.Chain = wanted; {
		case e.Self && !own:
			return nil, fmt.Errorf("first: self needs a row to match itself: each column of matching equals itself")
		case wanted && !own:
			return nil, fmt.Errorf("a unique reference to the table itself goes along rows that match one another: each column of matching equals itself")
		case wanted && m.Depth != nil:
			return nil, fmt.Errorf("depth goes not with unique: a chain is as deep as it has rows")
		}
		x.earlier = &e
		x.required = x.required && e.Self
		f.text += e.String()
	}
	n.raw = f
	n.wrap = func(f gen.Filler) gen.Filler { return n.there(gen.Nullable(f, g.Nulls, ctx.Key)) }
	n.Fill = n.wrap(f)
	return n, nil
}

func matchText(m *gen.Reference) string {
	var out []string
	for _, e := range m.Matching {
		if e.Key == e.Value {
			out = append(out, e.Key+" is the same")
		} else {
			out = append(out, e.Key+" is "+e.Value)
		}
	}
	return strings.Join(out, " and ")
}

// takesNull tells whether the database takes nulls in the column.
func (c *Column) takesNull() bool {
	if c.Table.Schema == nil || c.Spec.Virtual {
		return false
	}
	sc := c.Table.Schema.Column(c.Name)
	return sc != nil && !sc.NotNull
}

// null says why there may be no parent.
func (x *match) null() string {
	switch {
	case x.earlier != nil && !x.earlier.Self:
		return "the first of the rows that match has no earlier one to refer to"
	case !x.required && x.earlier == nil:
		return "where no row of " + x.parent.Name + " matches"
	}
	return ""
}

// groups gives the parent's rows by the cells that are matched: those alone that lack nothing that other
// references of the row need.
func (x *match) groups() (*groups, error) {
	return x.by.get(x.parent.revision.Load(), x.builder.built, func() (*groups, error) {
		for seed := byte(0); ; seed++ {
			g, err := x.group(seed)
			if !errors.Is(err, errSameHash) {
				return g, err
			}
		}
	})
}

func (x *match) group(seed byte) (*groups, error) {
	read := make([]Input, len(x.node.On))
	for k, on := range x.node.On {
		read[k] = Input{Column: on}
	}
	look, err := lookFor(x.node.needs, &read)
	if err != nil {
		return nil, err
	}
	return groupRows(x.parent, seed, func(add func([]*column.Vec, func(int) bool)) error {
		return x.builder.plan.options.Scan(x.parent, read, func(_ int64, cells []*column.Vec) error {
			add(cells[:len(x.node.On)], func(i int) bool { return look.finds(cells, i) })
			return nil
		})
	})
}

// candidates gives the parents of the cells at i.
func (x *match) candidates(g *groups, h *hasher, cells []*column.Vec, i int) []uint32 {
	h.seed = g.seed
	hash, ok := h.of(cells, i)
	if !ok {
		return nil
	}
	return g.of(hash)
}

// matched picks among the parents that match, or the earlier rows of the table.
type matched struct {
	key  rng.Key
	m    *match
	text string
}

func (f *matched) Kind() column.Kind { return column.Int }
func (f *matched) String() string    { return f.text }
func (f *matched) Facts() gen.Facts {
	return gen.Facts{Drawn: f.m.earlier == nil || !f.m.earlier.Chain, Null: gen.MayBeNull}
}
func (f *matched) Fill(dst *column.Vec, s *gen.Span) error {
	g, err := f.m.groups()
	if err != nil {
		return err
	}
	var buf [64]byte
	h := &hasher{buf: buf[:0]}
	for i := range s.Rows.N {
		row := s.Rows.At(i)
		st := f.key.At(row, s.Attempt)
		all := f.m.candidates(g, h, s.Inputs, i)
		switch {
		case f.m.earlier != nil:
			before, _ := slices.BinarySearch(all, uint32(row))
			at, ok := f.m.earlier.Of(&st, int64(before))
			switch {
			case ok:
				dst.AppendInt(int64(all[at]))
			case f.m.earlier.Self && before < len(all):
				dst.AppendInt(row)
			default:
				dst.AppendNull()
			}
		case len(all) > 0:
			dst.AppendInt(int64(all[st.N(uint64(len(all)))]))
		default:
			dst.AppendNull()
		}
	}
	return nil
}

// need is a reference that matches cells of rows which another one leads to.
type need struct {
	of    *match
	cells []sought
}

// sought is a cell as it is seen from the row that a link leads to, or a constant.
type sought struct {
	in       Input
	constant *column.Vec
}

// looks are needs, made ready to be held against rows.
type looks []look

type look struct {
	groups *groups
	at     []int // in the cells that are read; -1 for a constant
	cells  []sought
	buf    []*column.Vec
	hash   *hasher
}

// lookFor gets the groups of those needs that must be met, and adds what they read of a row.
func lookFor(needs []need, read *[]Input) (looks, error) {
	var out looks
	for _, n := range needs {
		if !n.of.required {
			continue
		}
		l, err := newLook(n, read)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

func newLook(n need, read *[]Input) (look, error) {
	g, err := n.of.groups()
	if err != nil {
		return look{}, err
	}
	l := look{groups: g, cells: n.cells, buf: make([]*column.Vec, len(n.cells)), hash: new(hasher)}
	for _, c := range n.cells {
		if c.constant != nil {
			l.at = append(l.at, -1)
			continue
		}
		l.at = append(l.at, len(*read))
		*read = append(*read, c.in)
	}
	return l, nil
}

// finds tells whether all needs of the row at i are met.
func (all looks) finds(cells []*column.Vec, i int) bool {
	for k := range all {
		if all[k].number(cells, i) == 0 {
			return false
		}
	}
	return true
}

// number gives the group of rows that meet the need of the row at i; 0 for none.
func (l *look) number(cells []*column.Vec, i int) uint32 {
	h := l.hash
	h.seed = l.groups.seed
	for k, at := range l.at {
		if at < 0 {
			l.buf[k] = l.cells[k].constant
		} else {
			l.buf[k] = cells[at]
		}
	}
	hash, ok := h.mixed(l.buf, l.at, i)
	if !ok {
		return 0
	}
	return l.groups.number(hash)
}

// mixed hashes the cells at i, and of those that are constants the first.
func (h *hasher) mixed(cells []*column.Vec, at []int, i int) (uint64, bool) {
	if !slices.Contains(at, -1) {
		return h.of(cells, i)
	}
	one := make([]*column.Vec, len(cells))
	for k, v := range cells {
		if one[k] = v; at[k] >= 0 {
			w := new(column.Vec)
			w.ResetAs(v)
			w.AppendCell(v, i)
			one[k] = w
		}
	}
	return h.of(one, 0)
}
