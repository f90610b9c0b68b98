// Package profile tells how the cells of a column are distributed: of rows as they would be made, of those that stand in
// a database, and of both beside each other.
package profile

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/shown"
)

const (
	mostBars     = 12 // named values that are shown
	bins         = 24 // of a histogram
	longestLabel = 40
	fewDifferent = 0.5 // values whose share of different ones is below this have bars
)

// Profile is how the cells of a column are distributed, on one side or on several: each Bar has a count for each side.
type Profile struct {
	Sides []Side
	Plots []Plot
}

// Side is one sample of cells.
type Side struct {
	Cells    int
	Nulls    int
	Distinct int    // different values among the cells that are not null
	Least    string // "" where cells have no order, or there are none
	Greatest string
}

// Kinds of a Plot.
const (
	Bars      = "bars"      // named values, the most frequent first
	Histogram = "histogram" // ranges in their order
)

// Plot is one picture of a Profile.
type Plot struct {
	Title string
	Kind  string
	Bars  []Bar
}

// Bar is one value, or range of values, of a Plot.
type Bar struct {
	Label  string
	Counts []int64 // of each side
}

// Agreement is how much of two sides' cells lie in the same bars: 1 where their shares are the same in each, 0 where
// none is in a bar of the other's.
func (p *Plot) Agreement() float64 {
	var sums [2]float64
	for _, b := range p.Bars {
		sums[0] += float64(b.Counts[0])
		sums[1] += float64(b.Counts[1])
	}
	if sums[0] == 0 || sums[1] == 0 {
		return 0
	}
	same := 0.0
	for _, b := range p.Bars {
		same += min(float64(b.Counts[0])/sums[0], float64(b.Counts[1])/sums[1])
	}
	return min(same, 1)
}

// side is a sample while it is looked at.
type side struct {
	v      *column.Vec
	places []int // of cells that are not null
	counts map[string]int64
}

// Of counts the cells of each side, and draws what suits their kind. The sides are of one column.
func Of(vecs ...*column.Vec) *Profile {
	p := &Profile{Sides: make([]Side, len(vecs))}
	sides := make([]side, len(vecs))
	cells, distinct := 0, map[string]bool{}
	for k, v := range vecs {
		s := side{v: v, counts: map[string]int64{}}
		for i := range v.Len() {
			if !v.Null(i) {
				s.places = append(s.places, i)
				text := v.String(i)
				s.counts[text]++
				distinct[text] = true
			}
		}
		cells = max(cells, len(s.places))
		p.Sides[k] = Side{Cells: v.Len(), Nulls: v.Len() - len(s.places), Distinct: len(s.counts)}
		sides[k] = s
	}
	if cells == 0 {
		return p
	}
	repeat := float64(len(distinct)) < fewDifferent*float64(cells) || len(distinct) <= mostBars
	if repeat {
		p.Plots = append(p.Plots, topValues(sides))
	}
	switch kind := vecs[0].Kind; {
	case kind == column.Bool:
	case kind == column.Float || kind.Integer():
		p.ordered(sides, len(distinct))
	case kind == column.Text && !repeat:
		if plot := lengths(sides); len(plot.Bars) > 1 {
			p.Plots = append(p.Plots, plot)
		}
	}
	return p
}

// ordered draws cells of kinds that have an order.
func (p *Profile) ordered(sides []side, distinct int) {
	finite := make([][]int, len(sides)) // places, from least to greatest
	for k, s := range sides {
		number := numberOf(s.v)
		slices.SortFunc(s.places, func(a, b int) int { return cmp.Compare(number(a), number(b)) })
		if n := len(s.places); n > 0 {
			p.Sides[k].Least, p.Sides[k].Greatest = Label(s.v.String(s.places[0])), Label(s.v.String(s.places[n-1]))
		}
		for _, at := range s.places {
			if x := number(at); !math.IsNaN(x) && !math.IsInf(x, 0) && !(isMoment(s.v) && column.Infinite(s.v.Ints[at])) {
				finite[k] = append(finite[k], at)
			}
		}
	}
	if distinct > mostBars {
		if plot := histogram(sides, finite); len(plot.Bars) > 0 {
			p.Plots = append(p.Plots, plot)
		}
	}
	if sides[0].v.Kind == column.Timestamp {
		p.Plots = append(p.Plots, calendar(sides, finite)...)
	}
}

func isMoment(v *column.Vec) bool { return v.Kind == column.Timestamp || v.Kind == column.Date }

// numberOf gives the cells of kinds that have an order as numbers.
func numberOf(v *column.Vec) func(i int) float64 {
	switch v.Kind {
	case column.Float:
		return func(i int) float64 { return v.Floats[i] }
	case column.Decimal: // the scale of the sides may differ
		scale := math.Pow10(int(v.Scale))
		return func(i int) float64 { return float64(v.Ints[i]) / scale }
	}
	return func(i int) float64 { return float64(v.Ints[i]) }
}

