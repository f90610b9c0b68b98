package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// Slot gives each row of the table a range of its own, which never overlaps that of another row: row
// after row, one step after the other. It keeps exclusion constraints over ranges, whatever stands
// beside the range. Columns that name the same group are ends of the same slot.
type Slot struct {
	Field     string           `yaml:"field" short:"true" desc:"start, end (which does not belong to the slot) or range (default: range in a column of a range type, or else start)"`
	Type      string           `yaml:"type" desc:"what the slots lie on: int4, int8, numeric, date, timestamp, timestamptz, or another type that range has bounds of (default: that of the column, or else timestamp)"`
	From      *blueprint.Value `yaml:"from" desc:"where the first slot begins: a number, a day or a timestamp (default 0, or 2025-01-01)"`
	To        *blueprint.Value `yaml:"to" desc:"where the last slot ends at the latest, in place of step: the range is shared out among the rows"`
	Step      *blueprint.Value `yaml:"step" desc:"the distance from one slot's beginning to the next one's: a number, of days for dates, or a duration such as 30m (default 1, or one hour)"`
	Skip      int64            `yaml:"skip" desc:"as many slots before the first one stay free: for those of rows that stand (default 0; not with to)"`
	Length    *blueprint.Value `yaml:"length" desc:"the longest slot, at most step (default: step)"`
	MinLength *blueprint.Value `yaml:"min_length" desc:"the shortest slot (default: length); lengths between are drawn"`
	Group     string           `yaml:"group" desc:"the name that the columns of one slot share; without it they agree where length is exact"`
	Scale     *int             `yaml:"scale" desc:"numeric: digits behind the point (default 2)"`
}

// OutputVersion implements Maker.
func (*Slot) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Slot) Make(c *Context) (Filler, error) {
	base := baseOf(c.Type)
	f := &slots{field: m.Field, rows: max(c.Rows, 1), kind: column.Literal}
	bound, isRange := rangeTypes[base]
	own := rangeOf(&c.Type)
	var err error
	switch typ := m.Type; {
	case typ != "":
		if rangeTypes[typ] != "" {
			typ = rangeTypes[typ]
		}
		if !slices.Contains(axes, typ) {
			return nil, unknown("type", typ, axes...)
		}
		f.axis, err = axisOf(typ, c)
	case isRange:
		f.axis.typ = bound
	case own != nil && BoundsOf(own.Element) != "":
		f.axis, err = axisOf(BoundsOf(own.Element), c)
	case slices.Contains(axes, base) && base != "enum" && base != "text":
		f.axis.typ = base
	default:
		f.axis.typ = "timestamp"
	}
	if err != nil {
		return nil, err
	}
	isRange = isRange || own != nil
	if f.field == "" {
		f.field = "start"
		if isRange {
			f.field = "range"
		}
	}
	if !slices.Contains([]string{"start", "end", "range"}, f.field) {
		return nil, unknown("field", f.field, "start", "end", "range")
	}
	f.multi = strings.HasSuffix(base, "multirange") && isRange || own != nil && own.Category == schema.MultirangeType
	scale := m.Scale
	if scale == nil && c.Type.Kind == column.Decimal && c.Type.Precision > 0 && f.field != "range" {
		scale = &c.Type.Scale
	}
	if f.axis.scale, err = rangeScale(scale, f.axis); err != nil {
		return nil, err
	}
	if f.field != "range" {
		f.kind = f.axis.kind()
	}
	if f.key, err = c.groupKey("slot", m.Group); err != nil {
		return nil, err
	}
	if err = m.lay(c, f); err != nil {
		return nil, err
	}
	if m.Group == "" && f.short != f.long && f.field != "range" {
		return nil, fmt.Errorf("lengths are drawn: name a group, so that start and end belong to the same slot")
	}
	return f, nil
}

// Steady implements Steady: where a slot lies is the row's, and its length may be drawn.
func (m *Slot) Steady() bool { return m.MinLength == nil }

