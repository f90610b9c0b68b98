package column

import (
	"math"
	"testing"
)

func decimals(scale int32, xs ...int64) *Vec {
	v := new(Vec)
	v.Reset(Decimal)
	v.Scale = scale
	for _, x := range xs {
		v.AppendInt(x)
	}
	return v
}

// Decimals are the same where their values are, whatever the number of digits behind the point.
func TestEqualDecimals(t *testing.T) {
	for _, c := range []struct {
		v, w  *Vec
		equal bool
	}{
		{decimals(2, 31600), decimals(0, 316), true},
		{decimals(0, 316), decimals(2, 31600), true},
		{decimals(2, 31601), decimals(0, 316), false},
		{decimals(2, 80099), decimals(4, 8009900), true},
		{decimals(1, 0), decimals(0, 0), true},
		{decimals(1, -15), decimals(2, -150), true},
		{decimals(1, 15), decimals(2, 15), false},
		{decimals(0, 100), decimals(0, 10), false},
	} {
		if got := c.v.Equal(0, c.w, 0); got != c.equal {
			t.Errorf("%s = %s is %v", c.v.String(0), c.w.String(0), got)
		}
	}
}

func TestRescale(t *testing.T) {
	v := decimals(1, 15, -20)
	v.AppendNull()
	if !v.Rescale(3) || v.Scale != 3 || v.String(0) != "1.500" || v.String(1) != "-2.000" || !v.Null(2) {
		t.Errorf("%d: %s, %s", v.Scale, v.String(0), v.String(1))
	}
	if !v.Rescale(2) || v.Scale != 3 {
		t.Errorf("a smaller scale was taken: %d", v.Scale)
	}
	v = decimals(0, 1, math.MaxInt64/50)
	if v.Rescale(2) || v.Scale != 0 || v.Ints[0] != 1 {
		t.Errorf("too large for the scale %d: %v", v.Scale, v.Ints)
	}
	if v.Rescale(30) {
		t.Error("30 digits were taken")
	}
}

// A float's text has the digits of its own precision, in views and in what takes its shape.
func TestSingle(t *testing.T) {
	v := new(Vec)
	v.Reset(Float)
	v.Single = true
	for _, x := range []float32{0.1, 16777216, 1.0 / 3} {
		v.AppendFloat(float64(x))
	}
	view, like := v.View(1, 3), new(Vec)
	like.ResetAs(v)
	like.AppendCell(v, 0)
	for i, c := range []struct {
		v    *Vec
		at   int
		want string
	}{{v, 0, "0.1"}, {&view, 0, "1.6777216e+07"}, {&view, 1, "0.33333334"}, {like, 0, "0.1"}} {
		if got := c.v.String(c.at); got != c.want {
			t.Errorf("%d: %s, want %s", i, got, c.want)
		}
	}
	if v.Reset(Float); v.FloatBits() != 64 {
		t.Error("Reset keeps the precision")
	}
}
