// Package discard is the sink that keeps nothing: it counts rows and bytes. It shows how fast rows can
// be made, whoever takes them.
package discard

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

// Sink counts the rows and bytes that were committed to it. The zero Sink is ready.
type Sink struct {
	rows, bytes atomic.Int64
}

var _ sink.Sink = (*Sink)(nil)

// Rows is the number of rows committed so far.
func (s *Sink) Rows() int64 { return s.rows.Load() }

// Bytes is the size of the cells committed so far, as column.Batch.Bytes measures it.
func (s *Sink) Bytes() int64 { return s.bytes.Load() }

// Loader opens a loader.
func (s *Sink) Loader(ctx context.Context, t *sink.Target) (sink.Loader, error) {
	return &loader{sink: s, target: t}, ctx.Err()
}

// Finish does nothing.
func (s *Sink) Finish(ctx context.Context, _ []*sink.Target) error { return ctx.Err() }

// Close does nothing.
func (s *Sink) Close() error { return nil }

type loader struct {
	sink        *Sink
	target      *sink.Target
	rows, bytes int64 // written since the last Commit
}

func (l *loader) Write(ctx context.Context, b *column.Batch) error {
	if len(b.Vecs) != len(l.target.Columns) {
		return fmt.Errorf("write %s rows %d-%d: %d columns came, the target has %d",
			l.target.Name, b.First, b.First+int64(b.N)-1, len(b.Vecs), len(l.target.Columns))
	}
	l.rows += int64(b.N)
	l.bytes += b.Bytes()
	return ctx.Err()
}

func (l *loader) Commit(ctx context.Context) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n := l.rows
	l.sink.rows.Add(n)
	l.sink.bytes.Add(l.bytes)
	l.rows, l.bytes = 0, 0
	return n, nil
}

func (l *loader) Close() error {
	l.rows, l.bytes = 0, 0
	return nil
}
