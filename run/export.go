package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"runtime/debug"
	"sync"
	"time"

	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Export makes all rows of a plan, or a shard of them, and writes them to a sink that is no database:
// nothing is recorded. Shards make the rows that one run makes, each its own part of every table.
// The report is complete as far as the run came, also with an error.
func Export(ctx context.Context, p *plan.Plan, s sink.Sink, o Options) (*Report, error) {
	report := &Report{Plan: p, State: "interrupted", Notices: p.Notices}
	pr := &progress{options: &o, started: time.Now(), report: report}
	defer func() { report.Elapsed = time.Since(pr.started) }()
	var todo []*work
	var targets []*sink.Target
	for _, t := range filled(p) {
		first, rows := o.Shard.Rows(t.Rows)
		w := newWork(t, []sink.Range{{N: first}, {First: first + rows, N: t.Rows - first - rows}})
		w.target.First = first
		if w.target.Table == nil {
			w.target.Table = described(t)
		}
		todo, targets = append(todo, w), append(targets, w.target)
		report.Tables = append(report.Tables, TableReport{Name: t.Name, Total: rows})
	}
	if err := load(ctx, s, todo, &o, pr, nil); err != nil {
		return report, err
	}
	if err := s.Finish(ctx, targets); err != nil {
		return report, err
	}
	report.State = "complete"
	return report, nil
}

// described gives what a plan without a database knows of a table: names, kinds and scales.
func described(t *plan.Table) *schema.Table {
	out := &schema.Table{}
	for _, c := range t.Out {
		typ := schema.Type{Kind: c.Kind}
		if c.Kind == column.Decimal {
			typ.Precision, typ.Scale = 18, int(c.Scale)
		}
		out.Columns = append(out.Columns, &schema.Column{Name: c.Name, Type: typ})
	}
	return out
}

// TableDigest is the digest of one table.
type TableDigest struct {
	Table  string
	Rows   int64
	Digest string
}

// Digest makes all rows and gives a digest a table, in load order, and one for all: the same at any
// batch size, number of workers and order of batches, on every platform.
func Digest(ctx context.Context, p *plan.Plan, o Options) (tables []TableDigest, all string, err error) {
	sum := sha256.New()
	for _, t := range filled(p) {
		d, err := digestTable(ctx, t, &o)
		if err != nil {
			return nil, "", err
		}
		tables = append(tables, TableDigest{t.Name, d.Rows(), d.String()})
		fmt.Fprintf(sum, "%s %d %s\n", t.Name, d.Rows(), d)
	}
	return tables, hex.EncodeToString(sum.Sum(nil)[:16]), nil
}

func digestTable(ctx context.Context, t *plan.Table, o *Options) (*rows.Digest, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan sink.Range)
	total := rows.NewDigest(t.Name, plan.Names(t.Out), plan.Kinds(t.Out))
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range o.workers() {
		wg.Go(func() {
			d := rows.NewDigest(t.Name, nil, nil)
			defer func() {
				if r := recover(); r != nil {
					cancel(fmt.Errorf("%s: panic: %v\n%s", t.Name, r, debug.Stack()))
				}
				mu.Lock()
				defer mu.Unlock()
				total.Merge(d)
			}()
			var m rows.Maker
			for at := range next {
				b, err := m.Batch(t, t.Out, at.First, int(at.N))
				if err != nil {
					cancel(err)
					return
				}
				d.Add(b)
			}
		})
	}
feed:
	for _, b := range batches([]sink.Range{{First: 0, N: t.Rows}}, o.BatchSize(t)) {
		select {
		case next <- b:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return total, context.Cause(ctx)
}
