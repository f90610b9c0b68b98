package fault

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slowIndex makes the building of an index take seconds.
const slowIndex = `create function public.slow(x bigint) returns bigint language plpgsql immutable set search_path = '' as $$ begin perform pg_catalog.pg_sleep(%); return x; end $$;
create index slowly on generation_jobs (public.slow(id))`

// indexing runs generate and signals it while the slow index is built again (it is tried once before it is dropped, which
// the journal does not show yet).
func indexing(w *world, signals ...os.Signal) outcome {
	sent := 0
	stop := make(chan struct{})
	return w.startAnd(w.command(append(w.generate(w.url, "rebuild"), w.more...)...), func(p *os.Process) func() bool {
		go func() {
			for sent < len(signals) {
				select {
				case <-stop:
					return
				case <-time.After(100 * time.Millisecond):
				}
				if out, err := w.trySQL("select count(*) from pg_stat_activity where state = 'active' and query ilike 'create index%slowly%' and pid <> pg_backend_pid() and exists (select from sower.journal where name = 'slowly')"); err == nil && out != "0" {
					_ = p.Signal(signals[sent])
					sent++
					time.Sleep(time.Second)
				}
			}
		}()
		return func() bool { close(stop); return true }
	}, func(int, string, *os.Process) {})
}

// A signal while indexes are built lets them be built to their end, with progress; a second one, or the end of
// --stop-timeout, leaves them to sower repair, and says how many there are.
func TestStopWhileIndexing(t *testing.T) {
	w := newWorld(t, nil)
	prepare := func(seconds string) {
		w.reset()
		w.sql("drop function if exists public.slow cascade; " + strings.Replace(slowIndex, "%", seconds, 1))
	}
	for name, c := range map[string]struct {
		signals []os.Signal
		more    []string
		left    bool
	}{
		"once":       {[]os.Signal{syscall.SIGINT}, nil, false},
		"terminated": {[]os.Signal{syscall.SIGTERM, syscall.SIGHUP}, nil, false},
		"twice":      {[]os.Signal{syscall.SIGINT, syscall.SIGINT}, nil, true},
		"limited":    {[]os.Signal{syscall.SIGTERM}, []string{"--stop-timeout", "500ms"}, true},
	} {
		prepare("0.01")
		w.more = c.more
		started := time.Now()
		o := indexing(w, c.signals...)
		w.more = nil
		out := w.sql("select count(*) from pg_index where indexrelid = to_regclass('public.slowly') and indisvalid")
		if o.code != 130 {
			t.Errorf("%s: it ended with %d after %v:\n%s", name, o.code, time.Since(started), tail(o.output))
		}
		journal := w.sql("select case when to_regclass('sower.journal') is null then 'none' else 'some' end")
		switch {
		case c.left && (journal != "some" || !strings.Contains(o.all, "not in place yet: ") || !strings.Contains(o.all, "sower repair") || strings.Contains(o.all, "built again after the load")):
			t.Errorf("%s: journal %s:\n%s", name, journal, o.all)
		case !c.left && (journal != "none" || out != "1" || !strings.Contains(o.output, "slowly of")):
			t.Errorf("%s: journal %s, index %s:\n%s", name, journal, out, o.all)
		}
		if n := strings.Count(o.all, "canceling statement"); n > 0 {
			t.Errorf("%s: it tells %d times of what it canceled itself:\n%s", name, n, o.all)
		}
		if c.left {
			w.sql("create or replace function public.slow(x bigint) returns bigint language plpgsql immutable set search_path = '' as $$ begin return x; end $$")
			repaired := w.start(w.command("repair", "--database-url", w.url), func(int, string, *os.Process) {})
			if repaired.code != 0 || w.sql("select to_regclass('sower.journal') is null and to_regclass('public.slowly') is not null") != "t" {
				t.Errorf("%s: repair ended with %d:\n%s", name, repaired.code, repaired.all)
			}
		}
		w.complete("rebuild")
	}
	w.sql("drop function public.slow cascade")
	w.intact()
}
