package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink/discard"
)

// runDiscard makes all rows for the sink that keeps nothing: the ceiling of every other sink.
func runDiscard(ctx context.Context, b *bench, r *Result) error {
	s, err := atSize(times(1))
	if err != nil {
		return err
	}
	all := runtime.GOMAXPROCS(0)
	for _, workers := range []int{1, all} {
		row := r.row(fmt.Sprintf("workers: %d", workers))
		var speed, rate, allocs []float64
		for range b.options.runs {
			var sink discard.Sink
			began, before := time.Now(), mallocs()
			if _, err := run.Export(ctx, s.plan, &sink, run.Options{Workers: workers}); err != nil {
				return err
			}
			seconds, made := time.Since(began).Seconds(), mallocs()-before
			if sink.Rows() != s.rows {
				return fmt.Errorf("%d rows came, want %d", sink.Rows(), s.rows)
			}
			speed = append(speed, float64(sink.Bytes())/1e6/seconds)
			rate = append(rate, float64(sink.Rows())/seconds)
			allocs = append(allocs, float64(made)/float64(sink.Rows()))
		}
		row.add("MB/s", speed...).atLeast(300 * float64(workers))
		row.add("rows/s", rate...)
		row.add("allocations/row", allocs...)
		if all == 1 {
			break
		}
	}
	r.note("MB are those of the cells as they lie in memory; allocations count the workers' first batches too")
	return nil
}

// mallocs is the number of allocations of this process so far.
func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}
