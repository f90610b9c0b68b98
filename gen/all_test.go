package gen

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

var update = flag.Bool("update", false, "write testdata/golden.txt anew")

// each runs a test for every example.
func each(t *testing.T, test func(t *testing.T, f Filler, b *bench)) {
	for _, text := range examples {
		t.Run(text, func(t *testing.T) {
			f, b := mustMake(t, text)
			test(t, f, b)
		})
	}
}

// TestInvariance is law 1: a cell depends on its row, not on the rows around it.
func TestInvariance(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		for _, attempt := range []uint32{0, 2} {
			whole := b.fill(t, f, Rows{N: testRows}, attempt)
			var v column.Vec
			scratch := new(Scratch)
			for _, size := range []int{1, 7, 333} {
				v.Reset(f.Kind())
				for first := 0; first < testRows; first += size {
					rows := Rows{First: int64(first), N: min(size, testRows-first)}
					if err := f.Fill(&v, &Span{Rows: rows, Attempt: attempt, Inputs: b.cells(rows), Scratch: scratch}); err != nil {
						t.Fatal(err)
					}
				}
				wantSame(t, fmt.Sprintf("in pieces of %d", size), whole, &v, nil)
			}
			var list []int64
			for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(testRows) {
				list = append(list, int64(i))
			}
			wantSame(t, "as a list", whole, b.fill(t, f, Rows{N: testRows, List: list}, attempt), list)
		}
	})
}

func wantSame(t *testing.T, how string, want, got *column.Vec, rows []int64) {
	t.Helper()
	if got.Kind != want.Kind || got.Scale != want.Scale || got.Len() != want.Len() {
		t.Fatalf("%s: %d cells of kind %s and scale %d, want %d, %s, %d", how, got.Len(), got.Kind, got.Scale, want.Len(), want.Kind, want.Scale)
	}
	for i := range got.Len() {
		row := i
		if rows != nil {
			row = int(rows[i])
		}
		if !got.Equal(i, want, row) {
			t.Fatalf("%s: row %d is %q, want %q", how, row, got.String(i), want.String(row))
		}
	}
}

// TestAnotherSeed: what is random depends on the key.
func TestAnotherSeed(t *testing.T) {
	for _, text := range examples {
		f, b := mustMake(t, text)
		one := texts(b.fill(t, f, Rows{N: testRows}, 0))
		other := newBench()
		other.c.TableKey = rng.NewKey(2, "things")
		other.c.Key = other.c.TableKey.Derive("x")
		g, err := other.parse(text)
		if err != nil {
			t.Fatal(err)
		}
		two := texts(other.fill(t, g, Rows{N: testRows}, 0))
		name, _, _ := strings.Cut(strings.TrimLeft(text, "{"), ":")
		still := []string{"aggregate", "cell", "constant", "expression", "latest", "prefix", "sequence", "slug", "template"}
		still = append(still, "boolean: 1", "address: {field: country", "switch: {on: number", "slot: {field: range", "slot: {field: start", "slot: {field: end, length")
		fixed := slices.ContainsFunc(still, func(s string) bool { return name == s || strings.HasPrefix(text, s) }) || text == "slot"
		if same := slices.Equal(one, two); same != fixed {
			t.Errorf("%s: same cells for two seeds: %v", text, same)
		}
	}
}

// TestRulesOfOwnCells: every rule is true of what its Filler makes, and says itself in SQL.
func TestRulesOfOwnCells(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		r, ok := f.(Ruled)
		if !ok {
			return
		}
		for _, attempt := range []uint32{0, 1, 5} {
			v := b.fill(t, f, Rows{N: testRows}, attempt)
			in := b.cells(Rows{N: testRows})
			for _, rule := range r.Rules() {
				if rule.Text == "" {
					t.Error("a rule without a text")
				}
				for i := range v.Len() {
					if rule.Cell != nil && !rule.Cell(v, i, in) {
						t.Fatalf("%q is not true of row %d: %q", rule.Text, i, v.String(i))
					}
				}
				if rule.SQL != nil {
					names := make([]string, len(in))
					for _, d := range []string{"postgres", "sqlite"} {
						rule.SQL(sqlText{name: d}, "x", names)
					}
				}
			}
		}
	})
}

// TestBounds: no cell is beyond the bounds, and the longest text is not far from them.
func TestBounds(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		bounded, ok := f.(Bounded)
		if !ok || f.Facts().Unbounded || f.Kind().Variable() && bounded.Bounds() == (Bounds{}) {
			return
		}
		bounds := bounded.Bounds()
		for _, attempt := range []uint32{0, 7} {
			own := cellBounds(b.fill(t, f, Rows{N: testRows}, attempt))
			if f.Kind().Variable() {
				if own.MaxLen > bounds.MaxLen {
					t.Errorf("a text of %d characters, and %d is the bound", own.MaxLen, bounds.MaxLen)
				}
			} else if f.Kind().Integer() && f.Kind() != column.Bool && (own.Min < bounds.Min || own.Max > bounds.Max) {
				t.Errorf("cells from %d to %d, and the bounds are %d to %d", own.Min, own.Max, bounds.Min, bounds.Max)
			}
		}
	})
}

