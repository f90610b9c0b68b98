package plan

import (
	"testing"

	"github.com/sowerdata/sower/blueprint"
)

// TestPairs numbers all pairs of a few values, and takes every number apart again.
func TestPairs(t *testing.T) {
	for _, spec := range []blueprint.Pair{{}, {Ordered: true}, {Equal: true}} {
		for n := uint64(2); n < 12; n++ {
			p := &twosome{spec: &spec, n: n, equal: spec.Equal}
			seen := map[[2]uint64]bool{}
			for number := range p.card() {
				i, j := p.at(number)
				if i >= n || j >= n || i == j && !spec.Equal || seen[[2]uint64{i, j}] || !spec.Ordered && i != j && seen[[2]uint64{j, i}] {
					t.Fatalf("%+v: pair %d of %d values is %d and %d", spec, number, n, i, j)
				}
				seen[[2]uint64{i, j}] = true
				if back, ok := p.number(i, j); !ok || back != number {
					t.Fatalf("%+v: %d and %d have number %d instead of %d", spec, i, j, back, number)
				}
				if back, ok := p.number(j, i); !spec.Ordered && (!ok || back != number) {
					t.Fatalf("%+v: %d and %d have number %d instead of %d", spec, j, i, back, number)
				}
			}
		}
	}
}

// TestBase looks at the ends of many triangles, where square roots round.
func TestBase(t *testing.T) {
	for n := uint64(1); n < mostPaired; n += n/7 + 1 {
		if b := base(triangle(n)); b != n && n > 1 {
			t.Fatalf("the %dth triangle is that of %d", n, b)
		}
		if b := base(triangle(n+1) - 1); b != n {
			t.Fatalf("right before the %dth triangle: %d", n+1, b)
		}
	}
	p := &twosome{spec: &blueprint.Pair{}, n: mostPaired}
	if i, j := p.at(p.card() - 1); i != mostPaired-1 || j != mostPaired-2 {
		t.Fatalf("the last pair is %d and %d", i, j)
	}
}
