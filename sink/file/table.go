package file

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"runtime"
	"slices"
	"sync"
	"syscall"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// table is one file in the making.
type table struct {
	name    string
	columns []string
	kinds   []column.Kind
	schema  []*schema.Column // nil where a column is not known
	file    string           // its name to be
	whole   string           // its path to be, for messages

	mu          sync.Mutex
	out         Draft
	sealed      bool
	tag         string        // of the sealed content
	moved       chan struct{} // closed and replaced when next moves
	next        int64         // the row number whose turn it is
	rows, bytes int64
	sum         hash.Hash
	first       int64 // row number of its first row
	err         error // the failure that spoilt the file

	writer     Writer // of a TableFormat
	enc        Encoder
	compressor *compressor
	content    hash.Hash // of a RowFormat: the content before compression
	size       int64     // of the content
}

// tableOutput is a table as a Writer writes to it.
type tableOutput struct{ t *table }

func (o tableOutput) Write(p []byte) (int, error) {
	if err := o.t.write(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// add appends content that has no row: what comes before or behind the rows.
func (t *table) add(p []byte) error {
	packed, err := t.compressor.compress(nil, p)
	if err != nil {
		return fmt.Errorf("write %s: %w", t.whole, err)
	}
	return t.writeContent(p, packed)
}

// writeContent appends content, in the form in which the file has it.
func (t *table) writeContent(p, packed []byte) error {
	if err := t.write(packed); err != nil {
		return err
	}
	if t.compressor != nil {
		t.content.Write(p)
	}
	t.size += int64(len(p))
	return nil
}

func newTable(s *Sink, t *sink.Target, name string) (*table, error) {
	out, err := s.place.Create(name)
	if err != nil {
		return nil, fmt.Errorf("write %s into %s: %w", t.Name, s.place.Path(""), err)
	}
	known := make([]*schema.Column, len(t.Columns))
	for k, name := range t.Columns {
		known[k] = columnOf(t, name)
	}
	return &table{
		schema: known,
		name:   t.Name, columns: t.Columns, kinds: t.Kinds, file: name, whole: s.place.Path(name),
		out: out, moved: make(chan struct{}), sum: sha256.New(), content: sha256.New(), first: t.First, next: t.First,
	}, nil
}

// write appends bytes to the file. The caller holds t.mu, or is the only one who has t.
func (t *table) write(p []byte) error {
	if t.err != nil {
		return t.err
	}
	if t.sealed {
		return fmt.Errorf("write %s: the file is finished", t.whole)
	}
	n, err := t.out.Write(p)
	t.bytes += int64(n)
	if err != nil {
		t.err = t.failure(err)
		return t.err
	}
	t.sum.Write(p)
	return nil
}

func (t *table) failure(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || runtime.GOOS == "windows" && errors.Is(err, syscall.Errno(112)): // ERROR_DISK_FULL
		return fmt.Errorf("write %s: no space left after %d MB: make room, or write elsewhere; no file was left: %w", t.whole, t.bytes>>20, err)
	case errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("write %s: the file system or a limit of this process takes no file larger than %d MB; no file was left: %w", t.whole, t.bytes>>20, err)
	}
	return fmt.Errorf("write %s: %w", t.whole, err)
}

// piece is a run of rows: encoded, or as batches.
type piece struct {
	first, n int64
	bytes    []byte // the content
	packed   []byte // the same as the file has it
	batches  []*column.Batch
}

// append writes the pieces of one transaction, each when it is its turn.
func (t *table) append(ctx context.Context, pieces []piece) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, p := range pieces {
		for t.err == nil && p.first > t.next {
			moved := t.moved
			t.mu.Unlock()
			select {
			case <-moved:
			case <-ctx.Done():
			}
			t.mu.Lock()
			if err := ctx.Err(); err != nil {
				if i > 0 { // a part of the transaction is in the file, and others may be behind it
					t.spoil(fmt.Errorf("write %s: interrupted within a transaction: %w", t.whole, err))
				}
				return err
			}
		}
		if t.err == nil && p.first < t.next {
			err := fmt.Errorf("write %s rows %d-%d: rows up to %d are in the file already", t.whole, p.first, p.first+p.n-1, t.next-1)
			if i > 0 {
				t.spoil(err)
			}
			return err
		}
		if err := t.put(p); err != nil {
			t.spoil(err)
			return err
		}
		t.next += p.n
		t.rows += p.n
		t.move()
	}
	return nil
}

// put writes a piece whose turn it is.
func (t *table) put(p piece) error {
	if t.err != nil {
		return t.err
	}
	if t.writer == nil {
		return t.writeContent(p.bytes, p.packed)
	}
	for _, b := range p.batches {
		if err := t.writer.Write(b); err != nil {
			if t.err != nil { // of the file
				return t.err
			}
			return fmt.Errorf("write %s rows %d-%d: %w", t.whole, b.First, b.First+int64(b.N)-1, err)
		}
	}
	return nil
}

// move wakes those who wait for their turn.
func (t *table) move() {
	close(t.moved)
	t.moved = make(chan struct{})
}

