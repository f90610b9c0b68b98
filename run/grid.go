package run

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// grid is how the ranges of a table's partitions lie: from what stands, or else by months, or a tenth of what the rows
// have. Days and moments are held as microseconds.
type grid struct {
	kind   column.Kind
	zone   bool
	anchor int64 // where one begins
	months int   // their length; 0: it is width
	width  int64 // 0: not known yet
	stand  [][2]int64
	before string // the beginning of names
	layout string // of the time in them; "" for a number
}

const day = int64(24 * time.Hour / time.Microsecond)

// The lowest and the highest place, for open ends.
const lowest, highest = -1 << 62, 1 << 62

// gridOf reads the ranges that stand; nil for keys that are neither integers nor days nor moments.
func gridOf(p *partitioned, c *schema.Column) *grid {
	g := &grid{kind: c.Type.Kind, zone: c.Type.Zone}
	switch g.kind {
	case column.Int, column.Date, column.Timestamp:
	default:
		return nil
	}
	var named []*child
	for _, k := range p.children {
		if k.rest {
			continue
		}
		from, to, ok := g.bounds(k.table.Partition.Bound)
		if !ok {
			return nil
		}
		g.stand = append(g.stand, [2]int64{from, to})
		if from > lowest && to < highest {
			named = append(named, k)
			g.measure(from, to)
		}
	}
	slices.SortFunc(g.stand, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	if g.months == 0 && g.width == 0 && g.kind != column.Int {
		g.months, g.anchor = 1, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	}
	g.learn(named)
	return g
}

// measure takes the length of a range that stands.
func (g *grid) measure(from, to int64) {
	g.anchor, g.months, g.width = from, 0, to-from
	if g.kind == column.Int {
		return
	}
	a, b := time.UnixMicro(from).UTC(), time.UnixMicro(to).UTC()
	if n := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month()); n > 0 && a.Day() == 1 && a.AddDate(0, n, 0).Equal(b) {
		g.months = n
	}
}

// bounds reads FOR VALUES FROM ('2024-01-01', MINVALUE) TO (MAXVALUE): its first values.
func (g *grid) bounds(text string) (from, to int64, ok bool) {
	rest, ok1 := strings.CutPrefix(text, "FOR VALUES FROM (")
	a, b, ok2 := strings.Cut(rest, ") TO (")
	if !ok1 || !ok2 {
		return 0, 0, false
	}
	first := func(s string) string {
		s, _, _ = strings.Cut(strings.TrimSuffix(s, ")"), ", ")
		return strings.Trim(s, "'")
	}
	from, ok1 = g.parse(first(a))
	to, ok2 = g.parse(first(b))
	return from, to, ok1 && ok2
}

func (g *grid) parse(s string) (int64, bool) {
	switch strings.ToUpper(s) {
	case "MINVALUE":
		return lowest, true
	case "MAXVALUE":
		return highest, true
	}
	if g.kind == column.Int {
		n, err := strconv.ParseInt(s, 10, 64)
		return n, err == nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04:05.999999", "2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999-07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixMicro(), true
		}
	}
	return 0, false
}

// around gives the range that a cell falls into, within what stands; false where that cannot be.
func (g *grid) around(cell int64) ([2]int64, bool) {
	if g.kind == column.Date {
		if cell < -700_000 || cell > 2_900_000 {
			return [2]int64{}, false
		}
		cell *= day
	}
	if g.months == 0 && g.width == 0 { // widths are chosen once all are known
		return [2]int64{cell, cell}, cell > lowest && cell < highest
	}
	var from, to int64
	if g.months > 0 {
		a, at := time.UnixMicro(g.anchor).UTC(), time.UnixMicro(cell).UTC()
		n := (at.Year()-a.Year())*12 + int(at.Month()) - int(a.Month())
		n = n / g.months * g.months
		for a.AddDate(0, n, 0).After(at) {
			n -= g.months
		}
		from, to = a.AddDate(0, n, 0).UnixMicro(), a.AddDate(0, n+g.months, 0).UnixMicro()
	} else {
		from = g.anchor + floorDiv(cell-g.anchor, g.width)*g.width
		to = from + g.width
	}
	for _, s := range g.stand {
		if s[1] <= cell {
			from = max(from, s[1])
		}
		if s[0] > cell {
			to = min(to, s[0])
		}
	}
	return [2]int64{from, to}, from < to
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// merged gives the ranges in their order; those of integers without a width are put together to ten at most.
func (g *grid) merged(ranges map[[2]int64]bool) (out [][2]int64) {
	for r := range ranges {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	if g.width > 0 || g.months > 0 || len(out) == 0 {
		return out
	}
	lo, hi := out[0][0], out[len(out)-1][0]
	g.width = 10
	for (hi-lo)/10 >= g.width {
		g.width *= 10
	}
	var wide [][2]int64
	for _, r := range out {
		if w, ok := g.around(r[0]); ok && (len(wide) == 0 || wide[len(wide)-1] != w) {
			wide = append(wide, w)
		}
	}
	return wide
}

// text writes a place as a bound.
func (g *grid) text(x int64) string {
	switch g.kind {
	case column.Int:
		return strconv.FormatInt(x, 10)
	case column.Date:
		return string(column.AppendDate(nil, floorDiv(x, day)))
	}
	out := string(column.AppendTimestamp(nil, x))
	if g.zone {
		out += "+00"
	}
	return out
}

// layouts are forms of a time in names, the longest first.
var layouts = []string{"2006_01_02", "2006-01-02", "20060102", "2006_01", "2006-01", "2006m01", "200601", "2006"}

// learn finds how the partitions that stand are named: by the beginning of their ranges.
func (g *grid) learn(named []*child) {
	for _, layout := range layouts {
		before, same := "", len(named) > 0 && g.kind != column.Int
		for _, k := range named {
			from, _, _ := g.bounds(k.table.Partition.Bound)
			head, found := strings.CutSuffix(k.table.Name, time.UnixMicro(from).UTC().Format(layout))
			same = same && found && (before == "" || before == head)
			before = head
		}
		if same {
			g.before, g.layout = before, layout
			return
		}
	}
	switch {
	case g.kind == column.Int:
	case g.months > 0 && g.months%12 == 0:
		g.layout = "2006"
	case g.months > 0:
		g.layout = "2006_01"
	case g.width >= day:
		g.layout = "2006_01_02"
	default:
		g.layout = "2006_01_02_15_04"
	}
}

// ending is the end of the name of a partition that begins at a place.
func (g *grid) ending(from int64) string {
	if g.kind == column.Int {
		return strings.Replace(strconv.FormatInt(from, 10), "-", "minus_", 1)
	}
	return time.UnixMicro(from).UTC().Format(g.layout)
}
