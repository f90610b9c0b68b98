package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/sowerdata/sower/sink"
)

// rebuild is what Restore has to do, table by table, over several connections.
//
// The indexes of a table may be built side by side, but the server lets neither what finishes its uniques, nor foreign
// keys that are added, nor their validation, nor ANALYZE run beside them, or beside one another: such a step has the table
// to itself, while other connections build the indexes of other tables. The order is: the uniques of all tables, the
// costly ones first; what finishes those for which foreign keys of other tables wait; these keys; the other indexes; what
// finishes the other uniques; and the table's tail, which validates keys and gathers statistics. Tables whose tails take
// long come first.
type rebuild struct {
	db          *DB
	connections int
	how         sink.Restoring
	tables      []*rebuilding
	of, done    map[string]int // pieces by phase

	mu   sync.Mutex
	wake sync.Cond
	errs []error
	open int  // builders that have not given up
	shut bool // no connection is to be had: nothing more is tried
}

// rebuilding is one table of a rebuild.
type rebuilding struct {
	name       string // quoted
	rel        string // its number
	size       int64  // bytes
	uniques    []*piece
	built      []*piece // uniques to be finished
	late       []*piece // foreign keys that wait for uniques of the tables that they refer to
	indexes    []*piece
	building   int  // indexes that are being built
	held       bool // something is done to it that needs it for itself
	keys       []*piece
	statistics string // the table as the plan names it; "" where none are to be gathered
	begun      bool   // the tail
	locked     bool   // a lock was waited for in vain: what is left of it is not tried
}

// table gives the entry of a table, by its quoted name.
func (r *rebuild) table(name string) *rebuilding {
	i := slices.IndexFunc(r.tables, func(t *rebuilding) bool { return t.name == name })
	if i < 0 {
		i = len(r.tables)
		r.tables = append(r.tables, &rebuilding{name: name})
	}
	return r.tables[i]
}

// gather adds the statistics of tables.
func (r *rebuild) gather(tables []*sink.Target) error {
	for _, target := range tables {
		if target.Table == nil {
			return fmt.Errorf("analyze %s: the target has no table", target.Name)
		}
		if t := r.table(tableSQL(target.Table)); t.statistics == "" {
			t.statistics = target.Name
			r.of["statistics"]++
		}
	}
	return nil
}

// measure asks for the sizes of the tables that are not known yet. One that is gone meanwhile has none.
func (r *rebuild) measure(ctx context.Context) error {
	var names []string
	of := map[string]*rebuilding{}
	for _, t := range r.tables {
		if t.rel == "" {
			names, of[t.name] = append(names, t.name), t
		}
	}
	if len(names) == 0 {
		return nil
	}
	return repeatedly(ctx, func() error {
		return r.db.read(ctx, func(s *session) error {
			return s.each(ctx, "select n, coalesce(pg_table_size(to_regclass(n)), 0) from pg_catalog.unnest($1::text[]) n", func(row [][]byte) error {
				of[string(row[0])].size = toInt(row[1])
				return nil
			}, nameArray(names))
		})
	})
}

// weight says how long a table's tail takes, beside others'.
func (t *rebuilding) weight() int64 {
	n := int64(1)
	for _, p := range t.indexes {
		if p.computed() {
			n++
		}
	}
	return n * t.size
}

// cost says how long a unique of a table takes to build, beside others.
func (t *rebuilding) cost(p *piece) int64 {
	return t.size + t.size*int64(len(p.facts.Columns)+len(p.facts.Include))/4
}

