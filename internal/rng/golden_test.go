package rng

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/golden.txt")

// TestGolden compares fixed values of every function with testdata/golden.txt.
// A difference means that generated data changes for all users: either the
// change or the processor is wrong, or tag must be raised and the file be
// rewritten with -update.
func TestGolden(t *testing.T) {
	const file = "testdata/golden.txt"
	got := golden(t)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// golden renders the values, one function a line, floats as their bits. Long
// sequences are folded to a checksum, which compares platforms more widely.
func golden(t *testing.T) string {
	var b strings.Builder
	line := func(name string, f func(row int64) any) {
		fmt.Fprintf(&b, "%s:", name)
		for _, row := range []int64{0, 1, 2, 1000, 1 << 40, -1} {
			fmt.Fprintf(&b, " %x", f(row))
		}
		b.WriteByte('\n')
	}
	draw := func(name string, f func(s *Stream) uint64) {
		line(name, func(row int64) any {
			s := testKey.At(row, 0)
			return f(&s)
		})
		sum := uint64(0)
		for row := range int64(20000) {
			s := testKey.At(row, 1)
			sum = Mix(sum*gamma + f(&s))
		}
		fmt.Fprintf(&b, "%s, 20000 of them: %x\n", name, sum)
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	fmt.Fprintf(&b, "NewKey: %x %x %x\n", NewKey(0), NewKey(1, "a", "bc"), NewKey(math.MaxUint64, "ä"))
	fmt.Fprintf(&b, "Derive: %x %x\n", NewKey(0).Derive(), NewKey(1, "a").Derive("b", "c"))
	fmt.Fprintf(&b, "Mix: %x %x %x\n", Mix(0), Mix(1), Mix(math.MaxUint64))
	draw("Uint64", func(s *Stream) uint64 { return s.Uint64() })
	draw("third Uint64", func(s *Stream) uint64 { s.Uint64(); s.Uint64(); return s.Uint64() })
	draw("N 1000", func(s *Stream) uint64 { return s.N(1000) })
	draw("N 3<<62", func(s *Stream) uint64 { return s.N(3 << 62) })
	draw("Range -5..1e12", func(s *Stream) uint64 { return uint64(s.Range(-5, 1e12)) })
	draw("Float", func(s *Stream) uint64 { return math.Float64bits(s.Float()) })
	draw("Normal", func(s *Stream) uint64 { return math.Float64bits(s.Normal()) })
	draw("Exponential", func(s *Stream) uint64 { return math.Float64bits(s.Exponential()) })
	draw("Chance 1/3", func(s *Stream) uint64 {
		if s.Chance(1, 3) {
			return 1
		}
		return 0
	})
	draw("Log", func(s *Stream) uint64 {
		return math.Float64bits(Log(math.Float64frombits(s.Uint64() >> 1 & (1<<62 - 1))))
	})
	draw("Exp", func(s *Stream) uint64 { return math.Float64bits(Exp(float64(s.Float()*1400) - 700)) })
	draw("Pow", func(s *Stream) uint64 {
		return math.Float64bits(Pow(float64(s.Float()*100), float64(s.Float()*300)-150))
	})

	a, err := NewAlias([]uint64{3, 0, 1 << 40, 1 << 41, 12345678})
	check(err)
	draw("Alias", func(s *Stream) uint64 { return uint64(a.Pick(s)) })
	for _, e := range []float64{0.7, 1, 1.5} {
		z, err := NewZipf(1e9, e)
		check(err)
		draw(fmt.Sprint("Zipf 1e9 ", e), z.Pick)
	}
	for _, c := range [][2]int{{3, 10}, {9, 10}, {5, 2000}} {
		draw(fmt.Sprintf("Subset %d of %d", c[0], c[1]), func(s *Stream) uint64 {
			h := uint64(0)
			for _, x := range s.Subset(nil, c[0], c[1]) {
				h = h*uint64(c[1]) + uint64(x)
			}
			return h
		})
	}

	line("UUID", func(row int64) any { return testKey.UUID(row, 0) })
	line("UUID, attempt 3", func(row int64) any { return testKey.UUID(row, 3) })
	line("UUIDv7", func(row int64) any { return testKey.UUIDv7(row, 0, 1700000000000) })
	for _, n := range []uint64{10, 64, 65, 1000, 1e6, 1e9, 1 << 63} {
		p := NewPerm(testKey, n)
		line(fmt.Sprint("Perm ", n), func(row int64) any { return p.At(uint64(row) % n) })
	}
	c := NewClasses(testKey, []int64{500, 0, 100000, 12})
	line("Classes", func(row int64) any {
		class, rank := c.Of((row%c.start[4] + c.start[4]) % c.start[4])
		return []int64{int64(class), rank}
	})
	for _, x := range [][4]int64{{7, 20, 1, 5}, {1e6, 5e6, 0, 20}, {1e6, 5e6, 2, math.MaxInt64}, {1e12, 3e12, 0, 100}} {
		s, err := NewSplit(testKey, x[0], x[1], x[2], x[3])
		check(err)
		line(fmt.Sprint("Split Children ", x), func(row int64) any {
			first, count := s.Children((row%x[0] + x[0]) % x[0])
			return []int64{first, count}
		})
		line(fmt.Sprint("Split Parent ", x), func(row int64) any {
			p, rank := s.Parent((row%x[1] + x[1]) % x[1])
			return []int64{p, rank}
		})
	}
	fmt.Fprintf(&b, "Apportion: %d\n", Apportion(245, []uint64{10, 9, 1}))
	return b.String()
}
