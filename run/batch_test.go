package run_test

import (
	"fmt"
	"testing"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
)

// A batch has about a megabyte, but a given size is kept to, and every worker gets some batches.
func TestBatchSize(t *testing.T) {
	of := func(rows int, letters int) *plan.Table {
		b := blueprintOf(t, fmt.Sprintf(`  things:
    rows: %d
    columns:
      id: sequence
      text: {constant: "%0*d"}
`, rows, letters, 0))
		p, err := plan.Build(b, nil, plan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p.Tables[0]
	}
	for _, c := range []struct {
		rows, letters, given, workers int
		least, most                   int64
	}{
		{1_000_000, 10, 0, 2, 20_000, 20_000},
		{1_000_000, 100, 0, 2, 9_000, 11_000},
		{1_000_000, 1_000, 0, 2, 1_000, 1_100},
		{1_000_000, 100_000, 0, 2, 100, 100},
		{1_000_000, 10, 7, 2, 7, 7},
		{1_000_000, 10, 500_000, 2, 500_000, 500_000},
		{40_000, 10, 0, 2, 5_000, 5_000},
		{40_000, 10, 0, 64, 2_000, 2_000},
		{500, 10, 0, 2, 2_000, 2_000},
		{0, 10, 0, 2, 2_000, 2_000},
	} {
		o := run.Options{BatchRows: c.given, Workers: c.workers}
		if n := o.BatchSize(of(c.rows, c.letters)); n < c.least || n > c.most {
			t.Errorf("%+v: %d", c, n)
		}
	}
	table := of(400_000, 10)
	for _, workers := range []int{1, 2, 64} { // the same on every machine: by the shard's own rows, among four
		o := run.Options{Workers: workers, Shard: run.Shard{Index: 2, Count: 4}}
		if n := o.BatchSize(table); n != 6_250 {
			t.Errorf("a shard's batch with %d workers: %d", workers, n)
		}
	}
}
