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

	"github.com/sowerdata/sower/sink"
)

// rebuild is what Restore has to do, table by table, over several connections.
//
// The indexes of a table may be built side by side, but the server lets neither the validation of its keys nor ANALYZE
// run beside them, or beside one another: these are the table's tail, which one connection does while the others
// build the indexes of the next table. Tables whose tails take long come first.
type rebuild struct {
	db          *DB
	connections int
	note        func(sink.Restored)
	tables      []*rebuilding
	of, done    map[string]int // pieces by phase

	mu   sync.Mutex
	wake sync.Cond
	errs []error
}

// rebuilding is one table of a rebuild.
type rebuilding struct {
	name       string // quoted
	size       int64  // bytes
	indexes    []*piece
	building   int // indexes that are being built
	keys       []*piece
	statistics string // the table as the plan names it; "" where none are to be gathered
	begun      bool   // the tail
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

// run does all of it. Everything is tried, whatever becomes of one piece.
func (r *rebuild) run(ctx context.Context) error {
	r.wake.L = &r.mu
	slices.SortStableFunc(r.tables, func(a, b *rebuilding) int { return cmp.Compare(b.weight(), a.weight()) })
	tasks := r.of["indexes"]
	for _, t := range r.tables {
		if len(t.keys) > 0 || t.statistics != "" {
			tasks++
		}
	}
	var wg sync.WaitGroup
	for range min(r.connections, tasks) {
		wg.Go(func() {
			b := &builder{r: r}
			defer b.close(ctx)
			for task := r.next(); task != nil; task = r.next() {
				task(ctx, b)
			}
		})
	}
	wg.Wait()
	return errors.Join(r.errs...)
}

// next gives the next task, once there is one, and nil where there will be none.
func (r *rebuild) next() func(context.Context, *builder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		waiting := false
		for _, t := range r.tables {
			switch {
			case t.begun:
			case len(t.indexes) == 0 && t.building == 0:
				t.begun = true
				return t.tail
			case len(t.indexes) == 0:
				waiting = true
			}
		}
		if t := r.nextIndex(); t != nil {
			p := t.indexes[0]
			t.indexes = t.indexes[1:]
			t.building++
			return func(ctx context.Context, b *builder) {
				b.do(ctx, "indexes", p.name+" of "+p.table, func(s *session) error { return restoreIndex(ctx, s, p) })
				r.mu.Lock()
				t.building--
				r.mu.Unlock()
				r.wake.Broadcast()
			}
		}
		if !waiting {
			return nil
		}
		r.wake.Wait()
	}
}

// nextIndex gives the table whose first index is to be built next; nil where there is none left. What may take very
// long comes first. While such an index is built, the others of its table are, so that its tail can follow at once.
func (r *rebuild) nextIndex() *rebuilding {
	var next *rebuilding
	for _, t := range r.tables {
		switch {
		case len(t.indexes) == 0:
		case t.indexes[0].rank == slowest:
			return t
		case next == nil || next.building == 0 && t.building > 0:
			next = t
		}
	}
	return next
}

// tail is what comes behind a table's indexes.
func (t *rebuilding) tail(ctx context.Context, b *builder) {
	for _, p := range t.keys {
		b.do(ctx, "keys", p.name+" of "+p.table, func(s *session) error { return validateKey(ctx, s, p) })
	}
	if t.statistics != "" {
		b.do(ctx, "statistics", t.statistics, func(s *session) error { return s.run(ctx, "analyze "+t.name) })
	}
}

// addKey brings a key back, not valid.
func (r *rebuild) addKey(ctx context.Context, p *piece) error {
	err := repeatedly(ctx, func() error {
		s, err := r.db.workSession(ctx)
		if err != nil {
			return err
		}
		defer r.db.giveSession(s)
		return addKey(ctx, s, p)
	})
	return explain(ctx, fmt.Sprintf("restore %s of %s", p.name, p.table), err)
}

// builder is a connection that builds.
type builder struct {
	r    *rebuild
	s    *session // nil before the first task, and after the connection was lost
	path string   // the search path that the session had
}

// do does one task, again where its error goes by, and notes what became of it.
func (b *builder) do(ctx context.Context, phase, name string, work func(*session) error) {
	err := repeatedly(ctx, func() (err error) {
		if b.s != nil && b.s.pg.IsClosed() {
			_ = b.s.close()
			b.s = nil
		}
		if b.s == nil {
			if b.s, b.path, err = b.r.session(ctx); err != nil {
				return err
			}
		}
		return work(b.s)
	})
	r := b.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		what := "restore " + name
		if phase == "statistics" {
			what = "analyze " + name
		}
		r.errs = append(r.errs, explain(ctx, what, err))
		return
	}
	r.done[phase]++
	if r.note != nil {
		r.note(sink.Restored{Phase: phase, Name: name, Done: r.done[phase], Of: r.of[phase]})
	}
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
		workers := r.connections/max(r.of["indexes"], 1) - 1
		err = s.run(ctx, fmt.Sprintf("set maintenance_work_mem = %d; set max_parallel_maintenance_workers = %d", buildMemory(free, r.connections)>>10, max(workers, 0)))
	}
	var row [][]byte
	if err == nil {
		row, err = s.row(ctx, "select current_setting('search_path'), set_config('search_path', concat_ws(', ', 'pg_catalog', nullif(current_setting('search_path'), '')), false)")
	}
	if err != nil {
		_ = s.close()
		return nil, "", err
	}
	return s, string(row[0]), nil
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