// run does all of it. Everything is tried, whatever becomes of one piece.
func (r *rebuild) run(ctx context.Context) error {
	r.wake.L = &r.mu
	if err := r.measure(ctx); err != nil {
		return err
	}
	slices.SortStableFunc(r.tables, func(a, b *rebuilding) int { return cmp.Compare(b.weight(), a.weight()) })
	tasks := r.of["indexes"] + r.of["uniques"]
	for _, t := range r.tables {
		slices.SortStableFunc(t.uniques, func(a, b *piece) int { return cmp.Compare(t.cost(b), t.cost(a)) })
		if len(t.keys)+len(t.late) > 0 || t.statistics != "" {
			tasks++
		}
	}
	defer context.AfterFunc(ctx, r.wake.Broadcast)()
	var wg sync.WaitGroup
	r.open = min(r.connections, tasks)
	for i := range r.open {
		wg.Go(func() {
			b := &builder{r: r, number: i + 1}
			defer b.close(ctx)
			if b.givesUp(ctx) {
				return
			}
			for task := r.next(ctx); task != nil; task = r.next(ctx) {
				task(b)
				r.wake.Broadcast()
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil { // of which each task has its own error
		return explain(ctx, "restore indexes and keys", context.Cause(ctx))
	}
	return errors.Join(r.errs...)
}

// next gives the next task, once there is one, and nil where there will be none.
func (r *rebuild) next(ctx context.Context) func(*builder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ctx.Err() == nil {
		if task := r.choose(ctx); task != nil {
			return task
		}
		if !slices.ContainsFunc(r.tables, func(t *rebuilding) bool { return !t.begun }) {
			return nil
		}
		r.wake.Wait()
	}
	return nil
}

// choose gives a task that can begin now; nil where there is none. Where nothing is under way there is always one, as long
// as something is left.
func (r *rebuild) choose(ctx context.Context) func(*builder) {
	for _, t := range r.tables {
		parents := r.waitsForAny(t)
		switch {
		case t.begun || t.building > 0 || t.held || len(t.uniques) > 0:
		case len(t.built) > 0:
			return r.alone(func(b *builder) { t.finish(ctx, b) }, t)
		case len(t.late) > 0 && !slices.ContainsFunc(parents, (*rebuilding).busy):
			return r.alone(func(b *builder) { t.link(ctx, b) }, append(parents, t)...)
		case len(t.late) == 0 && len(t.indexes) == 0:
			group := r.besideTail(t)
			for _, t := range group {
				t.begun = true
			}
			return r.alone(func(b *builder) { r.tails(ctx, b, group) }, group...)
		}
	}
	if t := r.nextUnique(); t != nil {
		p := t.uniques[0]
		t.uniques = t.uniques[1:]
		return r.beside(t, func(b *builder) {
			ok := b.do(ctx, t, "uniques", p.String(), func(s *session) error { return buildUnique(ctx, s, p) })
			r.mu.Lock()
			defer r.mu.Unlock()
			if ok && p.finishing() {
				t.built = append(t.built, p)
			}
		})
	}
	if t := r.nextIndex(); t != nil {
		p := t.indexes[0]
		t.indexes = t.indexes[1:]
		return r.beside(t, func(b *builder) {
			b.do(ctx, t, "indexes", p.String(), func(s *session) error { return restoreIndex(ctx, s, p) })
		})
	}
	return nil
}

// besideTail gives a table whose tail can begin, and, where it is small, others like it.
func (r *rebuild) besideTail(t *rebuilding) []*rebuilding {
	group := []*rebuilding{t}
	for _, o := range r.tables {
		if o != t && len(group) < tailGroup && t.size < smallTable && o.size < smallTable && !o.begun && !o.busy() && len(o.late)+len(o.indexes) == 0 {
			group = append(group, o)
		}
	}
	return group
}

// beside makes a task of work that builds an index of a table.
func (r *rebuild) beside(t *rebuilding, work func(*builder)) func(*builder) {
	t.building++
	return func(b *builder) {
		work(b)
		r.mu.Lock()
		defer r.mu.Unlock()
		t.building--
	}
}

// alone makes a task of work that needs tables for itself.
func (r *rebuild) alone(work func(*builder), tables ...*rebuilding) func(*builder) {
	for _, t := range tables {
		t.held = true
	}
	return func(b *builder) {
		work(b)
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, t := range tables {
			t.held = false
		}
	}
}

// waitsFor gives the table whose uniques a foreign key waits for; nil where it need not wait.
func (r *rebuild) waitsFor(p *piece) *rebuilding {
	if p.old != nil {
		return nil
	}
	i := slices.IndexFunc(r.tables, func(t *rebuilding) bool { return t.rel == p.facts.Reference.Table && len(t.uniques) > 0 })
	if i < 0 {
		return nil
	}
	return r.tables[i]
}

// waitsForAny gives the other tables that late foreign keys of a table refer to.
func (r *rebuild) waitsForAny(t *rebuilding) (out []*rebuilding) {
	for _, p := range t.late {
		for _, o := range r.tables {
			if o != t && o.rel == p.facts.Reference.Table && !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	return out
}

// busy tells whether uniques of a table are away, or something is under way that locks it.
func (t *rebuilding) busy() bool {
	return len(t.uniques)+len(t.built)+t.building > 0 || t.held
}

// nextUnique gives the table whose first unique is to be built next: the most costly one.
func (r *rebuild) nextUnique() (next *rebuilding) {
	for _, t := range r.tables {
		if len(t.uniques) > 0 && !t.held && (next == nil || t.cost(t.uniques[0]) > next.cost(next.uniques[0])) {
			next = t
		}
	}
	return next
}

// nextIndex gives the table whose first index is to be built next; nil where there is none left. What may take very
// long comes first. While such an index is built, the others of its table are, so that its tail can follow at once.
func (r *rebuild) nextIndex() *rebuilding {
	var next *rebuilding
	for _, t := range r.tables {
		switch {
		case len(t.indexes) == 0 || t.held || len(t.uniques) > 0 || len(t.built) > 0 && r.awaited(t):
		case t.indexes[0].rank == slowest:
			return t
		case next == nil || next.building == 0 && t.building > 0:
			next = t
		}
	}
	return next
}

// awaited tells whether foreign keys of other tables wait for the uniques of a table: then these are finished before more
// of its indexes are built, else behind them.
func (r *rebuild) awaited(t *rebuilding) bool {
	return slices.ContainsFunc(r.tables, func(o *rebuilding) bool { return slices.Contains(r.waitsForAny(o), t) })
}

// finish finishes the uniques of a table.
func (t *rebuilding) finish(ctx context.Context, b *builder) {
	for _, p := range t.built {
		b.do(ctx, t, "", p.String(), func(s *session) error { return p.finish(ctx, s) })
	}
	b.r.mu.Lock()
	defer b.r.mu.Unlock()
	t.built = nil
}

// link adds the foreign keys of a table that waited for uniques of others. Where such a unique has not come back, its own
// error is enough.
func (t *rebuilding) link(ctx context.Context, b *builder) {
	var added []*piece
	for _, p := range t.late {
		b.do(ctx, t, "", p.String(), func(s *session) error {
			err := addKey(ctx, s, p)
			if code(err) == noUnique {
				if left, e := s.number(ctx, "select count(*) from sower.journal where rel = $1::oid and facts->>'unique' = 'true'", p.facts.Reference.Table); e == nil && left > 0 {
					return nil
				}
			}
			return err
		})
		if p.added {
			added = append(added, p)
		}
	}
	b.r.mu.Lock()
	defer b.r.mu.Unlock()
	t.keys, t.late = append(t.keys, added...), nil
}

// noUnique is the code of the error that a foreign key refers to columns that are not unique.
const noUnique = "42830"

// tail is what comes behind a table's indexes.
func (t *rebuilding) tail(ctx context.Context, b *builder) {
	for _, p := range t.keys {
		b.do(ctx, t, "keys", p.String(), func(s *session) error { return validateKey(ctx, s, p) })
	}
	if t.statistics != "" && (b.r.how.Stopping == nil || !b.r.how.Stopping()) {
		b.do(ctx, t, "statistics", t.statistics, func(s *session) error { return s.run(ctx, "analyze "+t.name) })
	}
}

func (r *rebuild) isLocked(t *rebuilding) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.locked || r.shut
}

// addKey brings a key back, not valid.
func (r *rebuild) addKey(ctx context.Context, t *rebuilding, p *piece) error {
	if r.isLocked(t) {
		return nil
	}
	err := repeatedly(ctx, func() error {
		s, err := r.db.workSession(ctx)
		if err != nil {
			return err
		}
		defer r.db.giveSession(s)
		return addKey(ctx, s, p)
	})
	r.shut = errors.Is(err, sink.ErrConnections)
	t.locked = code(err) == lockTimeout
	return explain(ctx, "restore "+p.String(), err)
}
