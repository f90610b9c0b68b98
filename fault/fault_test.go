package fault

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sowerdata/sower/internal/faultproxy"
)

// scene is one fault. do runs the program while something breaks, and gives how it ended; undo mends what
// stays broken after. Then the same command again must complete, and all be intact.
type scene struct {
	name  string
	quick int // tries in the selection; 0: it is left to a soak
	many  int // tries in a soak
	do    func(w *world, strategy string) outcome
	undo  func(w *world)
	must  bool // the program itself must get through
}

// atRandom runs the program and calls break once, at a line of progress drawn at random.
func atRandom(w *world, url, strategy string, breaks func()) outcome {
	k := w.random.IntN(max(w.events-1, 1))
	return w.run(url, strategy, func(n int, _ string) {
		if n == k {
			breaks()
		}
	})
}

// atPhase calls it at a line of progress of a phase, or at a random one where there is none.
func atPhase(w *world, url, phase string, breaks func()) outcome {
	once := sync.OnceFunc(breaks)
	return w.run(url, "rebuild", func(_ int, line string) {
		if strings.Contains(line, `"phase":"`+phase+`"`) {
			once()
		}
	})
}

const ours = "select %s from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"

func restart(w *world, signal os.Signal) func() {
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := w.server.Restart(ctx, signal); err != nil {
			w.Error(err)
		}
	}
}

// through runs the program through the proxy with a fault for every connection.
func through(w *world, strategy string, fault func(n int) faultproxy.Fault) outcome {
	w.proxy.Set(fault)
	return w.run(w.far, strategy, nil)
}

// raising makes a table refuse rows with an error of the server's, now and then.
func raising(code, share string) string {
	return `create function public.raise() returns trigger language plpgsql as $$ begin if random() < ` + share + ` then raise exception 'injected' using errcode = '` + code + `'; end if; return null; end $$;
create trigger injected after insert on generation_jobs for each statement execute function public.raise()`
}

const noRaise = "drop function if exists public.raise() cascade"

