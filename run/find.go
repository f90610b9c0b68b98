package run

import (
	"bytes"
	"context"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// foundAtOnce bounds the rows that a finder holds in mind for one pass over a table.
var foundAtOnce int64 = 500_000 // a test lowers it

// finder finds the rows of a table in which no single column tells rows apart, by reading all of it: by the
// columns of its primary key, or, where it has none, by all cells that triggers leave alone: of rows that are
// equal, as many as were made.
type finder struct {
	table *plan.Table
	by    []*plan.Column
	maker *rows.Maker
	scan  scan
	read  int64 // rows that the table holds, since find
}

// scan reads all rows of a table, as sink.Cleaning.Scan does.
type scan func(ctx context.Context, t *sink.Target, each func(read *column.Batch, places []sink.Place) error) error

// findBy gives the columns by which a finder finds rows; none where there are none.
func findBy(t *plan.Table, changed []string) []*plan.Column {
	by := keyColumns(t)
	if len(by) == 0 {
		by = t.Out
	}
	triggered := func(c *plan.Column) bool { return slices.Contains(changed, c.Name) }
	if len(keyColumns(t)) > 0 && slices.ContainsFunc(by, triggered) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(by), triggered)
}

// keyColumns are the columns of the table's primary key, where the plan fills them all.
func keyColumns(t *plan.Table) (key []*plan.Column) {
	if t.Schema == nil || t.Schema.PrimaryKey == nil {
		return nil
	}
	for _, name := range t.Schema.PrimaryKey.Columns {
		at := slices.IndexFunc(t.Out, func(c *plan.Column) bool { return c.Name == name })
		if at < 0 {
			return nil
		}
		key = append(key, t.Out[at])
	}
	return key
}

// pair is a row that stands and the one that was made.
type pair struct {
	row  int64
	made int // its place among the made rows
	read int // its place among the rows that were read
}

// find calls each with the rows that stand, a batch of read ones at a time beside all cells of those that were made
// (valid only during the call), and gives the numbers of the rows of list that do not, in order.
func (f *finder) find(ctx context.Context, list []sink.Range, each func(pairs []pair, made, read *column.Batch, places []sink.Place) error) (missing []int64, err error) {
	passes := uint64(sum(list)/foundAtOnce + 1)
	index := make([]int, len(f.by))
	for k, c := range f.by {
		index[k] = slices.Index(f.table.Out, c)
	}
	for pass := range passes { // each has the rows of its own sums, so that equal rows are found in the same one
		waiting := map[uint64][]int64{}
		err := f.sums(ctx, list, f.by, func(row int64, h uint64) {
			if h%passes == pass {
				waiting[h] = append(waiting[h], row)
			}
		})
		if err != nil {
			return nil, err
		}
		err = f.scan(ctx, Target(f.table), func(read *column.Batch, places []sink.Place) error {
			var pairs []pair
			var hits []int64
			if pass == 0 {
				f.read += int64(read.N)
			}
			for i := range read.N {
				h := hashOf(read, index, i)
				if rows := waiting[h]; len(rows) > 0 {
					row := rows[len(rows)-1]
					waiting[h] = rows[:len(rows)-1]
					pairs = append(pairs, pair{row: row, made: len(hits), read: i})
					hits = append(hits, row)
				}
			}
			if len(hits) == 0 {
				return nil
			}
			made, err := f.maker.Rows(f.table, f.table.Out, hits)
			if err != nil {
				return err
			}
			return each(pairs, made, read, places)
		})
		if err != nil {
			return nil, err
		}
		for _, rows := range waiting {
			missing = append(missing, rows...)
		}
	}
	slices.Sort(missing)
	return missing, nil
}

// sums makes rows and gives a sum over their cells in some columns.
func (f *finder) sums(ctx context.Context, list []sink.Range, columns []*plan.Column, each func(row int64, h uint64)) error {
	all := make([]int, len(columns))
	for k := range all {
		all[k] = k
	}
	for _, r := range batches(list, 5000) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		b, err := f.maker.Batch(f.table, columns, r.First, int(r.N))
		if err != nil {
			return err
		}
		for i := range b.N {
			each(r.First+int64(i), hashOf(b, all, i))
		}
	}
	return nil
}

// hashOf sums up some cells of a row; equal cells give equal sums. What it finds is compared after.
func hashOf(b *column.Batch, columns []int, i int) uint64 {
	var space [512]byte
	buf := space[:0]
	for _, k := range columns {
		v := b.Vecs[k]
		if v.Null(i) {
			buf = append(buf, 0)
			continue
		}
		from := len(buf) + 1
		buf = v.AppendText(append(buf, 1), i)
		switch text := buf[from:]; {
		case v.Kind == column.Decimal && bytes.IndexByte(text, '.') >= 0: // the scale may be another
			buf = buf[:from+len(bytes.TrimRight(bytes.TrimRight(text, "0"), "."))]
		case v.Kind == column.Float && string(text) == "-0":
			buf = append(buf[:from], '0')
		}
		buf = append(buf, 0xff)
	}
	return xxhash.Sum64(buf)
}
