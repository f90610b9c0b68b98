package studio

import (
	"context"
	"errors"
	"sync"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/run"
)

// filling is a run that the page started. Its steps are kept, so that a page that comes later sees them all.
type filling struct {
	stop context.CancelFunc

	mu      sync.Mutex
	steps   []Step
	changed chan struct{} // closed with the next step
	ended   bool
}

// Fill begins to fill the database with the text as it is now. It is an error while a run is under way.
func (w *Workbench) Fill(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.options.Fill == nil:
		return errors.New(w.options.WhyNot)
	case w.planned.version != w.version:
		return errors.New("the blueprint has problems: mend them first")
	case w.running != nil && !w.running.over():
		return errors.New("a run is under way: wait for it, or stop it")
	}
	ctx, stop := context.WithCancel(ctx)
	f := &filling{stop: stop, changed: make(chan struct{})}
	w.running = f
	text := w.text
	go func() {
		defer stop()
		f.add(Step{State: "running", Phase: "prepare"}, false)
		report, err := w.options.Fill(ctx, text, f.event)
		f.add(ending(report, err, ctx.Err() != nil), true)
	}()
	return nil
}

// Report gives the page that tells what the last run came to. It asks the database.
func (w *Workbench) Report(ctx context.Context) (*Page, error) {
	f := w.run()
	if f == nil || !f.over() || w.options.Report == nil {
		return nil, errors.New("no run has ended yet that could be reported")
	}
	html, err := w.options.Report(ctx)
	if err != nil {
		return nil, err
	}
	return &Page{Name: "sower-report.html", HTML: string(html)}, nil
}

// Stop tells the run that is under way to end; what it made stays, and filling again completes it.
func (w *Workbench) Stop() {
	if f := w.run(); f != nil {
		f.stop()
	}
}

func (w *Workbench) run() *filling {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running
}

// Steps gives the steps of the last run from the n-th on, once there are any, and whether it has ended with them.
func (w *Workbench) Steps(ctx context.Context, n int) (steps []Step, ended bool) {
	f := w.run()
	if f == nil {
		return nil, true
	}
	for {
		f.mu.Lock()
		changed, ended := f.changed, f.ended
		steps = f.steps[min(n, len(f.steps)):]
		f.mu.Unlock()
		if len(steps) > 0 || ended {
			return steps, ended
		}
		select {
		case <-ctx.Done():
			return nil, true
		case <-changed:
		}
	}
}

func (f *filling) over() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ended
}

func (f *filling) event(e run.Event) {
	f.add(Step{
		State: "running", Phase: e.Phase, Table: shown.Text(e.Table), Rows: e.Rows, Total: e.Total,
		Seconds: e.Elapsed.Seconds(), Text: shown.Text(e.Text),
	}, false)
}

// add keeps a step.
func (f *filling) add(s Step, last bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.steps = append(f.steps, s)
	f.ended = last
	close(f.changed)
	f.changed = make(chan struct{})
}

func ending(r *run.Report, err error, stopped bool) Step {
	s := Step{State: "complete", Done: &RunResult{State: "failed", Tables: []RunTable{}, Notices: []string{}}}
	if r != nil {
		s.Done.State, s.Done.Rows, s.Done.Seconds = r.State, r.Rows, r.Elapsed.Seconds()
		for _, t := range r.Tables {
			s.Done.Tables = append(s.Done.Tables, RunTable{shown.Text(t.Name), t.Made, t.Total, t.Elapsed.Seconds()})
		}
		for _, n := range r.Notices {
			s.Done.Notices = append(s.Done.Notices, shown.Text(n))
		}
	}
	if err != nil {
		s.State, s.Done.Error = "failed", shown.Lines(err.Error())
		if stopped {
			s.State = "stopped"
		}
	}
	return s
}