// lay reads where the slots lie.
func (m *Slot) lay(c *Context, f *slots) (err error) {
	a := f.axis
	from, to, step, _, _ := a.usual()
	switch {
	case a.isTime():
		step = 60 * minute
	case a.kind() == column.Float:
		step = 100
	}
	if f.from, err = a.position("from", m.From, from); err != nil {
		return err
	}
	if f.step, err = a.distance("step", m.Step, step); err != nil {
		return err
	}
	if m.Skip < 0 || m.Skip > 0 && m.To != nil {
		return fmt.Errorf("skip is %d: at least 0, and it goes not with to", m.Skip)
	}
	if m.To != nil || m.Step == nil && a.narrow() {
		if m.Step != nil {
			return fmt.Errorf("to and step exclude each other: the range is shared out among the rows, or each has its step")
		}
		if m.To == nil {
			to = a.last()
		}
		if to, err = a.position("to", m.To, to); err != nil {
			return err
		}
		unit := int64(1)
		for _, u := range []int64{1_000_000, 60_000_000, 900_000_000, 3_600_000_000} { // whole minutes, hours, where there is room
			if a.passes() && (to-f.from)/f.rows >= u {
				unit = u
			}
		}
		if f.step = (to - f.from) / f.rows / unit * unit; f.step < 1 {
			return AtMost(max(to-f.from, 0), "%d rows do not find room between from (%s) and to (%s)", f.rows, a.text(f.from), a.text(to))
		}
	}
	if f.long, err = a.distance("length", m.Length, f.step); err != nil {
		return err
	}
	if f.short, err = a.distance("min_length", m.MinLength, f.long); err != nil {
		return err
	}
	most := a.last()
	if m.Skip > (most-max(f.from, 0))/f.step {
		return AtMost(0, "skip: %d slots go beyond what the type %s holds", m.Skip, a.typ)
	}
	f.from += m.Skip * f.step
	switch {
	case f.long > f.step:
		return fmt.Errorf("length is above step: slots would overlap")
	case f.short > f.long:
		return fmt.Errorf("min_length is above length")
	case f.rows > (most-max(f.from, 0))/f.step:
		return AtMost((most-max(f.from, 0))/f.step, "%d slots in steps of this size go beyond what the type %s holds: lower the row count or step", f.rows, a.typ)
	}
	if f.short < f.long { // lengths that people would choose
		f.unit = 1
		for _, u := range []int64{1_000_000, 60_000_000, 900_000_000} {
			if a.passes() && f.short%u == 0 && f.long%u == 0 {
				f.unit = u
			}
		}
	}
	return nil
}

type slots struct {
	field             string
	axis              axis
	kind              column.Kind
	key               rng.Key
	rows              int64
	from, step        int64
	short, long, unit int64 // lengths; unit 0: all the same
	multi             bool
}

// at gives the slot of a row. An attempt changes its length alone: its place is the row's.
func (f *slots) at(row int64, attempt uint32) (start, end int64) {
	start = f.from + row*f.step
	end = start + f.long
	if f.unit > 0 {
		st := f.key.At(row, attempt)
		end = start + f.short + int64(st.N(uint64((f.long-f.short)/f.unit)+1))*f.unit
	}
	return start, end
}

func (f *slots) Kind() column.Kind { return f.kind }
func (f *slots) Facts() Facts      { return Facts{Drawn: f.unit > 0} }
func (f *slots) Scale() int        { return f.axis.scale }
func (f *slots) Distinct() bool    { return true }
func (f *slots) String() string {
	return fmt.Sprintf("%s of slots from %s on", f.field, f.axis.text(f.from))
}
func (f *slots) Bounds() Bounds {
	switch {
	case f.field == "range":
		return Bounds{MaxLen: 2*f.axis.room() + 5}
	case f.kind == column.Float || !f.kind.Integer():
		return Bounds{MaxLen: f.axis.room()}
	}
	_, end := f.at(f.rows-1, 0)
	return Bounds{Min: f.from, Max: max(end, f.from+(f.rows-1)*f.step+f.long)}
}
func (f *slots) Fill(dst *column.Vec, s *Span) error {
	dst.Scale = int32(f.axis.scale)
	for i := range s.Rows.N {
		start, end := f.at(s.Rows.At(i), s.Attempt)
		switch f.field {
		case "start":
			f.axis.appendCell(dst, start)
		case "end":
			f.axis.appendCell(dst, end)
		default:
			b := dst.Data
			if f.multi {
				b = append(b, '{')
			}
			b = f.axis.append(append(b, '['), start)
			b = append(f.axis.append(append(b, ','), end), ')')
			if f.multi {
				b = append(b, '}')
			}
			dst.Data = b
			dst.EndCell()
		}
	}
	return nil
}