// topValues has the most frequent values of all sides together; ties are in the order of their texts.
func topValues(sides []side) Plot {
	plot := Plot{Title: "most frequent values", Kind: Bars}
	weight := map[string]float64{}
	for _, s := range sides {
		for name, n := range s.counts {
			weight[name] += float64(n) / float64(len(s.places))
		}
	}
	names := make([]string, 0, len(weight))
	for name := range weight {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(weight[b], weight[a]), cmp.Compare(a, b)) })
	rest, any := make([]int64, len(sides)), false
	for i, name := range names {
		counts := make([]int64, len(sides))
		for k, s := range sides {
			counts[k] = s.counts[name]
			if i >= mostBars {
				rest[k] += counts[k]
			}
		}
		if any = i >= mostBars; !any {
			plot.Bars = append(plot.Bars, Bar{Label(name), counts})
		}
	}
	if any {
		plot.Bars = append(plot.Bars, Bar{fmt.Sprintf("%d others", len(names)-mostBars), rest})
	}
	return plot
}

// empty makes bars without cells.
func empty(sides, n int, name func(i int) string) []Bar {
	bars := make([]Bar, n)
	for i := range bars {
		bars[i] = Bar{name(i), make([]int64, sides)}
	}
	return bars
}

// histogram counts cells in ranges of equal width, the same for all sides. places are of numbers, in order.
func histogram(sides []side, places [][]int) Plot {
	plot := Plot{Title: "from least to greatest", Kind: Histogram}
	least, greatest := math.Inf(1), math.Inf(-1)
	for k, s := range sides {
		if n := len(places[k]); n > 0 {
			number := numberOf(s.v)
			least, greatest = min(least, number(places[k][0])), max(greatest, number(places[k][n-1]))
		}
	}
	width := (greatest - least) / bins
	if kind := sides[0].v.Kind; kind == column.Int || kind == column.Date {
		width = math.Max(math.Ceil((greatest-least+1)/bins), 1)
	}
	if !(width > 0) || math.IsInf(width, 0) {
		return plot
	}
	n := min(int((greatest-least)/width)+1, bins)
	plot.Bars = empty(len(sides), n, func(i int) string { return boundText(sides[0].v, least+float64(i)*width) })
	for k, s := range sides {
		number := numberOf(s.v)
		for _, at := range places[k] {
			plot.Bars[min(int((number(at)-least)/width), n-1)].Counts[k]++
		}
	}
	return plot
}

// boundText writes a bound of a histogram as the column's cells are written.
func boundText(v *column.Vec, x float64) string {
	switch v.Kind {
	case column.Float:
		return strconv.FormatFloat(x, 'g', 4, 64)
	case column.Decimal:
		return strconv.FormatFloat(x, 'f', int(v.Scale), 64)
	case column.Timestamp:
		return time.UnixMicro(int64(x)).UTC().Format("2006-01-02")
	case column.Date:
		return time.Unix(int64(x)*86400, 0).UTC().Format("2006-01-02")
	}
	one := new(column.Vec)
	one.ResetAs(v)
	one.AppendInt(int64(x))
	return one.String(0)
}

// calendar counts timestamps by hour, day of the week and month, all in UTC.
func calendar(sides []side, places [][]int) []Plot {
	n := len(sides)
	hours := Plot{"by hour (UTC)", Histogram, empty(n, 24, func(i int) string { return fmt.Sprintf("%d h", i) })}
	days := Plot{"by day of the week", Histogram, empty(n, 7, func(i int) string { return time.Weekday((i + 1) % 7).String()[:3] })}
	months := Plot{"by month of the year", Histogram, empty(n, 12, func(i int) string { return time.Month(i + 1).String()[:3] })}
	for k, s := range sides {
		for _, at := range places[k] {
			when := time.UnixMicro(s.v.Ints[at]).UTC()
			hours.Bars[when.Hour()].Counts[k]++
			days.Bars[(int(when.Weekday())+6)%7].Counts[k]++
			months.Bars[when.Month()-1].Counts[k]++
		}
	}
	return []Plot{hours, days, months}
}

// lengths counts texts by their length.
func lengths(sides []side) Plot {
	plot := Plot{Title: "length in characters", Kind: Histogram}
	least, greatest := math.MaxInt, 0
	for _, s := range sides {
		for _, i := range s.places {
			n := utf8.RuneCount(s.v.Bytes(i))
			least, greatest = min(least, n), max(greatest, n)
		}
	}
	width := max((greatest-least+bins)/bins, 1)
	plot.Bars = empty(len(sides), (greatest-least)/width+1, func(i int) string {
		from := least + i*width
		if width > 1 {
			return strconv.Itoa(from) + "–" + strconv.Itoa(from+width-1)
		}
		return strconv.Itoa(from)
	})
	for k, s := range sides {
		for _, i := range s.places {
			plot.Bars[(utf8.RuneCount(s.v.Bytes(i))-least)/width].Counts[k]++
		}
	}
	return plot
}

// Label is a value as a plot names it: shown, and cut where it is long.
func Label(text string) string {
	text = shown.Text(text)
	if utf8.RuneCountInString(text) > longestLabel {
		return string([]rune(text)[:longestLabel-1]) + "…"
	}
	return text
}
