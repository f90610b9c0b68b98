package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/sowerdata/sower/internal/trace"
	"github.com/sowerdata/sower/sink"
)

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
	r      *rebuild
	number int      // from 1
	s      *session // nil before the first task, and after the connection was lost
	path   string   // the search path that the session had
	pid    atomic.Uint32
}

// do does one task of a table, again where its error goes by, and notes what became of it, where its phase has a name.
func (b *builder) do(ctx context.Context, t *rebuilding, phase, name string, work func(*session) error) (ok bool) {
	if b.r.isLocked(t) {
		return false
	}
	ended := b.trace(ctx, cmp.Or(phase, "finish"), name)
	stop, began := b.underway(phase, name), time.Now()
	err := repeatedly(ctx, func() error { return b.with(ctx, work) })
	ended()
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
		r.how.Note(sink.Restored{Phase: phase, Name: name, Done: r.done[phase], Of: r.of[phase], Connection: b.number, Took: time.Since(began)})
	}
	return true
}

// with does work over the builder's connection, a new one where the last was lost.
func (b *builder) with(ctx context.Context, work func(*session) error) error {
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
}

// tried does work that leaves nothing behind where it fails: then false, and it is done in another way.
func (b *builder) tried(ctx context.Context, work func(*session) error) bool {
	err := b.with(ctx, work)
	if err != nil {
		b.r.db.log().Debug("keys and statistics come table by table", "because", err)
	}
	return err == nil
}

// trace begins a span on the builder's lane.
func (b *builder) trace(ctx context.Context, name, detail string) (end func()) {
	return trace.Of(trace.On(ctx, fmt.Sprintf("builder %d", b.number))).Begin(name, detail)
}

// noteDone tells that a piece of a phase is done.
func (b *builder) noteDone(phase, name string) {
	r := b.r
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done[phase]++
	if r.how.Note != nil {
		r.how.Note(sink.Restored{Phase: phase, Name: name, Done: r.done[phase], Of: r.of[phase], Connection: b.number})
	}
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
		b.r.how.Note(sink.Restored{Phase: phase, Name: name, Done: b.r.done[phase], Of: b.r.of[phase], Underway: true, Percent: percent, Connection: b.number})
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
