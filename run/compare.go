package run

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// uncompared names the columns of a table whose cells are not compared with those that are made: triggers changed them, or
// this program makes them otherwise than the run did.
func (v *verifier) uncompared(t *plan.Table) []string {
	return append(plan.Names(otherwise(t.Out)), v.findings.Changed[t.Name]...)
}

// otherwiseIn gives a column that a rule rests on and that this program makes otherwise than the run did; nil where there
// is none. The rule is this program's.
func (v *verifier) otherwiseIn(r *plan.Rule) *plan.Column {
	for _, c := range otherwise(r.Table.Out) {
		if strings.Contains(r.SQL, v.store.Dialect().Ident(c.Name)) {
			return c
		}
	}
	if list := otherwise(r.Reads); len(list) > 0 {
		return list[0]
	}
	return nil
}

// sums gives what the digests of the ledger are compared by, where this program makes columns of t otherwise; else nil.
func (v *verifier) sums(ctx context.Context, t *plan.Table) (*batchSums, error) {
	if len(otherwise(t.Out)) == 0 {
		return nil, nil
	}
	entries, err := v.store.Ledger(ctx, v.record.Number, t.Name)
	return newBatchSums(t, entries, v.findings.Changed[t.Name]), err
}

// compareSums compares the cells that this program makes otherwise with the digests of what the run wrote.
func (v *verifier) compareSums(ctx context.Context, k *batchSums, list []sink.Range) error {
	if k == nil {
		return nil
	}
	f := Finding{Table: k.table.Name, OK: true}
	if why := k.untold(list); why != "" {
		f.Text = fmt.Sprintf("%s: cells that this version of sower makes otherwise are not compared, since %s: %s", k.table.Name, why, otherwiseText(k.other))
		v.found(f)
		return nil
	}
	f.Text = fmt.Sprintf("%s: cells that this version of sower makes otherwise have the digests that the run recorded for its %d batches: %s",
		k.table.Name, len(k.batches), otherwiseText(k.other))
	var m rows.Maker
	loose := false
	var err error
	if keyed(k.table) {
		err = v.addByKey(ctx, &m, k, list)
	} else {
		_, _, loose, err = k.all(ctx, &m, list, func(ctx context.Context, t *sink.Target, each func(*column.Batch, []sink.Place) error) error {
			return v.store.ScanRows(ctx, t, func(read *column.Batch) error { return each(read, nil) })
		}, nil)
	}
	if err != nil {
		return err
	}
	var texts []string
	for _, b := range k.failed(loose) {
		text := "cells were changed since"
		if b.seen < b.N {
			text = fmt.Sprintf("%d rows are not found, and nothing can be told of the others", b.N-b.seen)
		}
		if len(texts) == 3 {
			texts = append(texts, "...")
			break
		}
		texts = append(texts, fmt.Sprintf("rows %d-%d: %s", b.First, b.First+b.N-1, text))
	}
	f.OK, f.Detail = len(texts) == 0, strings.Join(texts, "; ")
	for _, b := range k.batches {
		v.verdict.Cells += b.seen * int64(len(otherwise(b.columns)))
	}
	v.found(f)
	return nil
}

// addByKey adds rows that the key finds.
func (v *verifier) addByKey(ctx context.Context, m *rows.Maker, k *batchSums, list []sink.Range) error {
	for _, r := range batches(list, 5000) {
		pairs, made, read, _, err := k.byKey(ctx, m, []sink.Range{r}, func(ctx context.Context, t *sink.Target, key string, keys *column.Vec, dst *column.Batch) ([]bool, []sink.Place, error) {
			found, err := v.store.ReadRows(ctx, t, key, keys, dst)
			return found, nil, err
		})
		if err != nil {
			return err
		}
		k.add(pairs, made, read)
	}
	return nil
}

// proven tells whether reading the table once proves that its rows are the ones that were made. Where not, they are compared
// one by one.
func (v *verifier) proven(ctx context.Context, t *plan.Table, changed []string, list []sink.Range, connections int) (bool, error) {
	if keyed(t) {
		if len(v.findings.Others[t.Name]) > 0 { // single cells of single rows
			return false, nil
		}
		if _, ok := t.Key.Consecutive(); !ok { // nothing but the number of rows tells others from the run's
			if n, err := v.store.CountRows(ctx, t.Schema); err != nil || n != sum(list) {
				return false, err
			}
		}
	}
	var done atomic.Int64
	total := sum(list)
	e := &exact{table: t, list: list, skip: changed, workers: connections, batch: v.options.BatchSize(t), whole: !keyed(t), scan: scanOf(v.store, connections), read: func(n int64) {
		v.progress.read("verify", t.Name, min(done.Add(n), total), total, n)
	}}
	ok, err := e.holds(ctx)
	if ok {
		v.verdict.Cells += total * int64(len(t.Out))
	}
	return ok, err
}

// compareFound compares the rows of a table in which no single column tells rows apart.
func (v *verifier) compareFound(ctx context.Context, t *plan.Table, by []*plan.Column, list []sink.Range) (wrong []mismatch, err error) {
	changed := slices.AppendSeq(v.uncompared(t), maps.Keys(v.findings.Others[t.Name]))
	total := sum(list)
	f := &finder{table: t, by: by, maker: new(rows.Maker)}
	f.scan = func(ctx context.Context, target *sink.Target, each func(*column.Batch, []sink.Place) error) error {
		var done int64
		return v.store.ScanRows(ctx, target, func(read *column.Batch) error {
			done += int64(read.N)
			v.progress.read("verify", t.Name, min(done, total), total, int64(read.N))
			return each(read, nil)
		})
	}
	lost, err := f.find(ctx, list, func(pairs []pair, made, read *column.Batch, _ []sink.Place) error {
		v.verdict.Cells += int64(len(pairs) * len(t.Out))
		for _, p := range pairs {
			for _, text := range differing(t, changed, made, p.made, read, p.read) {
				wrong = append(wrong, mismatch{p.row, text})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	what := "is missing"
	if counted(t) {
		what = "is missing, or was changed"
	}
	for some := range slices.Chunk(lost, 5000) {
		made, err := f.maker.Rows(t, t.Out, some)
		if err != nil {
			return nil, err
		}
		for i, row := range some {
			wrong = append(wrong, mismatch{row, fmt.Sprintf("row %d (%s) %s", row, rowName(t, made, i), what)})
		}
	}
	return wrong, nil
}
