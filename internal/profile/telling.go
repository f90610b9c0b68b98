package profile

import (
	"context"
	"fmt"
	"strings"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

const (
	mostNamed = 7   // bars of a plot of named values that is drawn small, with the one for the rest
	fewNamed  = 0.5 // share of cells below which the most frequent values tell less than the ranges that all lie in
)

// Telling is the place of the plot that tells most; -1 where there is none.
func (p *Profile) Telling() int {
	if len(p.Plots) == 0 {
		return -1
	}
	first := &p.Plots[0]
	if first.Kind == Bars && len(p.Plots) > 1 {
		bars, named := first.Merged()
		if len(bars) > named && Shares(bars)[named][0] > 1-fewNamed {
			return 1
		}
	}
	return 0
}

// Merged gives the bars of a plot drawn small, of which the first so many have names, and one more may be of all others.
func (plot *Plot) Merged() (bars []Bar, named int) {
	if len(plot.Bars) <= mostNamed {
		return plot.Bars, len(plot.Bars)
	}
	rest := Bar{Label: "others", Counts: make([]int64, len(plot.Bars[0].Counts))}
	for _, b := range plot.Bars[mostNamed-1:] {
		for k, n := range b.Counts {
			rest.Counts[k] += n
		}
	}
	return append(append([]Bar{}, plot.Bars[:mostNamed-1]...), rest), mostNamed - 1
}

// Shares are those of the cells of each of up to two sides in each bar.
func Shares(bars []Bar) [][2]float64 {
	out := make([][2]float64, len(bars))
	for k := range 2 {
		sum := 0.0
		for _, b := range bars {
			if k < len(b.Counts) {
				sum += float64(b.Counts[k])
			}
		}
		for i, b := range bars {
			if sum > 0 {
				out[i][k] = float64(b.Counts[k]) / sum
			}
		}
	}
	return out
}

const mostCounts = 200 // columns that one query counts

// Nulls asks for the share of nulls in columns of a table that has so many rows, of all of them. Of a table that others
// inherit from it is nil: its name alone would count theirs too.
func Nulls(ctx context.Context, s sink.Store, t *schema.Table, columns []string, rows int64) ([]float64, error) {
	if t.Inherited || rows == 0 {
		return nil, nil
	}
	var out []float64
	for from := 0; from < len(columns); from += mostCounts {
		some := columns[from:min(from+mostCounts, len(columns))]
		var counts []string
		for _, c := range some {
			counts = append(counts, "count("+s.Dialect().Ident(c)+")")
		}
		sums, err := s.QueryInts(ctx, fmt.Sprintf("select %s from %s", strings.Join(counts, ", "), s.Dialect().Ident(t.Schema, t.Name)), nil, len(some))
		if err != nil {
			return nil, err
		}
		for _, n := range sums {
			out = append(out, float64(rows-n)/float64(rows))
		}
	}
	return out, nil
}