// TestCard: distinct indexes give distinct values, which obey the rules and the bounds.
func TestCard(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		ix, ok := f.(Indexed)
		if !ok || ix.Card() == 0 {
			return
		}
		const most = 100_000
		card := ix.Card()
		if card > full {
			t.Fatalf("card is %d", card)
		}
		perm := rng.NewPerm(rng.NewKey(1, "sample"), card)
		seen := map[string]uint64{}
		v, sc := new(column.Vec), new(Scratch)
		v.Reset(f.Kind())
		for n := range min(card, most) {
			i := n
			if card > most && n%2 == 0 { // neighbours and far ones
				i = perm.At(n)
			}
			begin := v.Len()
			ix.AppendIndex(v, i, sc)
			if v.Len() != begin+1 {
				t.Fatalf("index %d appends %d cells", i, v.Len()-begin)
			}
			s := v.String(begin)
			if f.Kind() == column.Text && strings.HasPrefix(t.Name(), "TestCard/person") {
				s = strings.ToLower(s)
			}
			if before, twice := seen[s]; twice && before != i {
				t.Fatalf("%q has the indexes %d and %d", s, before, i)
			}
			seen[s] = i
		}
		in := b.cells(Rows{N: v.Len()})
		if r, ok := f.(Ruled); ok {
			for _, rule := range r.Rules() {
				for i := range v.Len() {
					if rule.Cell != nil && !rule.Cell(v, i, in) {
						t.Fatalf("%q is not true of index %d: %q", rule.Text, i, v.String(i))
					}
				}
			}
		}
		if bounded, ok := f.(Bounded); ok && f.Kind() == column.Text {
			if own := cellBounds(v); own.MaxLen > bounded.Bounds().MaxLen {
				t.Errorf("a text of %d characters, and %d is the bound", own.MaxLen, bounded.Bounds().MaxLen)
			}
		}
	})
}

// TestDistinct: Fillers that say so are distinct over all rows and attempts.
func TestDistinct(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		d, ok := f.(Distinct)
		if !ok || !d.Distinct() {
			return
		}
		var all []string
		attempts := 6
		switch f.(type) {
		case *sequence, *filled, *slots, *slug, *reference: // one value a row
			attempts = 1
		}
		for attempt := range attempts {
			v := b.fill(t, f, Rows{N: testRows}, uint32(attempt))
			for i, s := range texts(v) {
				if !v.Null(i) {
					all = append(all, strings.ToLower(s))
				}
			}
		}
		if n := distinct(all); n != len(all) {
			t.Errorf("%d distinct cells of %d", n, len(all))
		}
	})
}

// TestNoAllocations: once its memory is there, a Filler needs no more.
func TestNoAllocations(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		s := &Span{Rows: Rows{N: testRows}, Inputs: b.cells(Rows{N: testRows}), Scratch: new(Scratch)}
		v := new(column.Vec)
		n := testing.AllocsPerRun(3, func() {
			v.Reset(f.Kind())
			if err := f.Fill(v, s); err != nil {
				t.Fatal(err)
			}
		})
		if n > 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func TestGolden(t *testing.T) {
	var out strings.Builder
	for _, text := range examples {
		f, b := mustMake(t, text)
		fmt.Fprintf(&out, "%s\n\t%s\n", text, f)
		v := b.fill(t, f, Rows{N: 3}, 0)
		for _, s := range texts(v) {
			fmt.Fprintf(&out, "\t= %s\n", strings.ReplaceAll(s, "\n", "\\n"))
		}
		if ix, ok := f.(Indexed); ok && ix.Card() > 0 {
			var w column.Vec
			w.Reset(f.Kind())
			ix.AppendIndex(&w, ix.Card()-1, new(Scratch))
			fmt.Fprintf(&out, "\t%d values, the last: %s\n", ix.Card(), w.String(0))
		}
	}
	path := filepath.Join("testdata", "golden.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(out.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")
	for i := range min(len(wantLines), len(gotLines)) {
		if wantLines[i] != gotLines[i] {
			t.Fatalf("line %d is\n%s\nwant\n%s\nIf this is meant: go test ./gen -run Golden -update, and say so in CHANGELOG.md", i+1, gotLines[i], wantLines[i])
		}
	}
	if len(wantLines) != len(gotLines) {
		t.Fatalf("%d lines, want %d", len(gotLines), len(wantLines))
	}
}

func BenchmarkFill(b *testing.B) {
	for _, text := range examples {
		b.Run(text, func(b *testing.B) {
			f, bench := mustMake(b, text)
			s := &Span{Rows: Rows{N: testRows}, Inputs: bench.cells(Rows{N: testRows}), Scratch: new(Scratch)}
			v := new(column.Vec)
			b.ReportAllocs()
			for b.Loop() {
				v.Reset(f.Kind())
				if err := f.Fill(v, s); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/testRows, "ns/cell")
		})
	}
}
