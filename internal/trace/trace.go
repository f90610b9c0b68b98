// Package trace notes who does what, and when, in the form that browsers draw (chrome://tracing, Perfetto): spans on
// lanes. It goes along in a context; without one every call does nothing.
package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Trace is what was noted. Several goroutines may note at once.
type Trace struct {
	began time.Time

	mu    sync.Mutex
	lanes []string // by number
	spans []span
	left  int // spans that were not kept
}

// most bounds the spans that are kept: a hundred bytes each.
const most = 500_000

type span struct {
	lane     int
	name     string
	detail   string
	from, to time.Duration
}

// New begins a trace.
func New() *Trace { return &Trace{began: time.Now()} }

type key struct{}

// Lane is where spans are noted: a line of the picture. The zero Lane notes nothing.
type Lane struct {
	trace  *Trace
	number int
}

// With makes a context that has a trace, on its lane of that name.
func With(ctx context.Context, t *Trace, name string) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, key{}, Lane{t, t.lane(name)})
}

// On makes a context for a lane of another name of the same trace.
func On(ctx context.Context, name string) context.Context { return With(ctx, Of(ctx).trace, name) }

// Of gives a context's lane.
func Of(ctx context.Context) Lane {
	l, _ := ctx.Value(key{}).(Lane)
	return l
}

func (t *Trace) lane(name string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.Index(t.lanes, name)
	if at < 0 {
		at = len(t.lanes)
		t.lanes = append(t.lanes, name)
	}
	return at
}

// Begin begins a span; with what it gives, that ends.
func (l Lane) Begin(name, detail string) (end func()) {
	if l.trace == nil {
		return func() {}
	}
	from := time.Since(l.trace.began)
	return func() {
		t := l.trace
		t.mu.Lock()
		defer t.mu.Unlock()
		if len(t.spans) == most {
			t.left++
			return
		}
		t.spans = append(t.spans, span{l.number, name, detail, from, time.Since(t.began)})
	}
}

// event is an entry of the format: a span (X), or the name of a lane (M). Times are microseconds.
type event struct {
	Name     string         `json:"name"`
	Phase    string         `json:"ph"`
	Time     float64        `json:"ts"`
	Duration float64        `json:"dur"`
	Process  int            `json:"pid"`
	Lane     int            `json:"tid"`
	Args     map[string]any `json:"args,omitempty"`
}

// JSON gives the trace as a file that browsers read.
func (t *Trace) JSON() ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	micros := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
	events := []event{}
	for i, name := range t.lanes {
		events = append(events, event{Name: "thread_name", Phase: "M", Process: 1, Lane: i, Args: map[string]any{"name": name}})
	}
	for _, s := range t.spans {
		e := event{Name: s.name, Phase: "X", Time: micros(s.from), Duration: micros(s.to - s.from), Process: 1, Lane: s.lane}
		if s.detail != "" {
			e.Args = map[string]any{"of": s.detail}
		}
		events = append(events, e)
	}
	if t.left > 0 {
		events = append(events, event{Name: "spans that were not kept", Phase: "i", Time: micros(time.Since(t.began)), Process: 1, Args: map[string]any{"number": t.left}})
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	err := out.Encode(map[string]any{"displayTimeUnit": "ms", "traceEvents": events})
	return b.Bytes(), err
}
