package cli

import (
	"context"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// estimate says what making a plan's rows takes, from a sample, and what the database takes for them.
type estimate struct {
	tables []tableEstimate
	memory float64 // bytes that the workers' batches hold at once
	worker int
	start  time.Duration // of a run, before it loads anything; 0 where no database was asked: tables have no prices then
	slower float64       // as sink.Prices has it; 0 where no database was asked
	holds  float64       // bytes that the database has on disk before the rows
	record float64       // and what the record of the run takes
	loads  []sink.Load   // that were asked of, and of which table each is
	of     []int
}

type tableEstimate struct {
	rows        int64
	bytesPerRow float64   // of cells
	nanosPerRow float64   // of one worker
	cells       []float64 // bytes of a cell, by column
	sample      *column.Batch
	sequential  bool
	price       sink.Price
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

// A load takes between these many times its estimate, as far as that says anything.
const (
	leastOfLoad = 1 / 1.6
	mostOfLoad  = 1.6
)

// starting is what a run takes whatever it loads: the schema is read, the record written, the lock taken.
const starting = 250 * time.Millisecond

func scaled(d time.Duration, by float64) time.Duration { return time.Duration(float64(d) * by) }

// load is the time that workers take to fill the database, from its first row to its last index.
func (e *estimate) load() time.Duration {
	var made, rows, builds, longest time.Duration
	serial := false
	for i := range e.tables {
		t := &e.tables[i]
		serial = serial || t.price.Serial
		if t.sequential || serial {
			rows += t.price.Rows
		} else {
			rows += scaled(t.price.Rows, 1/sharing(e.worker))
		}
		made += t.time(e.worker)
		builds += t.price.Build()
		for _, p := range t.price.Pieces {
			longest = max(longest, p)
		}
	}
	if serial { // rows are made while others are written
		return e.start + max(made, rows) + builds
	}
	return e.start + made + rows + max(scaled(builds, 1/sharing(e.worker)), longest)
}

// sharing is how many times faster several workers are: they wait for one another now and then.
func sharing(workers int) float64 { return max(1, 0.85*float64(workers)) }

// inDatabase is a table's share of load, beside the making of its rows.
func (e *estimate) inDatabase(t *tableEstimate) time.Duration {
	sum := t.price.Rows + t.price.Build()
	if t.price.Serial {
		return sum
	}
	return scaled(sum, 1/sharing(e.worker))
}

// ask adds what the database takes, where it tells. loads are of the tables that get rows.
func (e *estimate) ask(ctx context.Context, store sink.Store, p *plan.Plan, loads []*run.Loading) error {
	pricer, ok := store.(sink.Pricer)
	if !ok {
		return nil
	}
	for i, t := range p.Tables {
		if l := loadingOf(t, loads); l != nil && t.Rows > 0 {
			e.loads = append(e.loads, sink.Load{Target: l.Target(), Loading: l.Loading, Rows: t.Rows, Bytes: e.tables[i].cells, Sample: e.tables[i].sample})
			e.of = append(e.of, i)
		}
	}
	prices, err := pricer.Price(ctx, e.loads, e.slower)
	if err != nil {
		return err
	}
	for i, at := range e.of {
		e.tables[at].price = prices.Of[i]
	}
	e.slower, e.holds, e.record = prices.Slower, prices.Holds, prices.Record
	e.start = scaled(starting, max(1, e.slower))
	return nil
}

// grown is the estimate of so many times the rows of each table, by the same samples.
func (e *estimate) grown(ctx context.Context, pricer sink.Pricer, times func(table int) float64) (*estimate, error) {
	out := *e
	out.tables, out.loads = slices.Clone(e.tables), slices.Clone(e.loads)
	for i := range out.tables {
		out.tables[i].rows = int64(max(1, float64(out.tables[i].rows)*times(i)))
	}
	for i, at := range e.of {
		out.loads[i].Rows = out.tables[at].rows
	}
	prices, err := pricer.Price(ctx, out.loads, e.slower)
	if err != nil {
		return nil, err
	}
	for i, at := range e.of {
		out.tables[at].price = prices.Of[i]
	}
	return &out, nil
}

// disk is what the database takes on disk with the rows.
func (e *estimate) disk() float64 {
	sum := e.holds + e.record
	for i := range e.tables {
		sum += e.tables[i].price.Bytes
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
	// With a database: what it takes for the rows, their indexes and keys; of the whole, what filling it takes, and between
	// which figures that is likely to be.
	DatabaseSeconds float64 `json:"database_seconds,omitempty"`
	LoadSeconds     float64 `json:"load_seconds,omitempty"`
	LoadFrom        float64 `json:"load_seconds_from,omitempty"`
	LoadTo          float64 `json:"load_seconds_to,omitempty"`
	// And what they take on disk with their indexes; of the whole, how large the database is with them.
	DiskBytes int64 `json:"disk_bytes,omitempty"`
}

// workerCount is the number of workers that a run would have.
func (s *settings) workerCount() int {
	if s.workers > 0 {
		return s.workers
	}
	return runtime.GOMAXPROCS(0)
}

const (
	sampleRows   = 256                   // rows a sampled batch
	sampleTime   = 4 * time.Millisecond  // for each table, at least one batch
	samplesInAll = 40 * time.Millisecond // for all tables: a plan of very many is not kept waiting for it
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
	cells := make([]float64, len(t.Out))
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
		for i, v := range b.Vecs {
			cells[i] += float64(v.Size())
		}
	}
	for i := range cells {
		cells[i] /= float64(made)
	}
	// Rows from all over the table, the same ones whatever the machine does.
	var own rows.Maker
	some := make([]int64, n)
	for i := range some {
		_, f := math.Modf(float64(i) * 0.618033988749895)
		some[i] = int64(f * float64(t.Rows))
	}
	slices.Sort(some)
	if te.sample, err = own.Rows(t, t.Out, slices.Compact(some)); err != nil {
		return te, 0, err
	}
	te.cells = cells
	te.bytesPerRow = float64(bytes) / float64(made)
	te.nanosPerRow = float64(spent.Nanoseconds()) / float64(made)
	return te, memory, nil
}
