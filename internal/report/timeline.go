package report

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/run"
)

// Timeline keeps what each connection did, and when.
type Timeline struct {
	mu     sync.Mutex
	pieces []piece
	last   map[int]int // by connection, its last piece
}

// piece is what a connection did without a break: batches of a table, or an index or key that it built.
type piece struct {
	connection int
	table      string // "" of what was built
	what       string
	from, to   time.Duration // since the run began
}

const (
	gap        = 20 * time.Millisecond // that a connection may wait between batches of one piece
	mostPieces = 5000                  // from which on it may wait any time
)

// Event takes an event of a run.
func (l *Timeline) Event(e run.Event) {
	if e.Connection == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	p := piece{connection: e.Connection, table: e.Table, what: e.Text, from: max(e.Elapsed-e.Took, 0), to: e.Elapsed}
	if l.last == nil {
		l.last = map[int]int{}
	}
	if i, ok := l.last[e.Connection]; ok && e.Table != "" && l.pieces[i].table == e.Table && (p.from-l.pieces[i].to < gap || len(l.pieces) > mostPieces) {
		l.pieces[i].to = p.to
		return
	}
	l.last[e.Connection] = len(l.pieces)
	l.pieces = append(l.pieces, p)
}

// lane is a line of the picture of a run's time.
type lane struct {
	Name, Text string
	Phase      bool
	Bars       []laneBar
}

// laneBar is a part of a lane.
type laneBar struct {
	X, W  string // percent of the width
	Title string
	Built bool // an index or a key
	Hue   int  // of a table's bar, in degrees
}

const narrowest = 0.25 // percent of the width that a bar has at least

// scale places times on the width of the picture.
type scale time.Duration

func (s scale) bar(from, to time.Duration, title string) laneBar {
	x := min(100*from.Seconds()/time.Duration(s).Seconds(), 100-narrowest)
	w := min(max(100*(to-from).Seconds()/time.Duration(s).Seconds(), narrowest), 100-x)
	return laneBar{X: fmt.Sprintf("%.2f%%", x), W: fmt.Sprintf("%.2f%%", w), Title: shown.Text(title) + ": " + seconds(from.Seconds()) + " to " + seconds(to.Seconds())}
}

// lines are the phases, one after another; below them the tables, and what was built; and what each connection did.
func (l *Timeline) lines(r *run.Report) (phases, tables, connections []lane) {
	all := r.Elapsed
	for _, p := range r.Phases {
		all = max(all, p.Elapsed)
	}
	if all <= 0 {
		return nil, nil, nil
	}
	at, s := time.Duration(0), scale(all)
	for _, p := range r.Phases {
		phases = append(phases, lane{Name: shown.Text(p.Name), Text: seconds(p.Elapsed.Seconds()), Phase: true, Bars: []laneBar{s.bar(at, at+p.Elapsed, p.Name)}})
		at += p.Elapsed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	hues := map[string]int{}
	for _, p := range l.pieces {
		if _, ok := hues[p.table]; !ok && p.table != "" {
			hues[p.table] = len(hues)
		}
	}
	tables = l.byTable(s, hues)
	return phases, tables, l.byConnection(s, hues)
}

// byTable has a lane for each table, in the order of their first batches, and one for all that was built.
func (l *Timeline) byTable(s scale, hues map[string]int) []lane {
	out := make([]lane, len(hues), len(hues)+1)
	ends := make([][2]time.Duration, len(hues))
	built := lane{Name: "indexes and keys"}
	for _, p := range l.pieces {
		if p.table == "" {
			bar := s.bar(p.from, p.to, p.what)
			bar.Built = true
			built.Bars = append(built.Bars, bar)
			continue
		}
		i := hues[p.table]
		if out[i].Name == "" {
			out[i].Name, ends[i][0] = shown.Text(p.table), p.from
		}
		ends[i] = [2]time.Duration{min(ends[i][0], p.from), max(ends[i][1], p.to)}
		out[i].Bars = append(out[i].Bars, hued(s.bar(p.from, p.to, fmt.Sprintf("connection %d", p.connection)), i, len(hues)))
	}
	for i := range out {
		out[i].Text = seconds(ends[i][0].Seconds()) + " to " + seconds(ends[i][1].Seconds())
	}
	if n := len(built.Bars); n > 0 {
		built.Text = fmt.Sprintf("%d built", n)
		out = append(out, built)
	}
	return out
}

// byConnection has a lane for each connection, with the share of the run that it was at work.
func (l *Timeline) byConnection(s scale, hues map[string]int) (out []lane) {
	pieces := slices.Clone(l.pieces)
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(a.connection, b.connection) })
	busy := time.Duration(0)
	for i, p := range pieces {
		if i == 0 || pieces[i-1].connection != p.connection {
			out, busy = append(out, lane{Name: fmt.Sprintf("connection %d", p.connection)}), 0
		}
		busy += p.to - p.from
		bar := s.bar(p.from, p.to, cmp.Or(p.table, p.what))
		if bar.Built = p.table == ""; !bar.Built {
			bar = hued(bar, hues[p.table], len(hues))
		}
		at := &out[len(out)-1]
		at.Bars = append(at.Bars, bar)
		at.Text = percent(min(busy.Seconds()/time.Duration(s).Seconds(), 1)) + " at work"
	}
	return out
}

// hued gives the i-th of n tables a colour of its own.
func hued(b laneBar, i, n int) laneBar {
	b.Hue = (150 + 360*i/max(n, 1)) % 360
	return b
}
