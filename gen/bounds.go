package gen

import (
	"math"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
)

// cellBounds gives the bounds of the cells of a short vector.
func cellBounds(v *column.Vec) Bounds {
	b := Bounds{Min: math.MaxInt64, Max: math.MinInt64}
	for i := range v.Len() {
		switch {
		case v.Null(i):
		case v.Kind.Variable():
			b.MaxLen = max(b.MaxLen, utf8.RuneCount(v.Bytes(i)))
		case v.Kind.Integer():
			b.Min, b.Max = min(b.Min, v.Ints[i]), max(b.Max, v.Ints[i])
		}
	}
	if b.Min > b.Max {
		b.Min, b.Max = 0, 0
	}
	return b
}

// boundsOf gives f's bounds, or the zero Bounds where it knows none.
func boundsOf(f Filler) Bounds {
	if b, ok := f.(Bounded); ok {
		return b.Bounds()
	}
	return Bounds{}
}
