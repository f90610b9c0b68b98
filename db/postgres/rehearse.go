package postgres

import (
	"context"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Rehearser = (*DB)(nil)

// aloneAfter is the number of rows in succession, the first ones of a table, that are tried one by one though none is
// taken: the others count as refused for the same reason then.
const aloneAfter = 20

// Rehearse writes each table's rows within a savepoint at first, and one by one where the server does not take them so.
// Tables whose deferrable keys lead to a later one are written together with it.
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
	if err := s.run(ctx, allDeferred); err != nil {
		return nil, explain(ctx, "try rows", err)
	}
	for len(list) > 0 {
		n := together(list)
		loaders := make([]*loader, n)
		for i, r := range list[:n] {
			if loaders[i], err = db.newLoader(r.Target); err != nil {
				return nil, err
			}
			loaders[i].s, loaders[i].run = s, 0
		}
		found, err := rehearseAll(ctx, s, loaders, list[:n])
		if err != nil {
			return nil, explain(ctx, "try rows of "+loaders[0].name, err)
		}
		out, list = append(out, found...), list[n:]
	}
	return out, nil
}

// together gives the number of tables, from the first of a list, of which the last is the last one that deferrable keys
// of those before it lead to, or that their triggers look at when they fire at commit.
func together(list []sink.Rehearsed) int {
	n := 1
	for i := 0; i < n; i++ {
		for _, g := range list[i].Target.Table.Triggers {
			for j := len(list) - 1; j >= n; j-- {
				if g.Awaits(list[i].Target.Table, list[j].Target.Table) {
					n = j + 1
				}
			}
		}
		for _, fk := range list[i].Target.Table.References() {
			for j := len(list) - 1; fk.Deferrable && j >= n; j-- {
				if t := list[j].Target.Table; t.Schema == fk.RefSchema && t.Name == fk.RefTable {
					n = j + 1
				}
			}
		}
	}
	return n
}

// rehearseAll tries the rows of tables together, and says what each row met with.
func rehearseAll(ctx context.Context, s *session, loaders []*loader, list []sink.Rehearsed) ([][]error, error) {
	if len(list) == 1 {
		found, err := loaders[0].rehearse(ctx, list[0].Batch, true)
		return [][]error{found}, err
	}
	if err := s.run(ctx, "savepoint rehearsed"); err != nil {
		return nil, err
	}
	var out [][]error
	for i, l := range loaders {
		found, err := l.rehearse(ctx, list[i].Batch, false)
		if err != nil {
			return nil, err
		}
		out = append(out, found)
	}
	end := "release rehearsed"
	if err := s.run(ctx, allAtOnce); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		// Whose rows others wait for in vain is not known: the load will say.
		end = "rollback to rehearsed; release rehearsed"
	}
	return out, s.run(ctx, end)
}

func (l *loader) rehearse(ctx context.Context, b *column.Batch, whole bool) ([]error, error) {
	out := make([]error, b.N)
	if refused, err := l.within(ctx, b, whole); err != nil || refused == nil {
		return out, err
	}
	taken := false
	for i := range b.N {
		if !taken && i >= aloneAfter {
			out[i] = out[i-1]
			continue
		}
		var err error
		if out[i], err = l.within(ctx, oneRow(b, i), whole); err != nil {
			return nil, err
		}
		taken = taken || out[i] == nil
	}
	return out, nil
}

// What lets constraints that can wait for the commit act at once, and wait again.
const (
	allDeferred = "set constraints all deferred"
	allAtOnce   = "set constraints all immediate; " + allDeferred
)

// within writes rows within a savepoint, and lets what waits for the commit act at once, where they are all that it waits
// for. Rows that were not taken are undone.
func (l *loader) within(ctx context.Context, b *column.Batch, whole bool) (refused, err error) {
	if err := l.s.run(ctx, "savepoint tried"); err != nil {
		return nil, err
	}
	refused = l.write(ctx, b)
	if refused == nil && whole {
		what := "try rows of " + l.name
		refused = explain(ctx, what, l.s.run(ctx, allAtOnce))
		refusing(ctx, refused, what, l.schema)
	}
	end := "rollback to tried; release tried"
	if refused == nil {
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