var scenes = []scene{
	{name: "one backend terminated (pg_terminate_backend)", quick: 1, many: 20, do: func(w *world, strategy string) outcome {
		return atRandom(w, w.url, strategy, func() {
			w.sql(fmt.Sprintf(ours, "pg_terminate_backend(pid)") + " order by random() limit 1")
		})
	}},
	{name: "all backends terminated", quick: 0, many: 20, do: func(w *world, strategy string) outcome {
		return atRandom(w, w.url, strategy, func() { w.sql(fmt.Sprintf(ours, "pg_terminate_backend(pid)")) })
	}},
	{name: "a query cancelled (pg_cancel_backend)", quick: 0, many: 10, do: func(w *world, strategy string) outcome {
		return atRandom(w, w.url, strategy, func() { w.sql(fmt.Sprintf(ours, "pg_cancel_backend(pid)")) })
	}},
	{name: "backends terminated while indexes are built", quick: 1, many: 10, do: func(w *world, _ string) outcome {
		return atPhase(w, w.url, "indexes", func() { w.sql(fmt.Sprintf(ours, "pg_terminate_backend(pid)")) })
	}},
	{name: "backends terminated while keys are built", quick: 1, many: 10, do: func(w *world, _ string) outcome {
		return atPhase(w, w.url, "uniques", func() { w.sql(fmt.Sprintf(ours, "pg_terminate_backend(pid)")) })
	}},
	{name: "postmaster killed while keys are built", quick: 1, many: 5, do: func(w *world, _ string) outcome { return atPhase(w, w.url, "uniques", restart(w, syscall.SIGKILL)) }},
	{name: "SIGINT while keys are away", quick: 1, many: 10, do: func(w *world, _ string) outcome {
		k, o := w.random.IntN(20), outcome{}
		o = w.start(w.command(w.generate(w.url, "rebuild")...), func(n int, _ string, p *os.Process) {
			if n == 5+k {
				_ = p.Signal(syscall.SIGINT)
			}
		})
		if o.code > 0 {
			w.sameSchema()
		}
		return o
	}},
	{name: "kill -9 of sower in a phase without keys", quick: 6, many: 500, do: killedUnkeyed},
	{name: "a backend killed (SIGKILL), which makes the server restart", quick: 1, many: 10, do: func(w *world, strategy string) outcome {
		return atRandom(w, w.url, strategy, func() {
			out := w.sql(fmt.Sprintf(ours, "pid") + " limit 1")
			if pid, err := strconv.Atoi(out); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		})
	}},
	{name: "server restarted (fast)", quick: 0, many: 10, do: func(w *world, s string) outcome { return atRandom(w, w.url, s, restart(w, syscall.SIGINT)) }},
	{name: "server restarted (immediate)", quick: 1, many: 10, do: func(w *world, s string) outcome { return atRandom(w, w.url, s, restart(w, syscall.SIGQUIT)) }},
	{name: "postmaster killed (SIGKILL)", quick: 0, many: 10, do: func(w *world, s string) outcome { return atRandom(w, w.url, s, restart(w, syscall.SIGKILL)) }},
	{name: "postmaster killed while indexes are built", quick: 1, many: 5, do: func(w *world, _ string) outcome { return atPhase(w, w.url, "indexes", restart(w, syscall.SIGKILL)) }},
	{name: "server restarted while foreign keys are validated", quick: 0, many: 5, do: func(w *world, _ string) outcome { return atPhase(w, w.url, "keys", restart(w, syscall.SIGINT)) }},
	{name: "every connection cut at a random byte", quick: 3, many: 60, do: func(w *world, s string) outcome {
		cuts := make([]int64, 64)
		for i := range cuts {
			cuts[i] = 1 + w.random.Int64N(w.bytes/2)
		}
		return through(w, s, func(n int) faultproxy.Fault { return faultproxy.Fault{Cut: cuts[n%len(cuts)]} })
	}},
	{name: "one connection cut at a random byte", quick: 0, many: 40, do: func(w *world, s string) outcome {
		which, at := w.random.IntN(5), 1+w.random.Int64N(w.bytes/4)
		return through(w, s, func(n int) faultproxy.Fault {
			if n == which {
				return faultproxy.Fault{Cut: at}
			}
			return faultproxy.Fault{}
		})
	}},
	{name: "stalls of 2 s", quick: 1, many: 5, must: true, do: func(w *world, s string) outcome {
		return through(w, s, func(n int) faultproxy.Fault { return faultproxy.Fault{Stall: 2000 * int64(n+1), For: 2 * time.Second} })
	}},
	{name: "latency of 5 ms a piece", quick: 0, many: 3, must: true, do: func(w *world, s string) outcome {
		return through(w, s, func(int) faultproxy.Fault { return faultproxy.Fault{Latency: 5 * time.Millisecond} })
	}},
	{name: "slow reads", quick: 0, many: 3, must: true, do: func(w *world, s string) outcome {
		return through(w, s, func(int) faultproxy.Fault { return faultproxy.Fault{Rate: 200_000} })
	}},
	{name: "deadlocks with another writer", quick: 1, many: 10, must: true, do: func(w *world, _ string) outcome {
		before := w.sql("select deadlocks from pg_stat_database where datname = current_database()")
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default: // it may be the one whom the server ends
					_, _ = w.trySQL("begin; lock table generation_jobs in share row exclusive mode; select pg_sleep(0.02); lock table users, content_items in access exclusive mode; commit")
				}
			}
		})
		o := w.run(w.url, "in-place", nil)
		close(stop)
		wg.Wait()
		w.Logf("deadlocks %s -> %s", before, w.sql("select deadlocks from pg_stat_database where datname = current_database()"))
		return o
	}},
	{name: "serialization errors (40001) in one of four statements", quick: 1, many: 10, must: true,
		do:   func(w *world, s string) outcome { w.sql(raising("40001", "0.25")); return w.run(w.url, s, nil) },
		undo: func(w *world) { w.sql(noRaise) }},
	{name: "disk full on the server (53100), injected", quick: 1, many: 5,
		do:   func(w *world, s string) outcome { w.sql(raising("53100", "0.3")); return w.run(w.url, s, nil) },
		undo: func(w *world) { w.sql(noRaise) }},
	{name: "statement_timeout, lock_timeout and idle timeouts of 20 ms for the role", quick: 1, many: 3, must: true, do: func(w *world, s string) outcome {
		w.sql("alter role sower set statement_timeout = '20ms'; alter role sower set lock_timeout = '20ms'; alter role sower set idle_in_transaction_session_timeout = '20ms'; alter role sower set idle_session_timeout = '20ms'")
		return w.run(w.url, s, nil)
	}, undo: func(w *world) {
		w.sql("set statement_timeout = 0; alter role sower reset all")
	}},
	{name: "database turned read-only in the middle", quick: 0, many: 5, do: func(w *world, s string) outcome {
		return atRandom(w, w.url, s, func() {
			w.sql("alter database world_test set default_transaction_read_only = on; " + fmt.Sprintf(ours, "pg_terminate_backend(pid)"))
		})
	}, undo: func(w *world) {
		w.sql("begin read write; alter database world_test reset default_transaction_read_only; commit")
	}},
	{name: "a right revoked in the middle", quick: 1, many: 5, do: func(w *world, s string) outcome {
		w.sql(`create role filler login password 'filler'; grant all on all tables in schema public to filler; grant create on database world_test to filler; grant usage on all sequences in schema public to filler`)
		u := strings.Replace(w.url, "sower:", "filler:", 1)
		u = u[:strings.Index(u, "filler:")+7] + "filler" + u[strings.LastIndex(u, "@"):]
		return atRandom(w, u, s, func() { w.sql("revoke insert on content_items, content_items_auto, generation_jobs from filler") })
	}, undo: func(w *world) {
		w.sql("grant insert on content_items, content_items_auto, generation_jobs to filler; reassign owned by filler to sower; drop owned by filler; drop role filler")
	}},
	{name: "a column with a check added in the middle", quick: 0, many: 5, do: func(w *world, s string) outcome {
		return atRandom(w, w.url, s, func() {
			_, _ = w.trySQL("set lock_timeout = '2s'; alter table generation_jobs add column unexpected integer; alter table generation_jobs add constraint unexpected check (unexpected is not null) not valid")
		})
	}, undo: func(w *world) { w.sql("alter table generation_jobs drop column if exists unexpected") }},
	{name: "clock set back by a year after a kill", quick: 0, many: 3, do: func(w *world, s string) outcome {
		o := killed(w, s, syscall.SIGKILL)
		_, _ = w.trySQL("update sower.run set started = now() + interval '1 year'")
		return o
	}},
	{name: "SIGINT", quick: 0, many: 10, do: func(w *world, s string) outcome { return stopped(w, s, syscall.SIGINT) }},
	{name: "SIGTERM", quick: 1, many: 10, do: func(w *world, s string) outcome { return stopped(w, s, syscall.SIGTERM) }},
	{name: "SIGHUP (closed terminal)", quick: 1, many: 10, do: func(w *world, s string) outcome { return stopped(w, s, syscall.SIGHUP) }},
	{name: "SIGPIPE (its reader is gone)", quick: 0, many: 5, do: func(w *world, s string) outcome {
		c := w.command(w.generate(w.url, s)...)
		r, pw, err := os.Pipe()
		if err != nil {
			w.Fatal(err)
		}
		c.Stderr, c.Stdout = pw, pw
		if err := c.Start(); err != nil {
			w.Fatal(err)
		}
		pw.Close()
		_, _ = r.Read(make([]byte, 100+w.random.IntN(2000)))
		r.Close()
		_ = c.Wait()
		return outcome{code: c.ProcessState.ExitCode()}
	}},
}

