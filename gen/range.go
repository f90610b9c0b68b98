package gen

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Range draws ranges for PostgreSQL's range and multirange types: the lower bound belongs to them, the
// upper one does not. Ranges of different rows may overlap; slot gives some that never do. Range types of one's own are
// filled by the type of their bounds (of).
type Range struct {
	Type      string           `yaml:"type" short:"true" desc:"int4range, int8range, numrange, daterange, tsrange, tstzrange or one of their multiranges, int4multirange and so on (default: the column's type, or else int4range)"`
	Of        string           `yaml:"of" desc:"in place of type, the type of the bounds, for range types of your own: int2, int4, int8, oid, numeric, float4, float8, date, time, timestamp, timestamptz, interval, uuid, text, inet or enum (default: that of the column)"`
	Multi     bool             `yaml:"multi" desc:"with of: a multirange"`
	From      *blueprint.Value `yaml:"from" desc:"the smallest lower bound: a number, a day or a timestamp (default 0, or 2025-01-01)"`
	To        *blueprint.Value `yaml:"to" desc:"the largest upper bound (default 10000, or 2025-12-31)"`
	MinLength *blueprint.Value `yaml:"min_length" desc:"the shortest range: a number, of days for dates, or a duration such as 15m or 2h for timestamps"`
	MaxLength *blueprint.Value `yaml:"max_length" desc:"the longest range"`
	Step      *blueprint.Value `yaml:"step" desc:"the distance between neighbouring bounds, counted from the first (default 1, of days for dates; one minute for timestamps)"`
	Scale     *int             `yaml:"scale" desc:"numrange: digits behind the point (default 2)"`
	Pieces    *Extent          `yaml:"pieces" desc:"multiranges: the number of ranges in one (default 1 to 3)"`
}

// OutputVersion implements Maker.
func (*Range) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Range) Make(c *Context) (Filler, error) {
	typ, a, err := m.axis(c)
	if err != nil {
		return nil, err
	}
	if a.scale, err = rangeScale(m.Scale, a); err != nil {
		return nil, err
	}
	from, to, step, short, long := a.usual()
	read := func(x *int64, what string, v *blueprint.Value, how func(string, *blueprint.Value, int64) (int64, error)) {
		if err == nil {
			*x, err = how(what, v, *x)
		}
	}
	read(&from, "from", m.From, a.position)
	read(&to, "to", m.To, a.position)
	if m.From != nil && m.To == nil && err == nil {
		_, last, _, _, _ := a.usual()
		to = max(last, from+100*long)
	}
	read(&step, "step", m.Step, a.distance)
	if m.Step != nil && m.MinLength == nil {
		short = step
	}
	read(&short, "min_length", m.MinLength, a.distance)
	if m.MaxLength == nil {
		long = max(long, short)
	}
	if err == nil && from < to && m.MaxLength == nil {
		long = max(short, min(long, to-from))
	}
	read(&long, "max_length", m.MaxLength, a.distance)
	if m.MaxLength != nil && m.MinLength == nil {
		short = min(short, long)
	}
	if err != nil {
		return nil, err
	}
	pieces := 1
	fewest := 1
	if multi := strings.Contains(typ, "multirange"); multi {
		if pieces = 3; a.typ == "enum" {
			pieces = 1
		}
		if m.Pieces != nil {
			if fewest, pieces, err = m.Pieces.bounds("pieces"); err != nil {
				return nil, err
			}
		}
	} else if m.Pieces != nil {
		return nil, fmt.Errorf("pieces go with multiranges, and %s is none", typ)
	}
	if from >= to {
		return nil, fmt.Errorf("from (%s) is not before to (%s)", a.text(from), a.text(to))
	}
	if short > long {
		return nil, fmt.Errorf("min_length is above max_length")
	}
	r := &ranges{axis: a, step: step, from: from}
	r.short = uint64((short + step - 1) / step)
	longest := uint64(long / step)
	all := uint64(to-from) / uint64(step) // steps from the first bound to the last
	r.stretch = all / uint64(pieces)      // those of one piece, with one to keep the pieces apart
	room := r.stretch
	if pieces > 1 && room > 0 {
		room--
	}
	if m.MaxLength == nil {
		longest = min(longest, room)
	}
	if r.short == 0 || longest < r.short || longest > room {
		return nil, fmt.Errorf("no range of such a length lies between from (%s) and to (%s), in whole steps: change the lengths, the step or the bounds", a.text(from), a.text(to))
	}
	r.lengths, r.starts = longest-r.short+1, room-longest+1
	f := &counted{typ: typ, key: c.Key, kind: column.Literal, what: fmt.Sprintf("%s within %s and %s", typ, a.text(from), a.text(to))}
	if strings.Contains(typ, "multirange") {
		f.card = uint64(pieces - fewest + 1)
		for range fewest {
			f.card = times(f.card, times(r.lengths, r.starts))
		}
		f.write = r.several(f.card, fewest, pieces)
		f.maxLen = 2 + pieces*(2*a.room()+4)
	} else {
		f.card = times(r.lengths, r.starts)
		f.write = func(b []byte, i uint64) []byte {
			d := dealer{i, i, f.card}
			return r.one(b, &d, 0)
		}
		f.maxLen = 2*a.room() + 3
	}
	return f, nil
}

