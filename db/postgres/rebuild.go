package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/sowerdata/sower/sink"
)

// rebuild is what Restore has to do, table by table, over several connections.
//
// The indexes of a table may be built side by side, but the server lets neither what finishes its uniques, nor foreign
// keys that are added, nor their validation, nor ANALYZE run beside them, or beside one another: such a step has the table
// to itself, while other connections build the indexes of other tables. The order is: the uniques of all tables, the
// costly ones first; what finishes them; the foreign keys that waited for them; the other indexes; and the table's tail,
// which validates keys and gathers statistics. Tables whose tails take long come first.
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
	for range r.open {
		wg.Go(func() {
			b := &builder{r: r}
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
			t.begun = true
			return r.alone(func(b *builder) { t.tail(ctx, b) }, t)
		}
	}
	if t := r.nextUnique(); t != nil {
		p := t.uniques[0]
		t.uniques = t.uniques[1:]
		return r.beside(t, func(b *builder) {
			ok := b.do(ctx, t, "uniques", p.name+" of "+p.table, func(s *session) error { return buildUnique(ctx, s, p) })
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
			b.do(ctx, t, "indexes", p.name+" of "+p.table, func(s *session) error { return restoreIndex(ctx, s, p) })
		})
	}
	return nil
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
		case len(t.indexes) == 0 || t.held || len(t.uniques)+len(t.built) > 0:
		case t.indexes[0].rank == slowest:
			return t
		case next == nil || next.building == 0 && t.building > 0:
			next = t
		}
	}
	return next
}