// killed sends the program a signal at a random moment.
func killed(w *world, strategy string, signal os.Signal) outcome {
	after := time.Duration(w.random.Int64N(int64(w.took)))
	return w.startAnd(w.command(w.generate(w.url, strategy)...), func(p *os.Process) (stop func() bool) {
		return time.AfterFunc(after, func() { _ = p.Signal(signal) }).Stop
	}, func(int, string, *os.Process) {})
}

// killedUnkeyed kills the program, once or twice, at a moment of one of the phases in which primary keys and uniques are away
// or come back: phases are drawn evenly, however short they are.
func killedUnkeyed(w *world, _ string) (o outcome) {
	phases := []string{"load", "uniques", "indexes", "keys"}
	for range 1 + w.random.IntN(2) {
		phase, line, delay := phases[w.random.IntN(len(phases))], w.random.IntN(4), time.Duration(w.random.Int64N(int64(20*time.Millisecond)))
		o = w.start(w.command(w.generate(w.url, "rebuild")...), func(_ int, text string, p *os.Process) {
			if strings.Contains(text, `"phase":"`+phase+`"`) {
				if line == 0 {
					time.AfterFunc(delay, func() { _ = p.Kill() })
				}
				line--
			}
		})
	}
	return o
}

// stopped is killed, by a signal that lets the program bring back what it took away.
func stopped(w *world, strategy string, signal os.Signal) outcome {
	o := killed(w, strategy, signal)
	switch {
	case o.code < 0 && strings.Contains(o.output, "load"):
		w.Errorf("it died of the signal:\n%s", tail(o.output))
	case o.code > 0:
		w.sameSchema()
	}
	return o
}

