package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// batchSums hold rows of a table against the digests of the ledger, where this program makes some columns otherwise than
// the run did: the cells of these as they are in the database, all others as they are made. So a digest tells of the
// former alone, whatever triggers and others did to the rest.
type batchSums struct {
	table     *plan.Table
	other     []*plan.Column // those made otherwise
	batches   []batchSum     // by their first rows
	triggered []string       // columns that triggers changed
	summer    column.Summer
}

// batchSum is an entry of the ledger, and what is there of it.
type batchSum struct {
	sink.Entry
	columns []*plan.Column
	sum     column.Digest
	seen    int64
}

// holds tells whether all of the batch is there as it was made.
func (b *batchSum) holds() bool { return b.Digest != nil && b.seen == b.N && b.sum == *b.Digest }

// newBatchSums gives those of a table; nil where this program makes all of its columns as the run did.
func newBatchSums(t *plan.Table, entries []sink.Entry, triggered []string) *batchSums {
	k := &batchSums{table: t, other: otherwise(t.Out), triggered: triggered}
	if len(k.other) == 0 {
		return nil
	}
	for _, e := range entries {
		if columns := entryColumns(t, e); len(otherwise(columns)) > 0 {
			k.batches = append(k.batches, batchSum{Entry: e, columns: columns})
		}
	}
	slices.SortStableFunc(k.batches, func(a, b batchSum) int { return int(min(max(a.First-b.First, -1), 1)) })
	return k
}

// names are the columns whose cells are not compared with those that are made.
func (k *batchSums) names() []string { return append(plan.Names(k.other), k.triggered...) }

// blurred names those columns that are made otherwise and that triggers changed too: digests do not speak of what is
// there then.
func (k *batchSums) blurred() (out []string) {
	for _, c := range k.other {
		if slices.Contains(k.triggered, c.Name) {
			out = append(out, c.Name)
		}
	}
	return out
}

// reset forgets the rows that were added.
func (k *batchSums) reset() {
	for i := range k.batches {
		k.batches[i].sum, k.batches[i].seen = column.Digest{}, 0
	}
}

// add adds rows that are there, of those that were made.
func (k *batchSums) add(pairs []pair, made, read *column.Batch) {
	byRow := slices.Clone(pairs)
	slices.SortFunc(byRow, func(a, b pair) int { return int(min(max(a.row-b.row, -1), 1)) })
	for i := range k.batches {
		b := &k.batches[i]
		from, _ := slices.BinarySearchFunc(byRow, b.First, func(p pair, row int64) int { return int(min(max(p.row-row, -1), 1)) })
		to, _ := slices.BinarySearchFunc(byRow, b.First+b.N, func(p pair, row int64) int { return int(min(max(p.row-row, -1), 1)) })
		if from == to {
			continue
		}
		var some column.Batch
		for _, c := range b.columns {
			at := slices.Index(k.table.Out, c)
			v, reads := made.Vecs[at], c.Otherwise() != nil
			if reads {
				v = read.Vecs[at]
			}
			cells := new(column.Vec)
			cells.ResetAs(v)
			for _, p := range byRow[from:to] {
				if reads {
					cells.AppendCell(v, p.read)
				} else {
					cells.AppendCell(v, p.made)
				}
			}
			some.Names, some.Vecs = append(some.Names, c.Name), append(some.Vecs, cells)
		}
		some.N = to - from
		b.sum.Add(k.summer.Sum(&some))
		b.seen += int64(some.N)
	}
}

// failed gives the batches that are not there as they were made. Where rows are found by cells that several of them may
// share, all of them together are enough.
func (k *batchSums) failed(loose bool) (out []batchSum) {
	sum, want, seen, wanted := column.Digest{}, column.Digest{}, int64(0), int64(0)
	for _, b := range k.batches {
		if !b.holds() {
			out = append(out, b)
		}
		sum.Add(b.sum)
		seen, wanted = seen+b.seen, wanted+b.N
		if b.Digest == nil {
			loose = false
		} else {
			want.Add(*b.Digest)
		}
	}
	if loose && sum == want && seen == wanted {
		return nil
	}
	return out
}

// covers tells whether every row of a list is in a batch with a digest, for each column that is made otherwise.
func (k *batchSums) covers(list []sink.Range) bool {
	for _, c := range k.other {
		var told []sink.Range
		for _, b := range k.batches {
			if b.Digest != nil && slices.Contains(b.columns, c) {
				told = append(told, b.Range)
			}
		}
		for _, r := range list {
			if sum(intersect(r, told)) < r.N {
				return false
			}
		}
	}
	return true
}

// untold says why the digests cannot tell; "" where they can.
func (k *batchSums) untold(list []sink.Range) string {
	switch blurred := k.blurred(); {
	case len(blurred) > 0:
		return fmt.Sprintf("triggers changed %s, which were then not what the record has a digest of", strings.Join(blurred, ", "))
	case !k.covers(list):
		return "the record has no digests of its rows"
	}
	return ""
}

