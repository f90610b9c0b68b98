package run

import (
	"cmp"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// UsualBatch is the number of rows of a batch where neither is said how many, nor is known how wide they are.
const UsualBatch = 2000

const (
	leastBatch = 100     // where rows are wide
	mostBatch  = 20_000  // where rows are narrow
	batchBytes = 1 << 20 // of a batch's cells: little memory, and much beside the price of a transaction
	widthRows  = 32      // rows that tell how wide rows are

	shardWorkers = 4 // among whom a shard's rows are shared out
)

// BatchSize gives the rows of a batch of t: what the options say, or else as many as make about a megabyte, but so few
// that all workers have some. Of a shard it is the same on every machine: files may depend on it.
func (o *Options) BatchSize(t *plan.Table) int64 {
	if n := o.frozen[t.Name]; n > 0 {
		return n
	}
	_, mine := o.Shard.Rows(t.Rows)
	workers := o.workers()
	if o.Shard.Count > 0 {
		workers = shardWorkers
	}
	switch {
	case o.BatchRows > 0:
		return int64(o.BatchRows)
	case mine < UsualBatch/2 || len(t.Out) == 0:
		return UsualBatch
	}
	sample := make([]int64, widthRows)
	for i := range sample {
		sample[i] = t.Rows / widthRows * int64(i)
	}
	b, err := new(rows.Maker).Rows(t, t.Out, sample)
	if err != nil { // loading the table will say so
		return UsualBatch
	}
	n := max(leastBatch, min(mostBatch, batchBytes*widthRows/max(b.Bytes(), 1)))
	if n > UsualBatch {
		n = max(UsualBatch, min(n, mine/int64(workers)/4))
	}
	return n
}

// chunk gives the rows that are asked for or deleted at once.
func (o *Options) chunk() int64 { return int64(cmp.Or(o.BatchRows, UsualBatch)) }

// batches cuts ranges into batches of n rows at most.
func batches(ranges []sink.Range, n int64) []sink.Range {
	var out []sink.Range
	for _, r := range ranges {
		for r.N > 0 {
			k := min(n, r.N)
			out = append(out, sink.Range{First: r.First, N: k})
			r.First, r.N = r.First+k, r.N-k
		}
	}
	return out
}
