package postgres

import (
	"context"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Rehearser = (*DB)(nil)

// Rehearse writes each table's rows within a savepoint at first, and one by one where the server does not take them so.
func (db *DB) Rehearse(ctx context.Context, list []sink.Rehearsed) (out [][]error, err error) {
	var s *session
	if err := repeatedly(ctx, func() (err error) { s, err = db.dataSession(ctx); return err }); err != nil {
		return nil, err
	}
	defer func() {
		s.rollback()
		if e := db.giveSession(s); err == nil {
			err = e
		}
	}()
	if err := s.run(ctx, begin); err != nil {
		return nil, explain(ctx, "try rows", err)
	}
	for _, r := range list {
		l, err := db.newLoader(r.Target)
		if err != nil {
			return nil, err
		}
		l.s, l.run = s, 0
		found, err := l.rehearse(ctx, r.Batch)
		if err != nil {
			return nil, explain(ctx, "try rows of "+l.name, err)
		}
		out = append(out, found)
	}
	return out, nil
}

func (l *loader) rehearse(ctx context.Context, b *column.Batch) ([]error, error) {
	out := make([]error, b.N)
	if refused, err := l.within(ctx, b, true); err != nil || refused == nil {
		return out, err
	}
	var err error
	for i := range b.N {
		if out[i], err = l.within(ctx, oneRow(b, i), true); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// within writes rows within a savepoint, and lets what waits for the commit act at once. Rows that were not taken are
// undone; those that were, where they are not to be kept.
func (l *loader) within(ctx context.Context, b *column.Batch, keep bool) (refused, err error) {
	if err := l.s.run(ctx, "savepoint tried"); err != nil {
		return nil, err
	}
	refused = l.write(ctx, b)
	if refused == nil {
		what := "try rows of " + l.name
		refused = explain(ctx, what, l.s.run(ctx, "set constraints all immediate; set constraints all deferred"))
		refusing(ctx, refused, what, l.schema)
	}
	end := "rollback to tried; release tried"
	if refused == nil && keep {
		end = "release tried"
	}
	return refused, l.s.run(ctx, end)
}

// oneRow gives one row of a batch as a batch.
func oneRow(b *column.Batch, i int) *column.Batch {
	one := &column.Batch{First: b.First + int64(i), N: 1, Names: b.Names}
	for _, v := range b.Vecs {
		cell := new(column.Vec)
		cell.ResetAs(v)
		cell.AppendCell(v, i)
		one.Vecs = append(one.Vecs, cell)
	}
	return one
}
