package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// Replan makes the plan of a recorded run again.
type Replan func(resolved *plan.Resolved) (*plan.Plan, error)

// Undo cleans all runs that are recorded in a database, the last one first, as Clean does, whatever blueprint,
// parameters and seed made them. each, which may be nil, is called with what became of every run. The first run that
// cannot be cleaned ends it. The same call again goes on with what is left. With DryRun each run is tried as if it were the
// only one: of all but the last, each may be told that others depend on it which are rows of later runs.
func Undo(ctx context.Context, s sink.Store, replan Replan, o CleanOptions, each func(*Cleaned, error)) (err error) {
	unlock, err := s.Lock(ctx, o.Who)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	runs, err := s.Runs(ctx)
	if err != nil {
		return err
	}
	for i := len(runs) - 1; i >= 0; i-- {
		r := runs[i]
		if r.State == sink.Superseded {
			continue
		}
		p, err := planOf(r, replan)
		if err != nil {
			return fmt.Errorf("run %d (%s) cannot be undone, for its rows cannot be made again: %w", r.Number, r.Blueprint, err)
		}
		c, err := cleanRun(ctx, s, p, r, &o)
		if each != nil {
			each(c, err)
		}
		later := o.DryRun && i < len(runs)-1
		if err != nil && !(later && errors.Is(err, ErrDepended)) {
			return err
		}
	}
	return nil
}

// planOf makes the plan of a recorded run again, and settles it as the record says.
func planOf(r *sink.Run, replan Replan) (*plan.Plan, error) {
	resolved, err := Recorded(r)
	if err != nil {
		return nil, err
	}
	p, err := replan(resolved)
	if err != nil {
		return nil, err
	}
	if p.Identity() != r.Identity {
		return nil, fmt.Errorf("they are of another blueprint, or of another version of sower (%s): %s", r.Version, differences(resolved, p.Resolved()))
	}
	err = p.Apply(resolved.Kept(p.Database))
	found := findingsOf(r)
	found.apply(p)
	return p, err
}
