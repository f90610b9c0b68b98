package blueprint

import (
	"math"
	"slices"
)

// fileEach is the table that a part follows, and how many rows it has for each row of that one.
type fileEach struct {
	Table        fileText  `yaml:"table" short:"true" required:"true" desc:"One row, or as many as the other keys say, for each row of this table. The part's name links to that row: a column reads its cells as part.column."`
	Min          *rowCount `yaml:"min" desc:"At least this many rows for each row (default 0)."`
	Max          *rowCount `yaml:"max" desc:"At most this many rows for each row. It may be left out with rows or mean, and without a distribution: then there is no limit."`
	Mean         *float64  `yaml:"mean" desc:"The number of rows for each row, on average (default: what the distribution gives, or else the middle between min and max)."`
	Rows         *rowCount `yaml:"rows" desc:"The number of all rows, exactly."`
	Shares       []float64 `yaml:"shares" desc:"With rows: how they are shared out among the rows of the table, a number for each of them, exactly (by the largest remainder method)."`
	Distribution string    `yaml:"distribution" enum:"uniform,geometric,zipf" desc:"How often each number of rows between min and max comes, exactly: uniform, equally; geometric, each half as often as the one below it; zipf, inversely to its rank. Such a range has at most 64 numbers. Without it the rows that are more than min are put into the places below max at random."`
}

// EachCounts says how many rows a part has for each row of the table that it follows.
type EachCounts struct {
	Min, Max     int64   // both included; math.MaxInt64: no limit
	Mean         float64 // 0: not given
	Rows         int64   // of all; -1: not given
	Distribution string  // "" for places at random
	Shares       []float64
}

// EachKinds is the most different numbers of rows that a distribution goes over.
const EachKinds = 64

// counts checks a part's numbers; nil where there is one row for each row.
func (e *fileEach) counts(c *tableCheck, part string) *EachCounts {
	if e.Min == nil && e.Max == nil && e.Mean == nil && e.Rows == nil && e.Distribution == "" && len(e.Shares) == 0 {
		return nil
	}
	at := e.Table.pos
	out := &EachCounts{Max: math.MaxInt64, Rows: -1, Distribution: e.Distribution, Shares: e.Shares}
	if e.Min != nil {
		out.Min = int64(*e.Min)
	}
	if e.Max != nil {
		out.Max = int64(*e.Max)
	}
	if e.Rows != nil {
		out.Rows = int64(*e.Rows)
	}
	switch {
	case len(e.Shares) > 0 && (e.Rows == nil || e.Min != nil || e.Max != nil || e.Mean != nil || e.Distribution != ""):
		c.problem(at, "write shares and rows alone", "part %q: shares go with rows, and with nothing else", part)
	case len(e.Shares) > 0 && !slices.ContainsFunc(e.Shares, func(w float64) bool { return w > 0 }) || slices.ContainsFunc(e.Shares, func(w float64) bool { return !(w >= 0 && w <= 1e12) }):
		c.problem(at, "write numbers from 0 to 1e12, one of them above 0", "part %q: shares are no shares", part)
	case out.Min > out.Max:
		c.problem(at, "", "part %q: min %d is above max %d", part, out.Min, out.Max)
	case e.Max == nil && e.Distribution != "":
		c.problem(at, "add max", "part %q: a distribution wants a max", part)
	case e.Max == nil && e.Mean == nil && e.Rows == nil:
		c.problem(at, "add max, mean or rows", "part %q: nothing says how many rows there are", part)
	case e.Distribution != "" && out.Max-out.Min >= EachKinds:
		c.problem(at, "narrow min and max, or leave the distribution out", "part %q: a distribution goes over at most %d numbers of rows, and min %d to max %d are more", part, EachKinds, out.Min, out.Max)
	case e.Mean != nil && e.Rows != nil:
		c.problem(at, "take one of them out", "part %q: mean and rows exclude each other", part)
	case e.Mean != nil && !(*e.Mean >= float64(out.Min) && *e.Mean <= float64(out.Max) && *e.Mean > 0):
		c.problem(at, "", "part %q: mean %v is not above 0 and between min and max", part, *e.Mean)
	case e.Mean != nil:
		out.Mean = *e.Mean
	}
	return out
}

// sameCounts tells whether two parts have as many rows for each row.
func sameCounts(x, y *EachCounts) bool {
	return x == y || x != nil && y != nil && x.Min == y.Min && x.Max == y.Max && x.Mean == y.Mean && x.Rows == y.Rows && x.Distribution == y.Distribution && slices.Equal(x.Shares, y.Shares)
}
