package file

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

// table is one file in the making.
type table struct {
	name    string
	columns []string
	kinds   []column.Kind
	file    string // its name to be
	temp    string // its path until then
	whole   string // its path to be, for messages

	mu          sync.Mutex
	out         output        // nil once sealed
	moved       chan struct{} // closed and replaced when next moves
	next        int64         // the row number whose turn it is
	rows, bytes int64
	sum         hash.Hash
	err         error // the failure that spoilt the file
}

func newTable(s *Sink, t *sink.Target, name string) (*table, error) {
	temp := filepath.Join(s.dir, fmt.Sprintf(".%s.%d-%08x.tmp", name, os.Getpid(), rand.Uint32()))
	out, err := s.create(temp)
	if err != nil {
		return nil, fmt.Errorf("write %s into %s: %w", t.Name, s.dir, err)
	}
	return &table{
		name: t.Name, columns: t.Columns, kinds: t.Kinds, file: name, temp: temp, whole: filepath.Join(s.dir, name),
		out: out, moved: make(chan struct{}), sum: sha256.New(),
	}, nil
}

// write appends bytes to the file. The caller holds t.mu, or is the only one who has t.
func (t *table) write(p []byte) error {
	if t.err != nil {
		return t.err
	}
	if t.out == nil {
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

// piece is a run of encoded rows.
type piece struct {
	first, n int64
	bytes    []byte
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
		if err := t.write(p.bytes); err != nil {
			t.move()
			return err
		}
		t.next += p.n
		t.rows += p.n
		t.move()
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

// seal brings the file to the disk and closes it.
func (t *table) seal() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil || t.out == nil {
		return t.err
	}
	err := t.out.Sync()
	err = errors.Join(err, t.out.Close())
	t.out = nil
	if err != nil {
		t.err = t.failure(err)
	}
	return t.err
}

// remove closes and removes the temporary file, where it is one still.
func (t *table) remove() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.out != nil {
		t.out.Close() // its content goes, so that no error matters
		t.out = nil
	}
	if t.err == nil {
		t.spoil(fmt.Errorf("write %s: the sink is closed", t.whole))
	}
	if err := os.Remove(t.temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", t.temp, err)
	}
	return nil
}

// syncDir makes renames in a directory stand after a power cut.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some file systems have no such call
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}

// loader encodes batches and hands them to the table at Commit.
type loader struct {
	table  *table
	enc    Encoder
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
	buf, err := l.enc.Append(l.buf, b)
	if err != nil {
		return l.fail(fmt.Errorf("write %s rows %d-%d: %w", l.table.whole, b.First, b.First+int64(b.N)-1, err))
	}
	l.buf = buf
	l.rows += int64(b.N)
	if k := len(l.pieces) - 1; k >= 0 && l.pieces[k].first+l.pieces[k].n == b.First {
		l.pieces[k].n += int64(b.N)
		l.ends[k] = len(buf)
	} else {
		l.pieces = append(l.pieces, piece{first: b.First, n: int64(b.N)})
		l.ends = append(l.ends, len(buf))
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
	from := 0
	for k, end := range l.ends {
		l.pieces[k].bytes = l.buf[from:end]
		from = end
	}
	slices.SortFunc(l.pieces, func(a, b piece) int { return cmp.Compare(a.first, b.first) })
	if err := l.table.append(ctx, l.pieces); err != nil {
		return 0, l.fail(err)
	}
	n := l.rows
	l.reset()
	return n, nil
}

func (l *loader) reset() {
	l.buf, l.pieces, l.ends, l.rows = l.buf[:0], l.pieces[:0], l.ends[:0], 0
}

func (l *loader) Close() error {
	l.reset()
	l.fail(fmt.Errorf("write %s: the loader is closed", l.table.whole))
	return nil
}
