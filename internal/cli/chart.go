package cli

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

const (
	// chartRows is how many bars a chart has at most, and chartWidth how wide it is, unless the terminal is narrower.
	chartRows, chartWidth = 60, 80
	// chartLabel is how long the name of a bar may be.
	chartLabel = 24
)

// printCharts shows the charts of a complete run.
func (a *app) printCharts(p *plan.Plan) {
	if p == nil {
		return
	}
	for _, c := range p.Blueprint.Charts {
		if bars := readChart(p, c); len(bars) > 0 {
			a.ui.print("\n  %s", visible(clip(c.Title, chartWidth-2)))
			a.ui.print("%s", strings.Join(a.ui.out.chart(bars, min(a.ui.out.room(), chartWidth)), "\n"))
		}
	}
}

// bar is one of a chart.
type bar struct {
	label, text string
	value       float64
}

// readChart makes the rows that a chart shows; nothing where the database lacks what it reads.
func readChart(p *plan.Plan, c blueprint.Chart) (bars []bar) {
	t := p.Table(c.Table)
	if t == nil || t.Standing || t.Rows == 0 {
		return nil
	}
	var cols []*plan.Column
	for _, name := range []string{c.Label, c.Value} {
		i := slices.IndexFunc(t.Columns, func(x *plan.Column) bool { return x.Name == name })
		if i < 0 {
			return nil
		}
		cols = append(cols, t.Columns[i])
	}
	var m rows.Maker
	b, err := m.Batch(t, cols, 0, int(min(t.Rows, chartRows)))
	if err != nil {
		return nil // the run told of it
	}
	months := true
	for i := range b.N {
		x := bar{label: b.Vecs[0].String(i), value: cellNumber(b.Vecs[1], i)}
		if whole := int64(math.Round(x.value)); math.Abs(x.value) < 1<<53 {
			x.text = thousands(whole)
		}
		months = months && b.Vecs[0].Kind == column.Date && strings.HasSuffix(x.label, "-01")
		bars = append(bars, x)
	}
	for i := range bars {
		if months { // days that are the first of their month stand for it
			bars[i].label = strings.TrimSuffix(bars[i].label, "-01")
		}
	}
	return bars
}

// cellNumber is a cell as a number: 0 where it is null, or none.
func cellNumber(v *column.Vec, i int) float64 {
	switch {
	case v.Null(i):
	case v.Kind == column.Int:
		return float64(v.Ints[i])
	case v.Kind == column.Decimal:
		return float64(v.Ints[i]) / math.Pow10(int(v.Scale))
	case v.Kind == column.Float:
		return v.Floats[i]
	}
	return 0
}

// chart draws bars in a width.
func (s *screen) chart(bars []bar, width int) (lines []string) {
	labels, texts, most := 0, 0, 0.0
	for i := range bars {
		bars[i].label = clip(visible(bars[i].label), chartLabel)
		labels, texts = max(labels, utf8.RuneCountInString(bars[i].label)), max(texts, len(bars[i].text))
		most = max(most, bars[i].value)
	}
	full := "#"
	if s.unicode {
		full = "█"
	}
	room := max(width-labels-texts-5, 1)
	for _, b := range bars {
		n := 0
		if most > 0 && b.value > 0 {
			n = max(int(math.Round(float64(room)*b.value/most)), 1)
		}
		lines = append(lines, "  "+b.label+strings.Repeat(" ", labels-utf8.RuneCountInString(b.label)+1)+
			strings.Repeat(" ", texts-len(b.text))+b.text+" "+s.paint(green, strings.Repeat(full, n)))
	}
	return lines
}
