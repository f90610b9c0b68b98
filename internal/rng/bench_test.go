package rng

import "testing"

var (
	sinkU uint64
	sinkF float64
	sinkI int64
	sinkB byte
)

// benchDraw benchmarks one draw from a fresh cell stream each time.
func benchDraw(b *testing.B, f func(s *Stream)) {
	b.ReportAllocs()
	row := int64(0)
	var s Stream
	for b.Loop() {
		s = testKey.At(row, 0)
		f(&s)
		row++
	}
}

func BenchmarkNewKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sinkU = NewKey(1, "orders", "customer_id").A
	}
}

func BenchmarkAtUint64(b *testing.B) {
	benchDraw(b, func(s *Stream) { sinkU += s.Uint64() })
}
func BenchmarkN(b *testing.B)     { benchDraw(b, func(s *Stream) { sinkU += s.N(1000) }) }
func BenchmarkRange(b *testing.B) { benchDraw(b, func(s *Stream) { sinkI += s.Range(-5, 1e12) }) }
func BenchmarkFloat(b *testing.B) { benchDraw(b, func(s *Stream) { sinkF += s.Float() }) }
func BenchmarkChance(b *testing.B) {
	benchDraw(b, func(s *Stream) {
		if s.Chance(1, 10) {
			sinkU++
		}
	})
}
func BenchmarkNormal(b *testing.B)      { benchDraw(b, func(s *Stream) { sinkF += s.Normal() }) }
func BenchmarkExponential(b *testing.B) { benchDraw(b, func(s *Stream) { sinkF += s.Exponential() }) }

func BenchmarkUUID(b *testing.B) {
	b.ReportAllocs()
	row := int64(0)
	for b.Loop() {
		sinkB += testKey.UUID(row, 0)[9]
		row++
	}
}

func BenchmarkUUIDv7(b *testing.B) {
	b.ReportAllocs()
	row := int64(0)
	for b.Loop() {
		sinkB += testKey.UUIDv7(row, 0, row)[9]
		row++
	}
}

func BenchmarkLog(b *testing.B) { benchFloat(b, func(x float64) float64 { return Log(x) }) }
func BenchmarkExp(b *testing.B) { benchFloat(b, func(x float64) float64 { return Exp(-x) }) }
func BenchmarkPow(b *testing.B) { benchFloat(b, func(x float64) float64 { return Pow(x, 2.7) }) }

func benchFloat(b *testing.B, f func(x float64) float64) {
	b.ReportAllocs()
	x := 0.1
	for b.Loop() {
		sinkF += f(x)
		if x += 0.37; x > 100 {
			x = 0.1
		}
	}
}

func BenchmarkPerm(b *testing.B) {
	for _, c := range []struct {
		name string
		n    uint64
	}{{"n=50", 50}, {"n=100", 100}, {"n=1e3", 1e3}, {"n=1e6", 1e6}, {"n=1e9", 1e9}, {"n=2^62", 1 << 62}} {
		p := NewPerm(testKey, c.n)
		b.Run("At/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			i := uint64(0)
			for b.Loop() {
				sinkU += p.At(i)
				if i++; i == c.n {
					i = 0
				}
			}
		})
		b.Run("Inverse/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			i := uint64(0)
			for b.Loop() {
				sinkU += p.Inverse(i)
				if i++; i == c.n {
					i = 0
				}
			}
		})
		b.Run("New/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			k := testKey
			for b.Loop() {
				k.A++
				p := NewPerm(k, c.n)
				sinkU += p.Len()
			}
		})
	}
}

func BenchmarkAlias(b *testing.B) {
	w := make([]uint64, 1000)
	for i := range w {
		w[i] = uint64(i*i + 1)
	}
	b.Run("New", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := NewAlias(w); err != nil {
				b.Fatal(err)
			}
		}
	})
	a, err := NewAlias(w)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Pick", func(b *testing.B) { benchDraw(b, func(s *Stream) { sinkI += int64(a.Pick(s)) }) })
}

func BenchmarkApportion(b *testing.B) {
	b.ReportAllocs()
	w := make([]uint64, 1000)
	for i := range w {
		w[i] = uint64(i*i + 1)
	}
	for b.Loop() {
		sinkI += Apportion(1e6, w)[7]
	}
}

func BenchmarkClasses(b *testing.B) {
	c := NewClasses(testKey, Apportion(1e9, []uint64{10, 9, 1, 4, 0, 7}))
	b.Run("Of", func(b *testing.B) {
		b.ReportAllocs()
		row := int64(0)
		for b.Loop() {
			_, rank := c.Of(row)
			sinkI += rank
			row++
		}
	})
	b.Run("Row", func(b *testing.B) {
		b.ReportAllocs()
		rank := int64(0)
		for b.Loop() {
			sinkI += c.Row(1, rank)
			rank++
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	for _, c := range []struct {
		name    string
		parents int64
		max     int64
	}{{"1e3", 1e3, 20}, {"1e6", 1e6, 20}, {"1e6free", 1e6, 1 << 62}, {"1e9", 1e9, 20}} {
		total := 5 * c.parents
		s, err := NewSplit(testKey, c.parents, total, 0, c.max)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("New/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := NewSplit(testKey, c.parents, total, 0, c.max); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("Children/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			p := int64(0)
			for b.Loop() {
				_, n := s.Children(p)
				sinkI += n
				if p++; p == c.parents {
					p = 0
				}
			}
		})
		b.Run("Parent/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			i := int64(0)
			for b.Loop() {
				p, _ := s.Parent(i)
				sinkI += p
				if i++; i == total {
					i = 0
				}
			}
		})
	}
}

func BenchmarkZipf(b *testing.B) {
	for _, c := range []struct {
		name string
		n    uint64
		e    float64
	}{{"1e3,1.1", 1e3, 1.1}, {"1e6,1", 1e6, 1}, {"1e9,0.8", 1e9, 0.8}, {"1e9,2", 1e9, 2}} {
		z, err := NewZipf(c.n, c.e)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) { benchDraw(b, func(s *Stream) { sinkU += z.Pick(s) }) })
	}
}

func BenchmarkSubset(b *testing.B) {
	dst := make([]int32, 0, 1024)
	for _, c := range []struct {
		name string
		k, n int
	}{{"3of10", 3, 10}, {"8of10", 8, 10}, {"3of1000", 3, 1000}, {"900of1000", 900, 1000}, {"3of1e6", 3, 1e6}, {"500of1e6", 500, 1e6}} {
		b.Run(c.name, func(b *testing.B) {
			benchDraw(b, func(s *Stream) { sinkI += int64(len(s.Subset(dst, c.k, c.n))) })
		})
	}
}