// finders gives the columns by which the rows are found, none for all cells together, where no single key finds them:
// those of the key, or all that this program makes as the run did.
func (k *batchSums) finders() (by []*plan.Column, loose bool) {
	if by = findBy(k.table, k.triggered); len(by) > 0 && len(keyColumns(k.table)) > 0 && len(otherwise(by)) == 0 {
		return by, false
	}
	by = nil
	for _, c := range k.table.Out {
		if c.Otherwise() == nil && !slices.Contains(k.triggered, c.Name) {
			by = append(by, c)
		}
	}
	return by, true
}

// all adds every row of the table, as far as it is found, and gives those that are not. each, which may be nil, sees
// the rows too. Where nothing finds rows, the rows of the table are taken for those of the list if they are as many.
func (k *batchSums) all(ctx context.Context, m *rows.Maker, list []sink.Range, read scan,
	each func(pairs []pair, made, read *column.Batch, places []sink.Place) error,
) (lost []int64, others int64, loose bool, err error) {
	by, loose := k.finders()
	if len(by) == 0 {
		others, err = k.whole(ctx, list, read, each)
		return nil, others, true, err
	}
	f := &finder{table: k.table, by: by, maker: m, scan: read}
	lost, err = f.find(ctx, list, func(pairs []pair, made, read *column.Batch, places []sink.Place) error {
		k.add(pairs, made, read)
		if each == nil {
			return nil
		}
		return each(pairs, made, read, places)
	})
	return lost, f.read - (sum(list) - int64(len(lost))), loose, err
}

// whole adds all rows that the table has, of which nothing says which is which: to one batch, that of all.
func (k *batchSums) whole(ctx context.Context, list []sink.Range, read scan,
	each func(pairs []pair, made, read *column.Batch, places []sink.Place) error,
) (others int64, err error) {
	var sums column.Digest
	var n int64
	err = read(ctx, Target(k.table), func(b *column.Batch, places []sink.Place) error {
		pairs := make([]pair, b.N)
		for i := range pairs {
			pairs[i] = pair{read: i}
		}
		b.Names = plan.Names(k.table.Out)
		sums.Add(k.summer.Sum(b))
		n += int64(b.N)
		if each == nil {
			return nil
		}
		return each(pairs, nil, b, places)
	})
	if n == sum(list) && len(k.batches) > 0 {
		for i := range k.batches { // failed sums them up: the first stands for all
			k.batches[i].seen = k.batches[i].N
		}
		k.batches[0].sum = sums
	}
	return n - sum(list), err
}

// readByKey reads rows as sink.Cleaning.Read does.
type readByKey func(ctx context.Context, t *sink.Target, key string, keys *column.Vec, dst *column.Batch) (found []bool, places []sink.Place, err error)

// byKey reads rows that the key finds, beside those that were made. A pair's place in read is that in places too.
func (k *batchSums) byKey(ctx context.Context, m *rows.Maker, list []sink.Range, read readByKey) (pairs []pair, made, there *column.Batch, places []sink.Place, err error) {
	t := k.table
	var numbers []int64
	for _, r := range list {
		for row := r.First; row < r.First+r.N; row++ {
			numbers = append(numbers, row)
		}
	}
	if made, err = m.Rows(t, t.Out, numbers); err != nil {
		return nil, nil, nil, nil, err
	}
	there = new(column.Batch)
	for range t.Out {
		there.Vecs = append(there.Vecs, new(column.Vec))
	}
	found, places, err := read(ctx, Target(t), t.Key.Name, made.Col(t.Key.Name), there)
	if err != nil {
		return nil, nil, nil, nil, fmt.Errorf("read %s rows %d-%d: %w", t.Name, numbers[0], numbers[len(numbers)-1], err)
	}
	for i, row := range numbers {
		if found[i] {
			pairs = append(pairs, pair{row: row, made: i, read: len(pairs)})
		}
	}
	return pairs, made, there, places, nil
}

// groups gives ranges of rows no batch of which lies in two.
func (k *batchSums) groups() (out []sink.Range) {
	for _, b := range k.batches {
		if last := len(out) - 1; last >= 0 && b.First < out[last].First+out[last].N {
			out[last].N = max(out[last].N, b.First+b.N-out[last].First)
		} else {
			out = append(out, b.Range)
		}
	}
	return out
}

// bad is the number of batches in a range that are not there as they were made.
func (k *batchSums) bad(of sink.Range) (n int) {
	for i := range k.batches {
		if b := &k.batches[i]; b.First >= of.First && b.First < of.First+of.N && !b.holds() {
			n++
		}
	}
	return n
}