// Whatever breaks, the same command again ends in exactly the right rows and an unharmed schema.
func TestFaults(t *testing.T) {
	w := newWorld(t, map[string]string{"max_connections": "40"})
	for _, s := range scenes {
		tries := s.quick
		if soak {
			tries = s.many
		}
		if tries == 0 {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			w := *w
			w.TB = t
			for i := range tries {
				w.reset()
				strategy := strategies[i%2]
				o := s.do(&w, strategy)
				if s.undo != nil {
					s.undo(&w)
				}
				if s.must && o.code != 0 {
					t.Errorf("it did not get through by itself:\n%s", tail(o.output))
				}
				if strings.Contains(o.output, "goroutine ") || strings.Contains(o.output, "DATA RACE") {
					t.Errorf("it broke down:\n%s", o.output)
				}
				w.complete(strategy)
				w.intact()
				record(s.name, t.Failed(), o.code == 0)
				if t.Failed() {
					return
				}
			}
		})
	}
}

// A process that is killed at any moment, in any phase and by either strategy, once or several times.
func TestKills(t *testing.T) {
	w := newWorld(t, nil)
	kills := 20
	if soak {
		kills = 200
	}
	dead, started := 0, time.Now()
	minutes, _ := strconv.Atoi(os.Getenv("SOAK_MINUTES"))
	for i := 0; dead < kills && i < 3*kills || soak && time.Since(started) < time.Duration(minutes)*time.Minute; i++ {
		w.reset()
		strategy := strategies[i%2]
		before := dead
		for range 1 + w.random.IntN(2) {
			if o := killed(w, strategy, syscall.SIGKILL); o.code != 0 {
				dead++
			}
		}
		w.complete(strategy)
		w.intact()
		for range dead - before {
			record("kill -9 of sower", t.Failed(), false)
		}
		if t.Failed() {
			return
		}
	}
	if dead < kills {
		t.Errorf("only %d processes were killed", dead)
	}
}

// A server that lets one connection in is a plain error, and later the run goes on, with as many workers as there
// are connections.
func TestTooManyConnections(t *testing.T) {
	w := newWorld(t, map[string]string{"max_connections": "12", "superuser_reserved_connections": "0"})
	w.reset()
	const most = 11
	var others []*exec.Cmd
	for range most {
		c, err := w.server.PsqlCommand(t.Context(), w.name, "-c", "select pg_sleep(60)")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		others = append(others, c)
	}
	for n := 0; n < most; time.Sleep(20 * time.Millisecond) {
		n, _ = strconv.Atoi(w.sql("select count(*) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()"))
	}
	o := w.run(w.url, "in-place", nil)
	if o.code == 0 || !strings.Contains(o.output, "SQLSTATE 53300") || !strings.Contains(o.output, "max_connections") {
		t.Errorf("with one connection it ended with %d:\n%s", o.code, tail(o.output))
	}
	w.sql("select pg_terminate_backend((select min(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()), 5000)")
	o = w.run(w.url, "in-place", nil)
	if o.code != 0 || !strings.Contains(o.all, "workers loaded rows") {
		t.Errorf("with two connections it ended with %d:\n%s", o.code, tail(o.all))
	}
	for _, c := range others {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	w.sql(fmt.Sprintf(ours, "pg_terminate_backend(pid)"))
	w.complete("in-place")
	w.intact()
	record("too many connections", t.Failed(), false)
}