// spoil makes err the end of the file.
func (t *table) spoil(err error) {
	t.err = err
	t.move()
}

// seal ends the file and brings it to where it is safe.
func (t *table) seal() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil || t.sealed {
		return t.err
	}
	if err := t.end(); err != nil {
		t.err = err
		return err
	}
	t.sealed = true
	var err error
	if t.tag, err = t.out.Seal(); err != nil {
		t.err = t.failure(err)
	}
	return t.err
}

// end writes what comes behind the last row.
func (t *table) end() error {
	if t.writer == nil {
		return t.add(t.enc.Footer(nil, t.next))
	}
	if err := t.writer.Close(); err != nil {
		if t.err != nil {
			return t.err
		}
		return fmt.Errorf("write %s: %w", t.whole, err)
	}
	return nil
}

// remove gives the file up, where it is not published.
func (t *table) remove() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sealed = true
	if t.err == nil {
		t.spoil(fmt.Errorf("write %s: the sink is closed", t.whole))
	}
	return t.out.Discard()
}

// loader encodes batches and hands them to the table at Commit.
type loader struct {
	table      *table
	enc        Encoder // nil for a TableFormat
	compressor *compressor
	packed     []byte
	spare      []*column.Batch

	buf    []byte
	pieces []piece // bytes are set at Commit
	ends   []int   // of the pieces in buf
	rows   int64
	failed error
}

func (l *loader) Write(ctx context.Context, b *column.Batch) error {
	if l.failed != nil {
		return l.failed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !slices.Equal(b.Names, l.table.columns) {
		return l.fail(fmt.Errorf("write %s: columns %v came, want %v", l.table.whole, b.Names, l.table.columns))
	}
	if b.N == 0 {
		return nil
	}
	var kept []*column.Batch
	if l.enc == nil {
		kept = []*column.Batch{l.keep(b)}
	} else {
		buf, err := l.enc.Append(l.buf, b)
		if err != nil {
			return l.fail(fmt.Errorf("write %s rows %d-%d: %w", l.table.whole, b.First, b.First+int64(b.N)-1, err))
		}
		l.buf = buf
	}
	l.rows += int64(b.N)
	if k := len(l.pieces) - 1; k >= 0 && l.pieces[k].first+l.pieces[k].n == b.First {
		l.pieces[k].n += int64(b.N)
		l.pieces[k].batches = append(l.pieces[k].batches, kept...)
		l.ends[k] = len(l.buf)
	} else {
		l.pieces = append(l.pieces, piece{first: b.First, n: int64(b.N), batches: kept})
		l.ends = append(l.ends, len(l.buf))
	}
	return nil
}

func (l *loader) fail(err error) error {
	l.failed = err
	return err
}

func (l *loader) Commit(ctx context.Context) (int64, error) {
	if l.failed != nil {
		return 0, l.failed
	}
	if err := ctx.Err(); err != nil {
		return 0, l.fail(err)
	}
	if err := l.pack(); err != nil {
		return 0, l.fail(fmt.Errorf("write %s: %w", l.table.whole, err))
	}
	slices.SortFunc(l.pieces, func(a, b piece) int { return cmp.Compare(a.first, b.first) })
	if err := l.table.append(ctx, l.pieces); err != nil {
		return 0, l.fail(err)
	}
	n := l.rows
	l.reset()
	return n, nil
}

// keep copies a batch.
func (l *loader) keep(b *column.Batch) *column.Batch {
	c := new(column.Batch)
	if k := len(l.spare) - 1; k >= 0 {
		c, l.spare = l.spare[k], l.spare[:k]
	}
	c.First, c.N, c.Names = b.First, b.N, b.Names
	for len(c.Vecs) < len(b.Vecs) {
		c.Vecs = append(c.Vecs, new(column.Vec))
	}
	for k, v := range b.Vecs {
		c.Vecs[k].ResetAs(v)
		c.Vecs[k].AppendVec(v)
	}
	return c
}

// pack gives the pieces their bytes.
func (l *loader) pack() error {
	l.packed = l.packed[:0]
	var ends []int
	from := 0
	for k, end := range l.ends {
		l.pieces[k].bytes = l.buf[from:end]
		from = end
		if l.compressor == nil {
			l.pieces[k].packed = l.pieces[k].bytes
			continue
		}
		var err error
		if l.packed, err = l.compressor.compress(l.packed, l.pieces[k].bytes); err != nil {
			return err
		}
		ends = append(ends, len(l.packed))
	}
	from = 0
	for k, end := range ends {
		l.pieces[k].packed = l.packed[from:end]
		from = end
	}
	return nil
}

func (l *loader) reset() {
	for _, p := range l.pieces {
		l.spare = append(l.spare, p.batches...)
	}
	l.buf, l.pieces, l.ends, l.rows = l.buf[:0], l.pieces[:0], l.ends[:0], 0
}

func (l *loader) Close() error {
	l.reset()
	l.fail(fmt.Errorf("write %s: the loader is closed", l.table.whole))
	return nil
}
