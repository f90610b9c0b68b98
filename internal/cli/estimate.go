package cli

import (
	"context"
	"runtime"
	"time"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/run"
)

// estimate says what making a plan's rows takes, from a sample.
type estimate struct {
	tables []tableEstimate
	memory float64 // bytes that the workers' batches hold at once
	worker int
}

type tableEstimate struct {
	rows        int64
	bytesPerRow float64 // of cells
	nanosPerRow float64 // of one worker
	sequential  bool
}

func (t *tableEstimate) bytes() float64 { return t.bytesPerRow * float64(t.rows) }

func (t *tableEstimate) time(workers int) time.Duration {
	if t.sequential {
		workers = 1
	}
	return time.Duration(t.nanosPerRow * float64(t.rows) / float64(workers))
}

func (e *estimate) bytes() (sum float64) {
	for i := range e.tables {
		sum += e.tables[i].bytes()
	}
	return sum
}

func (e *estimate) time() (sum time.Duration) {
	for i := range e.tables {
		sum += e.tables[i].time(e.worker)
	}
	return sum
}

// estimateJSON is an estimate as JSON.
type estimateJSON struct {
	BytesPerRow float64 `json:"bytes_per_row,omitempty"`
	Bytes       int64   `json:"bytes"`
	Seconds     float64 `json:"seconds"`
	Workers     int     `json:"workers,omitempty"`
	MemoryBytes int64   `json:"memory_bytes,omitempty"`
}

// workerCount is the number of workers that a run would have.
func (s *settings) workerCount() int {
	if s.workers > 0 {
		return s.workers
	}
	return runtime.GOMAXPROCS(0)
}

const (
	sampleRows   = 256                    // rows a sampled batch
	sampleTime   = 4 * time.Millisecond   // for each table, at least one batch
	samplesInAll = 100 * time.Millisecond // for all tables: a plan of very many is not kept waiting for its estimate
)

// estimatePlan makes a sample of each table's rows.
func estimatePlan(ctx context.Context, p *plan.Plan, s *settings) (*estimate, error) {
	e := &estimate{worker: s.workerCount()}
	each := min(sampleTime, samplesInAll/time.Duration(max(len(p.Tables), 1)))
	for _, t := range p.Tables {
		batch := (&run.Options{Workers: s.workers, BatchRows: s.batchRows}).BatchSize(t)
		te, memory, err := sampleTable(ctx, t, batch, each)
		if err != nil {
			return nil, err
		}
		e.tables = append(e.tables, te)
		workers := e.worker
		if t.Sequential {
			workers = 1
		}
		if batches := (t.Rows + batch - 1) / batch; batches < int64(workers) {
			workers = int(batches)
		}
		e.memory = max(e.memory, memory*float64(workers))
	}
	return e, nil
}

// sampleTable measures batches from all over a table until so much time was spent on them. memory is what one worker holds of a whole batch.
func sampleTable(ctx context.Context, t *plan.Table, batchRows int64, enough time.Duration) (
	te tableEstimate, memory float64, err error) {
	te = tableEstimate{rows: t.Rows, sequential: t.Sequential}
	if t.Rows == 0 || len(t.Out) == 0 {
		return te, 0, nil
	}
	n := min(t.Rows, sampleRows)
	// The first batch allocates what the following ones use again.
	var before, after runtime.MemStats
	var m rows.Maker
	runtime.ReadMemStats(&before)
	if _, err := m.Batch(t, t.Out, 0, int(n)); err != nil {
		return te, 0, err
	}
	runtime.ReadMemStats(&after)
	memory = float64(after.TotalAlloc-before.TotalAlloc) / float64(n) * float64(min(batchRows, t.Rows))

	// Starts that are spread evenly over the table, whatever its size: multiples of the golden section.
	var made, bytes int64
	var spent time.Duration
	fraction := 0.0
	for spent < enough {
		if err := ctx.Err(); err != nil {
			return te, 0, context.Cause(ctx)
		}
		first := int64(fraction * float64(t.Rows-n))
		if fraction += 0.618033988749895; fraction >= 1 {
			fraction--
		}
		started := time.Now()
		b, err := m.Batch(t, t.Out, first, int(n))
		if err != nil {
			return te, 0, err
		}
		spent += time.Since(started)
		made += n
		bytes += b.Bytes()
	}
	te.bytesPerRow = float64(bytes) / float64(made)
	te.nanosPerRow = float64(spent.Nanoseconds()) / float64(made)
	return te, memory, nil
}
