package report

import (
	"fmt"
	"sync"
	"time"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/run"
)

// Timeline keeps when each table's batches were committed.
type Timeline struct {
	mu    sync.Mutex
	names []string
	spans map[string]*[2]time.Duration // first and last commit, since the run began
}

// Event takes an event of a run.
func (l *Timeline) Event(e run.Event) {
	if e.Phase != "load" || e.Table == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spans == nil {
		l.spans = map[string]*[2]time.Duration{}
	}
	s := l.spans[e.Table]
	if s == nil {
		s = &[2]time.Duration{e.Elapsed, e.Elapsed}
		l.spans[e.Table] = s
		l.names = append(l.names, e.Table)
	}
	s[1] = e.Elapsed
}

// lane is a line of the picture of a run's time.
type lane struct {
	Name, Text string
	Phase      bool
	X, W       string // percent of the width
}

// lines are the phases, one after another, and below them the tables, each from its first commit to its last.
func (l *Timeline) lines(r *run.Report) (out []lane) {
	all := r.Elapsed
	for _, p := range r.Phases {
		all = max(all, p.Elapsed)
	}
	if all <= 0 {
		return nil
	}
	add := func(name string, from, to time.Duration, phase bool) {
		x := min(100*from.Seconds()/all.Seconds(), 99.6)
		w := min(max(100*(to-from).Seconds()/all.Seconds(), 0.4), 100-x)
		text := seconds((to - from).Seconds())
		if !phase {
			text = seconds(from.Seconds())
			if to > from {
				text += " to " + seconds(to.Seconds())
			}
		}
		out = append(out, lane{Name: shown.Text(name), Text: text, Phase: phase, X: fmt.Sprintf("%.2f%%", x), W: fmt.Sprintf("%.2f%%", w)})
	}
	at := time.Duration(0)
	for _, p := range r.Phases {
		add(p.Name, at, at+p.Elapsed, true)
		at += p.Elapsed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range l.names {
		add(name, l.spans[name][0], l.spans[name][1], false)
	}
	return out
}
