package blueprint

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// Fit is numbers of rows in place of a blueprint's, and what they were found for.
type Fit struct {
	Asked  string `json:"asked"`
	Counts Counts `json:"counts"`
}

// Fitted gives a blueprint with the numbers of a fit; parts that it does not name have their own. b does not change.
func (b *Blueprint) Fitted(f *Fit) *Blueprint {
	out := *b
	out.Fit, out.Tables = f, slices.Clone(b.Tables)
	for i, t := range b.Tables {
		if f.Counts[t.Name] == nil {
			continue
		}
		c := *t
		c.Parts = slices.Clone(t.Parts)
		for k, p := range t.Parts {
			n, ok := f.Counts[t.Name][p.Name]
			if !ok {
				continue
			}
			p := *p
			if p.Each == "" {
				p.Rows = n
			} else if p.Counts != nil {
				each := *p.Counts
				each.Rows = n
				p.Counts = &each
			}
			c.Parts[k] = &p
		}
		out.Tables[i] = &c
	}
	return &out
}

// Scalable gives the numbers of rows that a user leaves open who gave values to some parameters: those that are computed
// of parameters, but not of these; of a blueprint that computes none, all. Parts that follow a table without a number of
// their own have none.
func (b *Blueprint) Scalable(given func(parameter string) bool) Counts {
	computed := false
	numbers := func(each func(t *Table, p *Part, n int64)) {
		for _, t := range b.Tables {
			for _, p := range t.Parts {
				switch {
				case t.Standing || t.Triggered:
				case p.Each == "":
					each(t, p, p.Rows)
				case p.Counts != nil && p.Counts.Rows >= 0:
					each(t, p, p.Counts.Rows)
				}
			}
		}
	}
	reads := func(p *Part, what func(string) bool) bool {
		return slices.ContainsFunc(b.Parameters, func(x *Parameter) bool { return mentions(p.Computed, x.Name) && what(x.Name) })
	}
	numbers(func(_ *Table, p *Part, _ int64) { computed = computed || reads(p, func(string) bool { return true }) })
	out := Counts{}
	numbers(func(t *Table, p *Part, n int64) {
		if n == 0 || reads(p, given) || computed && !reads(p, func(string) bool { return true }) {
			return
		}
		if out[t.Name] == nil {
			out[t.Name] = map[string]int64{}
		}
		out[t.Name][p.Name] = n
	})
	return out
}

// mentions tells whether an expression reads a parameter.
func mentions(expr, name string) bool {
	return slices.Contains(strings.FieldsFunc(expr, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }), name)
}

// Scaled gives so many times the numbers, at least 1 each; of parts with fixed rows at least those.
func (b *Blueprint) Scaled(of Counts, by float64) Counts {
	out := Counts{}
	for _, t := range b.Tables {
		for i, p := range t.Parts {
			n, ok := of[t.Name][p.Name]
			if !ok {
				continue
			}
			least := 1.0
			if i == 0 {
				least = max(least, float64(len(t.Fixed)))
			}
			if out[t.Name] == nil {
				out[t.Name] = map[string]int64{}
			}
			out[t.Name][p.Name] = int64(min(max(math.Round(float64(n)*by), least), MostRows))
		}
	}
	return out
}

// MostRows is the largest number of rows that a fit gives a table.
const MostRows = 1 << 50
