package report

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/internal/profile"
)

// drawnPlot is a plot of both sides as the page draws it, each side's bars by their share of its cells.
type drawnPlot struct {
	Title       string
	Named       []namedBar // of named values; none where the plot is a histogram
	Asked       string     // path of the outline of a histogram
	Found       string     // path of its bars; "" where the database was not asked
	Width       int
	First, Last string
	Says        string // for people who do not see it
}

type namedBar struct {
	Label        string
	Asked, Found float64 // shares
	AskedW       string  // percent of the width; "" of all others
	FoundW       string
}

const (
	plotHeight = 44.0
	barWidth   = 10
)

// choose gives the plot of a profile that tells most; nil where it has none.
func choose(p *profile.Profile) *profile.Plot {
	if i := p.Telling(); i >= 0 {
		return &p.Plots[i]
	}
	return nil
}

// draw makes the picture of a plot, with as many sides as it has; nil where there is nothing to see.
func draw(plot *profile.Plot, sides int) *drawnPlot {
	if plot == nil {
		return nil
	}
	bars, named := plot.Bars, len(plot.Bars)
	if plot.Kind == profile.Bars {
		bars, named = plot.Merged()
	}
	shares := profile.Shares(bars)
	most := 0.0
	for _, s := range shares[:named] {
		most = max(most, s[0], s[1])
	}
	out := &drawnPlot{Title: plot.Title}
	if most == 0 {
		return nil
	}
	if plot.Kind == profile.Bars {
		width := func(x float64) string { return fmt.Sprintf("%.1f%%", 100*x/most) }
		for i, b := range bars {
			bar := namedBar{Label: b.Label, Asked: shares[i][0], Found: shares[i][1]}
			if i < named {
				bar.AskedW, bar.FoundW = width(bar.Asked), width(bar.Found)
			}
			out.Named = append(out.Named, bar)
		}
		return out
	}
	var asked, found, says strings.Builder
	for i, s := range shares {
		x, a, f := i*barWidth, plotHeight*s[0]/most, plotHeight*s[1]/most
		if i == 0 {
			fmt.Fprintf(&asked, "M0 %.1f", plotHeight-a)
		} else {
			fmt.Fprintf(&asked, "V%.1f", plotHeight-a)
		}
		fmt.Fprintf(&asked, "h%d", barWidth)
		if f > 0 {
			fmt.Fprintf(&found, "M%d %.1fv%.1fh%dv%.1fz", x+1, plotHeight, -f, barWidth-2, f)
		}
		fmt.Fprintf(&says, "%s: %s asked", bars[i].Label, percent(s[0]))
		if sides > 1 {
			fmt.Fprintf(&says, ", %s found", percent(s[1]))
		}
		says.WriteString("; ")
	}
	out.Asked, out.Found, out.Width, out.Says = asked.String(), found.String(), barWidth*len(bars), strings.TrimSuffix(says.String(), "; ")
	out.First, out.Last = bars[0].Label, bars[len(bars)-1].Label
	return out
}
