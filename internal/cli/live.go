package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/sowerdata/sower/run"
)

// barView shows a run in a few lines of a terminal that are drawn again and again: one for each table at work, and
// one for the whole, with the phase. They are gone when the run is over; what is to stay, the report has.
type barView struct {
	screen *screen
	width  func() int
	tables tallies
	ticker *ticker

	mu    sync.Mutex
	total tally // rows of all tables
	phase string
	text  string        // of a phase without tables
	since time.Duration // the phase began
	now   time.Duration // of the last event
	seen  time.Time     // when that came
	drawn time.Duration
}

// mostBars is how many tables at work have a line; least and most are the widths of bars.
const (
	mostBars = 6
	leastBar = 8
	mostBar  = 30
)

func newBarView(s *screen) *barView {
	v := &barView{screen: s, width: s.width}
	v.ticker = tick(often, v.tick)
	return v
}

func (v *barView) event(e run.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now, v.seen = e.Elapsed, time.Now()
	began := v.phase != e.Phase || e.Table != "" && e.All != v.total.total
	if began {
		v.phase, v.since = e.Phase, v.now
		v.total = tally{before: e.Done - e.Batch, began: v.now}
		v.tables.open = nil
	}
	v.text = e.Text
	if e.Table == "" {
		v.tables.open = nil
		v.draw(v.now)
		return
	}
	t, begins := v.tables.take(e)
	v.total.rows, v.total.total = e.Done, e.All
	if t.whole() {
		v.tables.close(t)
	}
	if began || begins || v.now-v.drawn >= often {
		v.draw(v.now)
	}
}

// tick draws anew while no event comes: time passes, and the terminal may have another width.
func (v *barView) tick() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.phase != "" {
		v.draw(v.now + time.Since(v.seen))
	}
}

func (v *barView) done() {
	v.ticker.stop()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.phase = ""
	v.screen.show()
}

// draw shows how things are at a time since the run began.
func (v *barView) draw(at time.Duration) {
	v.drawn = at
	v.total.now = at
	v.screen.show(v.lines(at, v.width()-1)...)
}

func (v *barView) lines(at time.Duration, width int) (out []string) {
	open := v.tables.open
	longest := 0
	for _, t := range open[:min(len(open), mostBars)] {
		longest = max(longest, utf8.RuneCountInString(visible(t.table)))
	}
	longest = min(longest, max(width/3, 8))
	for _, t := range open[:min(len(open), mostBars)] {
		out = append(out, v.screen.bar(clip(visible(t.table), longest), longest, t.rows, t.total, width))
	}
	if n := len(open) - mostBars; n > 0 {
		out = append(out, v.screen.faint(clip(fmt.Sprintf("  and %s more", count(int64(n), "table")), width)))
	}
	return append(out, v.screen.strong(v.phase, clip(" "+v.sum(at), width-utf8.RuneCountInString(v.phase))))
}

// sum says how far the phase is.
func (v *barView) sum(at time.Duration) string {
	passed := clock(at - v.since)
	if v.text != "" {
		return visible(v.text) + "  " + passed
	}
	t := &v.total
	if t.total <= 0 {
		return passed
	}
	parts := []string{fmt.Sprintf("%d %%", percent(t.rows, t.total)), thousands(t.rows) + " of " + count(t.total, "row")}
	if t.now > t.began {
		parts = append(parts, t.rate())
	}
	parts = append(parts, passed)
	if left := t.left(); left > 0 && at-v.since >= time.Second {
		parts = append(parts, clock(left)+" left")
	}
	if n := utf8.RuneCountInString(strings.Join(parts, "  ")); n > v.width()-len(v.phase)-3 { // what matters most stays
		parts = append(parts[:1], parts[2:]...)
	}
	return strings.Join(parts, "  ")
}

// bar draws how much of a table is done, in a width.
func (s *screen) bar(name string, wide int, rows, total int64, width int) string {
	name += strings.Repeat(" ", max(0, wide-utf8.RuneCountInString(name)))
	share := fmt.Sprintf("%3d %%", percent(rows, total))
	numbers := fmt.Sprintf("  %s of %s", thousands(rows), thousands(total))
	n := width - utf8.RuneCountInString(name) - len(share) - 4
	if n-len(numbers) >= leastBar {
		n -= len(numbers)
	} else {
		numbers = ""
	}
	if n < leastBar {
		return clip("  "+name+" "+share, width)
	}
	n = min(n, mostBar)
	full := n
	if total > 0 && rows < total {
		full = int(float64(n) * float64(rows) / float64(total))
	}
	done, rest := "#", "."
	if s.unicode {
		done, rest = "━", "━"
		if !s.colour {
			rest = "╌"
		}
	}
	return "  " + name + " " + s.paint(green, strings.Repeat(done, full)) + s.paint(faint, strings.Repeat(rest, n-full)) +
		" " + share + numbers
}

func (s *screen) faint(text string) string { return s.paint(faint, text) }

// strong writes the first of two texts in bold.
func (s *screen) strong(head, tail string) string { return s.paint(bold, head) + tail }

// clock writes a duration as people read clocks, which does not jump about: 0:07, 12:30, 1:02:03.
func clock(d time.Duration) string {
	n := int64(max(d, 0).Round(time.Second) / time.Second)
	if n >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
	}
	return fmt.Sprintf("%d:%02d", n/60, n%60)
}

// ticker calls a function again and again until it is stopped.
type ticker struct {
	quit chan struct{}
	wg   sync.WaitGroup
}

func tick(every time.Duration, do func()) *ticker {
	t := &ticker{quit: make(chan struct{})}
	t.wg.Go(func() {
		clock := time.NewTicker(every)
		defer clock.Stop()
		for {
			select {
			case <-clock.C:
				do()
			case <-t.quit:
				return
			}
		}
	})
	return t
}

func (t *ticker) stop() {
	if t == nil || t.quit == nil {
		return
	}
	close(t.quit)
	t.wg.Wait()
	t.quit = nil
}
