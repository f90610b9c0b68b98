package profile

import (
	"context"
	"errors"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

const (
	mostCells = 1_500_000 // of a sample
	mostRows  = 50_000
	leastRows = 500
	mostBytes = 64 << 20
	batchRows = 5000
)

// Most is how many rows of a table with this many columns are looked at.
func Most(columns int) int64 { return int64(min(max(mostCells/max(columns, 1), leastRows), mostRows)) }

// Sample is some rows of a table, column by column.
type Sample struct {
	Vecs  []*column.Vec
	Rows  int
	Whole bool // these are all rows
}

// add appends rows, until they are large enough: false.
func (s *Sample) add(b *column.Batch) bool {
	for len(s.Vecs) < len(b.Vecs) {
		v := new(column.Vec)
		v.ResetAs(b.Vecs[len(s.Vecs)])
		s.Vecs = append(s.Vecs, v)
	}
	bytes := int64(0)
	for i, v := range b.Vecs {
		for k := range b.N {
			s.Vecs[i].AppendCell(v, k)
		}
		bytes += int64(len(s.Vecs[i].Data))
	}
	s.Rows += b.N
	return bytes < mostBytes
}

// Planned makes rows of some columns of a table: all of them, or about most at equal distances from the first to the last.
func Planned(t *plan.Table, cols []*plan.Column, most int64) (*Sample, error) {
	s := &Sample{Whole: t.Rows <= most}
	var m rows.Maker
	list := Spread(t.Rows, int(most))
	for from := 0; from < len(list); from += batchRows {
		b, err := m.Rows(t, cols, list[from:min(from+batchRows, len(list))])
		if err != nil {
			return nil, err
		}
		if !s.add(b) {
			s.Whole = s.Whole && from+batchRows >= len(list)
			break
		}
	}
	return s, nil
}

// Spread gives up to n row numbers of a table at equal distances.
func Spread(rows int64, n int) []int64 {
	n = int(min(rows, int64(n)))
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(float64(rows) / float64(n) * float64(i))
		if i > 0 && out[i] <= out[i-1] {
			out[i] = out[i-1] + 1
		}
	}
	return out
}

var errEnough = errors.New("enough rows were read")

// Standing reads rows of a table that stand in a database, of which it has so many: all of them, or about most from all
// over the table.
func Standing(ctx context.Context, s sink.Store, t *sink.Target, count, most int64) (*Sample, error) {
	out := &Sample{Whole: true}
	each := func(b *column.Batch) error {
		if !out.add(b) {
			return errEnough
		}
		return nil
	}
	var err error
	if count <= most {
		err = s.ScanRows(ctx, t, each)
	} else {
		out.Whole = false
		err = s.SampleRows(ctx, t, float64(most)/float64(count), each)
	}
	if errors.Is(err, errEnough) {
		out.Whole, err = false, nil
	}
	return out, err
}

// Cells are the cells of a column; none where no row was looked at.
func (s *Sample) Cells(i int, like *column.Vec) *column.Vec {
	if i < len(s.Vecs) {
		return s.Vecs[i]
	}
	v := new(column.Vec)
	if like != nil {
		v.ResetAs(like)
	} else {
		v.Reset(column.Text)
	}
	return v
}

// Append adds the rows of another sample of the same columns.
func (s *Sample) Append(o *Sample) {
	s.Whole = s.Whole && o.Whole
	if s.Vecs == nil {
		s.Vecs, s.Rows = o.Vecs, o.Rows
		return
	}
	for i, v := range o.Vecs {
		for k := range v.Len() {
			s.Vecs[i].AppendCell(v, k)
		}
	}
	s.Rows += o.Rows
}
