package profile

import (
	"math"
	"testing"

	"github.com/sowerdata/sower/column"
)

func ints(kind column.Kind, xs ...int64) *column.Vec {
	v := new(column.Vec)
	v.Reset(kind)
	for _, x := range xs {
		v.AppendInt(x)
	}
	return v
}

func texts(xs ...string) *column.Vec {
	v := new(column.Vec)
	v.Reset(column.Text)
	for _, x := range xs {
		if x == "-" {
			v.AppendNull()
		} else {
			v.AppendString(x)
		}
	}
	return v
}

// Both sides are counted in the same bars, of which each keeps every cell.
func TestOf(t *testing.T) {
	p := Of(texts("a", "a", "b", "-"), texts("b", "c"))
	if p.Sides[0] != (Side{Cells: 4, Nulls: 1, Distinct: 2}) || p.Sides[1] != (Side{Cells: 2, Distinct: 2}) {
		t.Errorf("%+v", p.Sides)
	}
	if same := p.Plots[0].Agreement(); math.Abs(same-1.0/3) > 1e-9 {
		t.Errorf("a third of both is in the bar of b, not %v", same)
	}
	var wide, shifted []int64
	for i := range int64(1000) {
		wide, shifted = append(wide, i), append(shifted, i+500)
	}
	p = Of(ints(column.Int, wide...), ints(column.Int, shifted...))
	if same := p.Plots[0].Agreement(); len(p.Plots) != 1 || same < 0.45 || same > 0.55 {
		t.Errorf("half lies in the same ranges: %v of %+v", same, p.Plots)
	}
	for side, n := range []int64{1000, 1000} {
		for _, b := range p.Plots[0].Bars {
			n -= b.Counts[side]
		}
		if n != 0 {
			t.Errorf("side %d: %d cells have no bar", side, n)
		}
	}
	if s := p.Sides[1]; s.Least != "500" || s.Greatest != "1499" {
		t.Errorf("%+v", s)
	}
}

// What has no finite number is in no histogram, and what has no cell in none of the plots.
func TestOfOddCells(t *testing.T) {
	moments := []int64{column.MinusInfinity, column.Infinity}
	for i := range int64(50) {
		moments = append(moments, i*3_600_000_000)
	}
	p := Of(ints(column.Timestamp, moments...))
	sum := int64(0)
	for _, b := range p.Plots[0].Bars {
		sum += b.Counts[0]
	}
	if sum != 50 || p.Sides[0].Greatest != "infinity" {
		t.Errorf("%d of 50 moments, to %s", sum, p.Sides[0].Greatest)
	}
	floats := new(column.Vec)
	floats.Reset(column.Float)
	for i := range 40 {
		floats.AppendFloat(float64(i))
	}
	floats.AppendFloat(math.NaN())
	floats.AppendFloat(math.Inf(1))
	if p := Of(floats); len(p.Plots) != 1 || p.Plots[0].Bars[0].Label != "0" {
		t.Errorf("%+v", p.Plots)
	}
	if p := Of(texts("-", "-"), texts()); len(p.Plots) != 0 || p.Sides[0].Nulls != 2 {
		t.Errorf("%+v", p)
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		rows int64
		n    int
	}{{0, 5}, {3, 5}, {5, 5}, {1000, 7}, {1 << 60, 2000}} {
		list := Spread(c.rows, c.n)
		if int64(len(list)) != min(c.rows, int64(c.n)) {
			t.Errorf("%d of %d rows: %d", c.n, c.rows, len(list))
		}
		for i, x := range list {
			if x < 0 || x >= c.rows || i > 0 && x <= list[i-1] {
				t.Errorf("%d of %d rows: row %d is %d", c.n, c.rows, i, x)
			}
		}
	}
}
