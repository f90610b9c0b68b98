package fault

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// parts is the number of shards that the tests load.
const parts = 3

// attempt is one process of a phase, and after how long it is killed; 0: it is not.
type attempt struct {
	kill time.Duration
}

// phase runs one process of a phase: "prepare", "finish", or a shard "2/3".
func (w *world) phase(name, strategy string, at attempt) outcome {
	var args []string
	switch name {
	case "prepare":
		args = w.generate(w.url, strategy, "--phase", name)
	case "finish":
		args = []string{"generate", "--database-url", w.url, "--phase", name, "--progress", "json"}
	default:
		args = []string{"generate", "--database-url", w.url, "--phase", "load", "--shard", name, "--max-workers", "2", "--progress", "json"}
	}
	return w.startAnd(w.command(args...), func(p *os.Process) (stop func() bool) {
		if at.kill == 0 {
			return nil
		}
		return time.AfterFunc(at.kill, func() { _ = p.Signal(syscall.SIGKILL) }).Stop
	}, func(int, string, *os.Process) {})
}

// retried is what an engine does: the same again, until it ends well. Processes that are killed are counted.
func (w *world) retried(name, strategy string, kills []attempt) (dead int) {
	for try := range 60 {
		var at attempt
		if try < len(kills) {
			at = kills[try]
		}
		o := w.phase(name, strategy, at)
		switch {
		case o.code == 0:
			return dead
		case o.code < 0:
			dead++
		case strings.Contains(o.output, "goroutine "), o.code == 2:
			w.Errorf("phase %s ended with %d:\n%s", name, o.code, tail(o.output))
			return dead
		}
		time.Sleep(200 * time.Millisecond)
		if try == 59 {
			w.Errorf("phase %s does not end well:\n%s", name, tail(o.output))
		}
	}
	return dead
}

// mayKill draws up to two attempts that are killed within a time.
func (w *world) mayKill(within time.Duration) (out []attempt) {
	for range w.random.IntN(3) {
		out = append(out, attempt{1 + time.Duration(w.random.Int64N(int64(within)))})
	}
	return out
}

// byPhases fills the database by its phases: shards side by side, one of them by two processes at once, and processes of
// each phase killed. meanwhile, which may be nil, is done while shards are loaded.
func (w *world) byPhases(strategy string, meanwhile func()) (dead int) {
	dead += w.retried("prepare", strategy, w.mayKill(w.took))
	var mu sync.Mutex
	var wg sync.WaitGroup
	twice := w.random.IntN(parts)
	for i := range parts {
		for range map[bool]int{false: 1, true: 2}[i == twice] {
			kills := w.mayKill(w.took)
			wg.Go(func() {
				n := w.retried(fmt.Sprintf("%d/%d", i+1, parts), strategy, kills)
				mu.Lock()
				defer mu.Unlock()
				dead += n
			})
		}
	}
	if meanwhile != nil {
		meanwhile()
	}
	wg.Wait()
	return dead + w.retried("finish", strategy, w.mayKill(w.took))
}

// doubled is an error where rows stand that the ledger does not have, or has twice.
func (w *world) doubled() {
	w.Helper()
	for _, t := range []string{"users", "content_items", "content_items_auto", "generation_jobs"} {
		if got := w.sql(fmt.Sprintf("select (select count(*) from %s) - (select sum(row_count) from sower.ledger where table_name = '%[1]s' and part = 0)", t)); got != "0" {
			w.Errorf("%s has %s rows that the ledger does not have", t, got)
		}
	}
}

// Processes of every phase and shard are killed at random, and two load one shard at once: whatever is repeated until it
// ends well ends in exactly the right rows and an unharmed schema.
func TestPhaseKills(t *testing.T) {
	w := newWorld(t, nil)
	kills := 8
	if soak {
		kills = 200
	}
	dead := 0
	for i := 0; dead < kills && i < 3*kills; i++ {
		w.reset()
		n := w.byPhases(strategies[i%2], nil)
		w.intact()
		w.doubled()
		dead += n
		for range n {
			record("kill -9 of one phase or shard of several processes", t.Failed(), false)
		}
		if t.Failed() {
			return
		}
	}
	if dead < kills {
		t.Errorf("only %d processes were killed", dead)
	}
}

// The server breaks down while shards are loaded.
func TestPhaseServer(t *testing.T) {
	w := newWorld(t, nil)
	tries := 1
	if soak {
		tries = 30
	}
	for i := range tries {
		w.reset()
		wait := time.Duration(w.random.Int64N(int64(w.took)))
		signal := []os.Signal{syscall.SIGKILL, syscall.SIGQUIT, syscall.SIGINT}[i%3]
		w.byPhases(strategies[i%2], func() {
			time.Sleep(wait)
			restart(w, signal)()
		})
		w.intact()
		w.doubled()
		record("server killed or restarted while several processes load", t.Failed(), false)
		if t.Failed() {
			return
		}
	}
}
