package postgres

import (
	"fmt"
	"io"
	"sync"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgcopy"
	"github.com/sowerdata/sower/internal/trace"
)

// rowsReader is the io.Reader of one COPY: it encodes rows of a batch as they are asked for. Row by
// row, with a switch over the columns' kernels, was measured against column by column into an arena
// that is then interleaved: the second copies every byte once more and was 10 to 25 % slower on short rows, even on long ones.
type rowsReader struct {
	mu    sync.Mutex // the driver may still be reading when COPY has already failed
	table string
	enc   *pgcopy.Encoder
	first int64 // row number of row 0
	n     int   // rows of the batch
	next  int   // the next row to encode
	ended bool  // what ends the stream is encoded
	buf   []byte
	off   int   // buf[off:] is encoded and not yet read
	err   error // what Read gave other than io.EOF
	lane  trace.Lane
}

// newEncoder chooses the format of a table's COPY.
func newEncoder(table string, columns []pgcopy.Column, want string) (*pgcopy.Encoder, error) {
	if want == "binary" || want == "" && pgcopy.Better(columns) == pgcopy.Binary {
		if e, err := pgcopy.New(table, columns, pgcopy.Binary); err == nil {
			return e, nil
		}
	}
	return pgcopy.New(table, columns, pgcopy.Text)
}

// reset begins a batch. The batch's Vecs fit the columns.
func (r *rowsReader) reset(b *column.Batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.enc.Bind(b)
	r.first, r.n, r.next, r.ended = b.First, b.N, 0, false
	r.buf, r.off, r.err = r.enc.Begin(r.buf[:0]), 0, nil
}

// noteOn has encoding noted on a lane of a trace.
func (r *rowsReader) noteOn(lane trace.Lane) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lane = lane
}

// detach lets go of the batch; a Read under way is waited for, a later one ends at once.
func (r *rowsReader) detach() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n, r.next, r.ended, r.buf, r.off = 0, 0, true, r.buf[:0], 0
	r.enc.Unbind()
	return r.err
}

// Read fills p with encoded rows.
func (r *rowsReader) Read(p []byte) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		// A Vec that is not what its kind promises must not take the program down from the driver's goroutine.
		if x := recover(); x != nil {
			n, r.err = 0, fmt.Errorf("%s row %d: cannot encode: %v", r.table, r.first+int64(r.next), x)
			err = r.err
		}
	}()
	if r.err != nil {
		return 0, r.err
	}
	if len(r.buf)-r.off < len(p) && !r.ended {
		defer r.lane.Begin("encode", "")()
		r.buf = append(r.buf[:0], r.buf[r.off:]...)
		r.off = 0
		for len(r.buf) < len(p) && r.next < r.n {
			if r.buf, r.err = r.enc.AppendRow(r.buf, r.next); r.err != nil {
				return 0, r.err
			}
			r.next++
		}
		if r.next == r.n {
			r.buf, r.ended = r.enc.End(r.buf), true
		}
	}
	n = copy(p, r.buf[r.off:])
	r.off += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
