package gen

import (
	"fmt"
	"math"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// grid is the integers lo, lo+step, ... lo+step*last, and how one of them is drawn.
type grid struct {
	lo, step int64
	last     uint64
	draw     func(*rng.Stream) uint64 // of the number of steps; nil: uniform
}

// newGrid makes the grid from lo to hi, both integers in units of 1/unit: where the distribution
// speaks of a mean of 2.5 and unit is 100, it means 250.
func newGrid(lo, hi, step int64, unit float64, d *Distribution) (*grid, error) {
	g := &grid{lo: lo, step: step, last: (uint64(hi) - uint64(lo)) / uint64(step)}
	if d == nil || d.Shape == "" || d.Shape == "uniform" {
		return g, nil
	}
	const exact = 1 << 53 // integers up to here are exact as floating-point numbers
	if lo < -exact || hi > exact {
		return nil, fmt.Errorf("distribution %s needs min and max within ±2^53", d.Shape)
	}
	dist := *d
	from, by := float64(lo)/unit, float64(step)/unit
	to := from + float64(float64(g.last)*by)
	half := by / 2
	var draw func(*rng.Stream) float64
	var err error
	switch d.Shape {
	case "zipf": // ranks are steps
		draw, err = dist.sampler(0, float64(g.last))
		from, by, half = 0, 1, 0
	case "exponential": // floored with this mean, it is the geometric distribution with the mean asked for
		if dist.Mean == 0 {
			dist.Mean = (to - from) / 5
		}
		if m := dist.Mean / by; m > 0 {
			dist.Mean = by / rng.Log((m+1)/m)
		}
		draw, err = dist.sampler(from, to+by)
		half = 0
	case "lognormal":
		draw, err = dist.sampler(from, to+half)
	default:
		if d.Shape == "normal" && dist.SD == 0 {
			dist.SD = (to - from) / 6
		}
		draw, err = dist.sampler(from-half, to+half)
	}
	if err != nil {
		return nil, err
	}
	most := float64(g.last)
	g.draw = func(st *rng.Stream) uint64 {
		return uint64(min(max(math.Floor((draw(st)-from+half)/by), 0), most))
	}
	return g, nil
}

// at gives the k-th integer.
func (g *grid) at(k uint64) int64 { return int64(uint64(g.lo) + k*uint64(g.step)) }

func (g *grid) hi() int64 { return g.at(g.last) }

// fill appends the integers that are drawn for a Span's rows.
func (g *grid) fill(dst *column.Vec, key rng.Key, s *Span) {
	for i := range s.Rows.N {
		st := key.At(s.Rows.At(i), s.Attempt)
		switch {
		case g.draw != nil:
			s.Scratch.draw = st
			dst.AppendInt(g.at(g.draw(&s.Scratch.draw)))
		case g.last == math.MaxUint64:
			dst.AppendInt(g.at(st.Uint64()))
		default:
			dst.AppendInt(g.at(st.N(g.last + 1)))
		}
	}
}

// card is the number of integers where they are equally likely, or else 0.
func (g *grid) card() uint64 {
	if g.draw != nil {
		return 0
	}
	if g.last >= full {
		return full
	}
	return g.last + 1
}