// finish finishes the uniques of a table.
func (t *rebuilding) finish(ctx context.Context, b *builder) {
	for _, p := range t.built {
		b.do(ctx, t, "", p.name+" of "+p.table, func(s *session) error { return p.finish(ctx, s) })
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
		b.do(ctx, t, "", p.name+" of "+p.table, func(s *session) error {
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
		b.do(ctx, t, "keys", p.name+" of "+p.table, func(s *session) error { return validateKey(ctx, s, p) })
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
	return explain(ctx, fmt.Sprintf("restore %s of %s", p.name, p.table), err)
}

// givesUp connects. True says that there is no connection to be had, and that another builder does the work.
func (b *builder) givesUp(ctx context.Context) bool {
	err := b.connect(ctx)
	r := b.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if !errors.Is(err, sink.ErrConnections) || r.open == 1 {
		return false // what else there is shows at the first task
	}
	r.open--
	return true
}

func (b *builder) connect(ctx context.Context) (err error) {
	if b.s, b.path, err = b.r.session(ctx); err == nil {
		b.pid.Store(b.s.pg.PID())
	}
	return err
}

// builder is a connection that builds.
type builder struct {
	r    *rebuild
	s    *session // nil before the first task, and after the connection was lost
	path string   // the search path that the session had
	pid  atomic.Uint32
}

// do does one task of a table, again where its error goes by, and notes what became of it, where its phase has a name.
func (b *builder) do(ctx context.Context, t *rebuilding, phase, name string, work func(*session) error) (ok bool) {
	if b.r.isLocked(t) {
		return false
	}
	stop := b.underway(phase, name)
	err := repeatedly(ctx, func() (err error) {
		if b.s != nil && b.s.pg.IsClosed() {
			_ = b.s.close()
			b.s = nil
		}
		if b.s == nil {
			if err := b.connect(ctx); err != nil {
				return err
			}
		}
		return work(b.s)
	})
	stop()
	r := b.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		what := "restore " + name
		if phase == "statistics" {
			what = "analyze " + name
		}
		r.errs = append(r.errs, explain(ctx, what, err))
		t.locked = t.locked || code(err) == lockTimeout
		r.shut = r.shut || errors.Is(err, sink.ErrConnections) && r.open == 1
		return false
	}
	r.done[phase]++
	if r.how.Note != nil && phase != "" {
		r.how.Note(sink.Restored{Phase: phase, Name: name, Done: r.done[phase], Of: r.of[phase]})
	}
	return true
}

// underway notes a task as long as it is under way; with what it gives, that ends.
func (b *builder) underway(phase, name string) (stop func()) {
	if b.r.how.Note == nil || phase == "" {
		return func() {}
	}
	return sink.Underway(func() {
		percent := b.percent(phase)
		b.r.mu.Lock()
		defer b.r.mu.Unlock()
		b.r.how.Note(sink.Restored{Phase: phase, Name: name, Done: b.r.done[phase], Of: b.r.of[phase], Underway: true, Percent: percent})
	})
}

// percent asks how far the building of an index has come; 0 where the server does not tell.
func (b *builder) percent(phase string) (percent int) {
	pid := b.pid.Load()
	if phase != "indexes" && phase != "uniques" || pid == 0 {
		return 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	b.r.db.askAside(ctx, func(s *session) error {
		row, err := s.row(ctx, `select coalesce(100 * greatest(tuples_done::numeric / nullif(tuples_total, 0), blocks_done::numeric / nullif(blocks_total, 0)), 0)::int
			from pg_stat_progress_create_index where pid = $1::int`, int64(pid))
		if err == nil && row != nil {
			percent = int(toInt(row[0]))
		}
		return err
	})
	return percent
}

func (b *builder) close(ctx context.Context) {
	if b.s != nil {
		_ = b.s.run(ctx, "reset maintenance_work_mem; reset max_parallel_maintenance_workers; reset default_tablespace")
		_, _ = b.s.exec(ctx, "select set_config('search_path', $1, false)", b.path)
		_ = b.r.db.giveSession(b.s)
	}
}

// session gives a session for building indexes, and the search path that it had. What the journal says is complete but
// for names of pg_catalog, which therefore comes first; functions in other indexes of a table, which any work on it makes
// the server look at, find what they call by the user's own path.
func (r *rebuild) session(ctx context.Context) (s *session, path string, err error) {
	if s, err = r.db.workSession(ctx); err != nil {
		return nil, "", err
	}
	free, err := r.db.freeMemory(ctx, s)
	if err == nil {
		// The connections are the parallelism; where there are more of them than indexes, the server's own workers help.
		workers := r.connections/max(r.of["indexes"]+r.of["uniques"], 1) - 1
		err = s.run(ctx, fmt.Sprintf("set maintenance_work_mem = %d; set max_parallel_maintenance_workers = %d", buildMemory(free, r.connections)>>10, max(workers, 0)))
	}
	if err == nil {
		_, err = s.row(ctx, "select pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', 'pg_catalog', nullif($1::pg_catalog.text, '')), false)", s.own)
	}
	if err != nil {
		_ = s.close()
		return nil, "", err
	}
	return s, controlPath, nil
}

// buildMemory is what each of several connections may take for building an index, for sorting and for GIN: together at
// most a quarter of what the server's machine has free, and half a gigabyte where nobody tells how much that is (0).
func buildMemory(free int64, connections int) int64 {
	all := free / 4
	if free == 0 {
		all = 512 << 20
	}
	return min(max(all/int64(connections), 32<<20), 512<<20)
}

var availableLine = regexp.MustCompile(`(?m)^MemAvailable:\s*(\d+) kB$`)

// freeMemory is how many bytes of memory the server's machine has free, as its own system tells; 0 where that is not
// to be known: the role may not ask and the server is on another machine, or it does not run on Linux.
func (db *DB) freeMemory(ctx context.Context, s *session) (int64, error) {
	row, err := s.row(ctx, "select pg_has_role('pg_read_server_files', 'usage') and has_function_privilege('pg_read_file(text, bigint, bigint, boolean)', 'execute')")
	if err != nil {
		return 0, err
	}
	var info []byte
	switch {
	case toBool(row[0]):
		if row, err = s.row(ctx, "select pg_read_file('/proc/meminfo', 0, 4096, true)"); err != nil {
			return 0, err
		}
		info = row[0]
	case local(s.pg.Conn().RemoteAddr()):
		info, _ = os.ReadFile("/proc/meminfo")
	}
	if m := availableLine.FindSubmatch(info); m != nil {
		kb, _ := strconv.ParseInt(string(m[1]), 10, 64)
		return kb << 10, nil
	}
	return 0, nil
}
