package gen

import (
	"testing"

	"github.com/sowerdata/sower/internal/rng"
)

// TestEarlierParts looks at rows below those of a part before them.
func TestEarlierParts(t *testing.T) {
	for _, depth := range []int{0, 1, 3} {
		for _, rows := range []int64{1, 5, 300} {
			m := &Reference{First: "earlier"}
			if depth > 0 {
				m.Depth = &depth
			}
			const before = 3
			e, err := m.earlier(rows, before, true)
			if err != nil {
				t.Fatal(err)
			}
			level := make([]int, before+rows)
			has := make([]bool, before)
			for k := range rows {
				st := rng.NewKey(1, "tree").At(k, 0)
				at, ok := e.Of(&st, k)
				if !ok || at >= before+k {
					t.Fatalf("row %d of %d below %d refers to %d", k, rows, before, at)
				}
				level[before+k] = level[at] + 1
				if at < before {
					has[at] = true
				}
				if depth > 0 && level[before+k] > depth {
					t.Errorf("row %d of %d lies %d deep, more than %d", k, rows, level[before+k], depth)
				}
			}
			if rows >= before && (!has[0] || !has[1] || !has[2]) {
				t.Errorf("%d rows: a row of the part before has none below it: %v", rows, has)
			}
		}
	}
}
