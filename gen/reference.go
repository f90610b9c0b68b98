package gen

import (
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Reference refers to a row of a parent table: the cell is the parent's key, and the column's name is
// a link through which other cells of the same parent can be read.
type Reference struct {
	Table     string                    `yaml:"table" short:"true" required:"true" desc:"the parent table; where it is the table itself, an earlier row, and null in the first"`
	Column    string                    `yaml:"column" desc:"the parent's column (default: the one the foreign key names, or else its key)"`
	Pick      string                    `yaml:"pick" desc:"uniform (default) or zipf: how often each parent is chosen"`
	Exponent  float64                   `yaml:"exponent" desc:"zipf: the exponent (default 1)"`
	Top       int64                     `yaml:"top" desc:"only the first so many rows of the parent are referred to (default: all)"`
	PerParent *PerParent                `yaml:"per_parent" desc:"the number of rows each parent gets, within bounds, exactly"`
	Matching  blueprint.Ordered[string] `yaml:"matching" desc:"column of the parent: path of this row's own cell that it must equal; only such parents are picked"`
	First     string                    `yaml:"first" desc:"of a reference to the table itself: self lets a row without an earlier one refer to itself (default: null); earlier counts the rows of earlier parts as earlier ones, and each of these gets one that refers to it where there are enough"`
	Depth     *int                      `yaml:"depth" desc:"of a reference to the table itself: the depth of the tree, at most; the first row is at 0"`
	Differs   string                    `yaml:"differs_for" desc:"a part with each, or another column that refers with per_parent: no two rows of one parent there refer to the same row here"`
	Previous  string                    `yaml:"previous" desc:"of a reference to the table itself: a part with each, or a column that refers with per_parent and together: the row before this one among those of the same parent; null in the first of them"`
	Root      *blueprint.Value          `yaml:"root" desc:"of a reference to the table itself: the cell of a row without an earlier one, in place of null: where no foreign key asks for a row"`
	Exact     blueprint.Ordered[int64]  `yaml:"exact" desc:"name of a fixed row of the parent table: exact number of rows that refer to it; no other row does"`
}

// PerParent bounds the number of children of each parent.
type PerParent struct {
	Min int64 `yaml:"min" desc:"at least this many rows for each parent (default 0)"`
	Max int64 `yaml:"max" required:"true" desc:"at most this many rows for each parent"`

	Together bool `yaml:"together" desc:"the rows of one parent are neighbours, in the order of the parents (default: in any order)"`
}

// OutputVersion implements Maker.
func (*Reference) OutputVersion() int { return 1 }

// Make implements Maker. The Filler gives the parents' row numbers, of kind Int, null where a row has
// no parent; the plan makes the key cells of them.
func (m *Reference) Make(c *Context) (Filler, error) {
	parents, err := c.Host.TableRows(m.Table)
	if err != nil {
		return nil, err
	}
	if m.Top < 0 || m.Top > 0 && (m.Table == c.Table || len(m.Exact) > 0 || m.PerParent != nil) {
		return nil, fmt.Errorf("top is at least 1, and goes neither with exact or per_parent, nor with a reference to the table itself")
	}
	if m.Top > 0 {
		parents = min(parents, m.Top)
	}
	f := &reference{key: c.Key, table: m.Table, parents: parents, top: m.Top > 0, rows: c.Rows, self: m.Table == c.Table, first: c.First}
	if f.earlier, err = m.earlier(c.Rows, c.First, f.self); err != nil {
		return nil, err
	}
	if f.earlier.Among, err = m.among(c, f.self); err != nil {
		return nil, err
	}
	if m.Root != nil && (!f.self || m.First != "") {
		return nil, fmt.Errorf("root goes with references to the table itself alone, and not with first")
	}
	if c.Rows == 0 {
		return f, nil
	}
	if parents == 0 {
		return nil, AtMost(0, "refers to %s, which has no rows: give %s rows, or make this column null with nulls: 1", m.Table, m.Table)
	}
	var counts []int64
	free := c.Rows
	for _, e := range m.Exact {
		row, err := c.Host.NamedRow(m.Table, e.Key)
		if err != nil {
			return nil, err
		}
		if e.Value < 0 {
			return nil, fmt.Errorf("exact: the count of %s is %d: at least 0", e.Key, e.Value)
		}
		n := min(e.Value, free)
		if n < e.Value {
			c.Host.Notice(fmt.Sprintf("%s.%s: %s gets %d rows instead of %d, since the table has %d", c.Table, c.Column, e.Key, n, e.Value, c.Rows))
		}
		f.named = append(f.named, ParentCount{Table: m.Table, Row: row, Name: e.Key, Rows: n})
		f.skip = append(f.skip, row)
		counts = append(counts, n)
		free -= n
	}
	slices.Sort(f.skip)
	f.free = parents - int64(len(f.named))
	if len(f.named) > 0 {
		if free > 0 && f.free == 0 {
			return nil, AtMost(c.Rows-free, "%d of %d rows must refer to other rows of %s than %s, and it has no others: raise the row count of %s", free, c.Rows, m.Table, f.named[0].Name, m.Table)
		}
		f.classes = rng.NewClasses(c.Key.Derive("exact"), append(counts, free))
	}
	switch {
	case m.PerParent != nil:
		if len(m.Exact) > 0 || m.Pick != "" || f.self {
			return nil, fmt.Errorf("per_parent goes neither with exact or pick, nor with a reference to the table itself")
		}
		if f.split, err = rng.NewSplit(c.Key.Derive("split"), parents, c.Rows, m.PerParent.Min, m.PerParent.Max); err != nil {
			return nil, fmt.Errorf("%d rows over %d rows of %s with %d to %d each is impossible: between %d and %d rows fit",
				c.Rows, parents, m.Table, m.PerParent.Min, m.PerParent.Max, parents*m.PerParent.Min, parents*m.PerParent.Max)
		}
		f.order = rng.NewPerm(c.Key.Derive("order"), uint64(c.Rows))
		f.per = m.PerParent
	case m.Differs != "":
		if len(m.Exact) > 0 || m.Pick != "" || m.Exponent != 0 || f.self {
			return nil, fmt.Errorf("differs_for goes neither with exact, pick or per_parent, nor with a reference to the table itself")
		}
		if f.differs, err = c.Host.Siblings(m.Differs); err != nil {
			return nil, err
		}
		if f.differs.Most > parents {
			return nil, fmt.Errorf("as many as %d rows of one parent (%s) are to refer to different rows of %s, which has %d: lower its max, or raise the rows of %s", f.differs.Most, m.Differs, m.Table, parents, m.Table)
		}
		f.differsFor = m.Differs
		f.order = rng.NewPerm(c.Key.Derive("differs"), uint64(parents))
	case m.Pick == "zipf":
		exponent := m.Exponent
		if exponent == 0 {
			exponent = 1
		}
		if f.zipf, err = rng.NewZipf(uint64(max(f.free, 1)), exponent); err != nil {
			return nil, err
		}
		f.order = rng.NewPerm(c.Key.Derive("rank"), uint64(max(f.free, 1)))
	case m.Pick != "" && m.Pick != "uniform":
		return nil, fmt.Errorf("pick %q is unknown: uniform or zipf", m.Pick)
	}
	if f.self && (len(m.Exact) > 0 || f.zipf != nil) {
		return nil, fmt.Errorf("a reference to the table itself is uniform over earlier rows: leave exact and pick out")
	}
	return f, nil
}

// Steady implements Steady: exact numbers of rows are dealt out once.
func (m *Reference) Steady() bool { return m.PerParent != nil || m.Differs != "" || m.Previous != "" }

type reference struct {
	key     rng.Key
	table   string
	parents int64
	top     bool // parents are not all of them
	rows    int64
	self    bool
	earlier Earlier // of self
	first   int64   // the table's row that is the first of these
	named   []ParentCount
	skip    []int64 // rows of named, sorted
	free    int64   // parents that are not named
	classes *rng.Classes
	split   *rng.Split
	per     *PerParent
	zipf    *rng.Zipf
	order   rng.Perm

	differs    *Siblings // among which no two rows have the same parent; nil where nothing is asked
	differsFor string
}

func (f *reference) Kind() column.Kind { return column.Int }
func (f *reference) Facts() Facts {
	facts := Facts{Drawn: f.split == nil && f.differs == nil && !f.earlier.Steady(), Unbounded: true}
	if f.self && !f.earlier.Self && f.earlier.Before == 0 {
		facts.Null = SomeNull // the first row
	}
	return facts
}
func (f *reference) Fill(dst *column.Vec, s *Span) error {
	if f.differs != nil {
		f.fillDiffering(dst, s)
		return nil
	}
	for i := range s.Rows.N {
		row := s.Rows.At(i)
		switch {
		case f.split != nil:
			if !f.per.Together {
				row = int64(f.order.At(uint64(row)))
			}
			p, _ := f.split.Parent(row)
			dst.AppendInt(p)
		case f.earlier.Among != nil:
			f.earlier.appendPrevious(dst, row)
		case f.self:
			st := f.key.At(row, s.Attempt)
			at, ok := f.earlier.Of(&st, row)
			switch {
			case ok:
				dst.AppendInt(at)
			case f.earlier.Self:
				dst.AppendInt(f.first + row)
			default:
				dst.AppendNull()
			}
		default:
			dst.AppendInt(f.pick(row, s.Attempt))
		}
	}
	return nil
}

// fillDiffering lets the rows of each parent refer to rows of its own order of them, by their places.
func (f *reference) fillDiffering(dst *column.Vec, s *Span) {
	mark := s.Scratch.Mark()
	defer s.Scratch.Release(mark)
	of, ranks := s.Scratch.Vec(column.Int), s.Scratch.Vec(column.Int)
	f.differs.Places(s.Rows, of, ranks, s.Scratch)
	for i, p := range of.Ints {
		st := f.key.At(p, 0)
		// neighbours in a circle of one keyed order, from a place of the parent's own
		at := (st.N(uint64(f.parents)) + uint64(ranks.Ints[i])) % uint64(f.parents)
		dst.AppendInt(int64(f.order.At(at)))
	}
}

// Differing gives among which rows no two of one parent refer to the same; nil where nothing is asked.
func Differing(f Filler) *Siblings {
	if r, ok := f.(*reference); ok {
		return r.differs
	}
	return nil
}

func (f *reference) pick(row int64, attempt uint32) int64 {
	if f.classes != nil {
		if class, _ := f.classes.Of(row); class < len(f.named) {
			return f.named[class].Row
		}
	}
	st := f.key.At(row, attempt)
	var p int64
	if f.zipf != nil {
		p = int64(f.order.At(f.zipf.Pick(&st)))
	} else {
		p = int64(st.N(uint64(f.free)))
	}
	return f.past(p)
}

// past maps the p-th parent that is not named to its row number.
func (f *reference) past(p int64) int64 {
	for _, row := range f.skip {
		if p >= row {
			p++
		}
	}
	return p
}

// Card is the number of parents where each may be chosen freely.
func (f *reference) Card() uint64 {
	if f.self || f.differs != nil || f.split != nil || f.classes != nil || f.zipf != nil {
		return 0
	}
	return uint64(f.parents)
}
func (f *reference) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) { dst.AppendInt(int64(i)) }

func (f *reference) String() string {
	out := "reference to " + f.table
	for _, n := range f.named {
		out += fmt.Sprintf(", exactly %d to %s", n.Rows, n.Name)
	}
	if f.per != nil {
		out += fmt.Sprintf(", %d to %d rows each", f.per.Min, f.per.Max)
		if f.per.Together {
			out += ", together"
		}
	}
	if f.top {
		out += fmt.Sprintf(", the first %d", f.parents)
	}
	if f.zipf != nil {
		out += ", zipf"
	}
	if f.differs != nil {
		out += ", different ones for the rows of one " + f.differsFor
	}
	if f.self {
		out += f.earlier.String()
	}
	return out
}
func (f *reference) Rules() []Rule {
	if len(f.named) == 0 {
		return nil
	}
	return []Rule{{Text: "refers to named rows an exact number of times", Parents: f.named}}
}
