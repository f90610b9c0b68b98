package discard

import (
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sink/sinktest"
)

func TestConformance(t *testing.T) {
	sinktest.Exercise(t, "discard", sinktest.Factory{
		Open: func(*testing.T, []*schema.Table) sink.Sink { return new(Sink) },
	})
}

func TestCounts(t *testing.T) {
	s := new(Sink)
	target := &sink.Target{Name: "t", Columns: []string{"a", "b"}, Kinds: []column.Kind{column.Int, column.Text}}
	l, err := s.Loader(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	a, b := new(column.Vec), new(column.Vec)
	a.Reset(column.Int)
	b.Reset(column.Text)
	for _, x := range []string{"one", "three"} {
		a.AppendInt(1)
		b.AppendString(x)
	}
	batch := &column.Batch{N: 2, Names: target.Columns, Vecs: []*column.Vec{a, b}}
	for range 3 {
		if err := l.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	if s.Rows() != 0 {
		t.Errorf("%d rows before Commit", s.Rows())
	}
	if n, err := l.Commit(t.Context()); n != 6 || err != nil {
		t.Errorf("Commit: %d, %v", n, err)
	}
	if err := l.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if s.Rows() != 6 || s.Bytes() != 3*(16+8) {
		t.Errorf("%d rows, %d bytes; want 6 and 72", s.Rows(), s.Bytes())
	}
	if err := l.Write(t.Context(), &column.Batch{N: 2, Names: []string{"a"}, Vecs: []*column.Vec{a}}); err == nil {
		t.Error("a batch that lacks a column was taken")
	}
}
