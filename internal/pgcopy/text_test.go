package pgcopy

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/sowerdata/sower/column"
)

func TestPlain(t *testing.T) {
	for n := range 100 {
		b := bytes.Repeat([]byte{'x'}, n)
		if !plain(b) {
			t.Errorf("%d plain bytes", n)
		}
		for i := range b {
			for _, c := range []byte{0, '\n', 0x1f, '\\'} {
				b[i] = c
				if plain(b) {
					t.Errorf("byte %d at %d of %d was not seen", c, i, n)
				}
			}
			for _, c := range []byte{' ', '!', '[', ']', 0x7f, 0x80, 0x9f, 0xdc, 0xff} {
				b[i] = c
				if !plain(b) {
					t.Errorf("byte %d at %d of %d needs no escape", c, i, n)
				}
			}
			b[i] = 'x'
		}
	}
}

func TestFloatText(t *testing.T) {
	for s, x := range map[string]float64{"0": 0, "-0": math.Copysign(0, -1), "0.5": 0.5, "0.25": 0.25, "-0.01": -0.01, "1": 1, "-12.3": -12.3, "100000000": 1e8,
		"0.001": 0.001, "NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1), "1e+21": 1e21} {
		if got := string(AppendFloat(nil, x)); got != s {
			t.Errorf("%v: got %s, want %s", x, got, s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.OneOf(rapid.Float64(), rapid.Map(rapid.Int64Range(-1e12, 1e12), func(k int64) float64 { return float64(k) / 100 })).Draw(t, "x")
		if got, err := strconv.ParseFloat(string(AppendFloat(nil, x)), 64); err != nil || math.Float64bits(got) != math.Float64bits(x) {
			t.Fatalf("%v was written as %s", x, AppendFloat(nil, x))
		}
		y := float64(rapid.Float32().Draw(t, "y"))
		if got, err := strconv.ParseFloat(string(appendFloat4(nil, y)), 32); err != nil || got != y {
			t.Fatalf("%v was written as %s", y, appendFloat4(nil, y))
		}
	})
}

// The fast kernels write what package column writes.
func TestKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200_000 {
		us := r.Int64N((maxDay+1-minDay)*dayMicros) + minDay*dayMicros
		if r.IntN(2) == 0 {
			us -= us % 1_000_000
		}
		if got, want := string(AppendTimestamp(nil, us)), string(column.AppendTimestamp(nil, us)); got != want {
			t.Fatalf("%d: got %s, want %s", us, got, want)
		}
		x, scale := r.Int64()>>r.IntN(63), int32(r.IntN(25))
		if r.IntN(2) == 0 {
			x = -x - 1
		}
		if got, want := string(appendDecimal(nil, x, scale)), string(column.AppendDecimal(nil, x, int(scale))); got != want {
			t.Fatalf("%d scale %d: got %s, want %s", x, scale, got, want)
		}
		var u [16]byte
		for i := range u {
			u[i] = byte(r.Uint32())
		}
		if got, want := string(appendUUID(nil, &u)), string(column.AppendUUIDText(nil, u[:])); got != want {
			t.Fatalf("%x: got %s, want %s", u, got, want)
		}
	}
	for _, d := range []int64{minDay - 1, minDay, maxDay, maxDay + 1, math.MinInt64, math.MaxInt64} {
		_ = AppendDate(nil, d) // neither panics nor loops
		_ = AppendTimestamp(nil, d)
	}
}
