package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/run"
)

// view shows the progress of a run. Its methods are called from one goroutine at a time.
type view interface {
	event(run.Event)
	done() // takes what is not final off the screen
}

func progressFlag(cmd *cobra.Command) *oneOf {
	return wordFlag(cmd, "progress", "how progress is shown on stderr; auto: bars on a terminal, else (and with CI set) plain lines", "auto", "bar", "plain", "json", "none")
}

func (a *app) progressView(mode string) view {
	if mode == "auto" && a.barsFit() {
		mode = "bar"
	}
	switch {
	case mode == "bar" && a.ui.err.terminal:
		return newBarView(a.ui.err)
	case mode == "json":
		return &jsonView{enc: json.NewEncoder(shown.Writer(a.ui.err, shown.JSON))}
	case mode == "none":
		return noView{}
	}
	return &plainView{screen: a.ui.err}
}

// barsFit tells whether stderr is a terminal before which somebody sits: logs of CI keep what was drawn over.
func (a *app) barsFit() bool { return a.ui.err.terminal && a.getenv("CI") == "" }

// tallies follow the tables that are being loaded, in the order in which they began.
type tallies struct {
	open []*tally
	last time.Duration // of the event before: a further table began then
}

// take counts an event. begins says that it is the first of its table.
func (ts *tallies) take(e run.Event) (t *tally, begins bool) {
	i := slices.IndexFunc(ts.open, func(t *tally) bool { return t.table == e.Table })
	if begins = i < 0; begins {
		i = len(ts.open)
		ts.open = append(ts.open, &tally{table: e.Table, before: e.Rows - e.Batch, began: ts.last})
	}
	t = ts.open[i]
	t.rows, t.total, t.now, ts.last = e.Rows, e.Total, e.Elapsed, e.Elapsed
	if e.Batch > 0 {
		t.batches++
	}
	return t, begins
}

func (ts *tallies) close(t *tally) {
	ts.open = slices.DeleteFunc(ts.open, func(o *tally) bool { return o == t })
}

// tally follows one table.
type tally struct {
	table   string
	before  int64         // rows that stood when it began
	rows    int64         // rows that stand
	total   int64         // rows that will
	batches int64         // of this call
	began   time.Duration // since the run began
	now     time.Duration
	shown   time.Duration
}

func (t *tally) whole() bool { return t.rows >= t.total }

// left estimates the time to the table's end.
func (t *tally) left() time.Duration {
	made := t.rows - t.before
	if made <= 0 {
		return 0
	}
	return time.Duration(float64(t.now-t.began) / float64(made) * float64(t.total-t.rows))
}

func (t *tally) rate() string { return rate(t.rows-t.before, t.now-t.began) }

// summary is the line that remains of a table.
func (t *tally) summary() string {
	text := fmt.Sprintf("%s: %s in %s, %s, %s", visible(t.table), count(t.rows, "row"), span(t.now-t.began), count(t.batches, "batche"), t.rate())
	text = strings.Replace(text, "1 batche,", "1 batch,", 1)
	if !t.whole() {
		text = fmt.Sprintf("%s: %s of %s in %s, %s", visible(t.table), thousands(t.rows), count(t.total, "row"), span(t.now-t.began), t.rate())
	}
	return text
}

// often is the least time between two drawings of a bar; seldom, between two plain lines of a table.
const (
	often  = 100 * time.Millisecond
	seldom = time.Second
)

// plainView writes lines: at most one a second for a table, and one at its end.
type plainView struct {
	screen *screen
	tables tallies
}

func (v *plainView) event(e run.Event) {
	if e.Table == "" {
		v.done()
		v.tables.last = e.Elapsed
		fmt.Fprintf(v.screen, "%s: %s\n", e.Phase, visible(e.Text))
		return
	}
	t, begins := v.tables.take(e)
	if begins {
		t.shown = t.began
	}
	switch {
	case t.whole():
		v.leave(t)
	case e.Elapsed-t.shown >= seldom:
		t.shown = e.Elapsed
		fmt.Fprintf(v.screen, "%s: %s of %s (%d %%), %s, %s left\n", visible(t.table), thousands(t.rows), count(t.total, "row"),
			percent(t.rows, t.total), t.rate(), span(t.left()))
	}
}

func (v *plainView) leave(t *tally) {
	fmt.Fprintln(v.screen, t.summary())
	v.tables.close(t)
}

func (v *plainView) done() {
	for len(v.tables.open) > 0 {
		v.leave(v.tables.open[0])
	}
}

// jsonView writes an object a line for each batch, and for each phase that begins.
type jsonView struct{ enc *json.Encoder }

// eventJSON is an event as JSON. Keys are only ever added.
type eventJSON struct {
	Phase   string  `json:"phase"`
	Table   string  `json:"table,omitempty"`
	Rows    int64   `json:"rows"`
	Total   int64   `json:"total"`
	Batch   int64   `json:"batch"`
	Seconds float64 `json:"seconds"`
	Text    string  `json:"text,omitempty"`
	Done    int64   `json:"done,omitempty"` // rows of all tables
	All     int64   `json:"all,omitempty"`
}

func (v *jsonView) event(e run.Event) {
	_ = v.enc.Encode(eventJSON{e.Phase, e.Table, e.Rows, e.Total, e.Batch, e.Elapsed.Seconds(), e.Text, e.Done, e.All})
}

func (v *jsonView) done() {}

// noView shows nothing.
type noView struct{}

func (noView) event(run.Event) {}
func (noView) done()           {}