// axis gives the name of the type, and what its bounds lie on.
func (m *Range) axis(c *Context) (typ string, a axis, err error) {
	of, multi := m.Of, m.Multi
	if r := rangeOf(&c.Type); of == "" && m.Type == "" && r != nil && rangeTypes[r.Base] == "" {
		of, multi = BoundsOf(r.Element), multi || r.Category == schema.MultirangeType
	}
	if of == "" {
		if typ, err = typeArgument(m.Type, c, "int4range", slices.Sorted(maps.Keys(rangeTypes))...); err == nil && m.Multi {
			err = fmt.Errorf("multi goes with of: type names multiranges by themselves")
		}
		return typ, axis{typ: rangeTypes[typ]}, err
	}
	if m.Type != "" {
		return "", a, fmt.Errorf("type and of exclude each other")
	}
	if typ = of + " range"; multi {
		typ = of + " multirange"
	}
	a, err = axisOf(of, c)
	return typ, a, err
}

func rangeScale(scale *int, a axis) (int, error) {
	if a.typ != "numeric" {
		if scale != nil {
			return 0, fmt.Errorf("scale goes with decimal numbers, and the bounds are of the type %s", a.typ)
		}
		return 0, nil
	}
	if scale == nil {
		return 2, nil
	}
	if *scale < 0 || *scale > 9 {
		return 0, fmt.Errorf("scale %d is not between 0 and 9", *scale)
	}
	return *scale, nil
}

// ranges is how ranges are drawn, in steps.
type ranges struct {
	axis                   axis
	from, step             int64
	short, lengths, starts uint64 // the shortest length; the number of lengths and of places to start
	stretch                uint64 // multiranges: from the beginning of a piece to that of the next
}

// one appends a range that begins in the given stretch.
func (r *ranges) one(b []byte, d *dealer, stretch int) []byte {
	length := r.short + d.deal(r.lengths)
	start := uint64(stretch)*r.stretch + d.deal(r.starts)
	b = r.axis.append(append(b, '['), r.from+int64(start)*r.step)
	b = r.axis.append(append(b, ','), r.from+int64(start+length)*r.step)
	return append(b, ')')
}

func (r *ranges) several(card uint64, fewest, most int) func(b []byte, i uint64) []byte {
	return func(b []byte, i uint64) []byte {
		d := dealer{i, i, card}
		n := fewest + int(d.deal(uint64(most-fewest+1)))
		b = append(b, '{')
		for j := range n {
			if j > 0 {
				b = append(b, ',')
			}
			b = r.one(b, &d, j)
		}
		return append(b, '}')
	}
}
