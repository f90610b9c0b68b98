package run

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// compareByKey compares rows that the key finds.
func (v *verifier) compareByKey(ctx context.Context, t *plan.Table, list []sink.Range) (wrong []mismatch, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan sink.Range)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range v.options.workers() {
		wg.Go(func() {
			var m rows.Maker
			for r := range next {
				found, cells, err := v.compareBatch(ctx, &m, t, r)
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				wrong = append(wrong, found...)
				v.verdict.Cells += cells
				mu.Unlock()
			}
		})
	}
	var done int64
feed:
	for _, r := range batches(list, 5000) {
		select {
		case next <- r:
			done += r.N
			v.progress.read("verify", t.Name, done, sum(list), r.N)
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return wrong, context.Cause(ctx)
}

func (v *verifier) compareBatch(ctx context.Context, m *rows.Maker, t *plan.Table, r sink.Range) (wrong []mismatch, cells int64, err error) {
	made, err := m.Batch(t, t.Out, r.First, int(r.N))
	if err != nil {
		return nil, 0, err
	}
	changed := v.uncompared(t)
	var read column.Batch
	for range t.Out {
		read.Vecs = append(read.Vecs, new(column.Vec))
	}
	stands, err := v.store.ReadRows(ctx, Target(t), t.Key.Name, made.Col(t.Key.Name), &read)
	if err != nil {
		return nil, 0, fmt.Errorf("read %s rows %d-%d: %w", t.Name, r.First, r.First+r.N-1, err)
	}
	at := 0
	for i := range made.N {
		row := r.First + int64(i)
		key := made.Col(t.Key.Name).String(i)
		if !stands[i] {
			wrong = append(wrong, mismatch{row, fmt.Sprintf("row %d (%s %s) is missing", row, t.Key.Name, key)})
			continue
		}
		cells += int64(len(t.Out))
		for _, text := range differing(t, append(slices.Clip(changed), v.findings.ofOthers(t, row)...), made, i, &read, at) {
			wrong = append(wrong, mismatch{row, text})
		}
		at++
	}
	return wrong, cells, nil
}
