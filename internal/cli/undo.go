package cli

import (
	"context"
	"errors"

	"github.com/sowerdata/sower/internal/request"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// cleanAll is clean --all.
func (a *app) cleanAll(ctx context.Context, store sink.Store, r *request.Request, o run.CleanOptions, json bool) error {
	out := struct {
		OK   bool          `json:"ok"`
		Runs []cleanedJSON `json:"runs"`
	}{Runs: []cleanedJSON{}}
	own, err := r.Undo(ctx, store, o, func(c *run.Cleaned, failed error) {
		out.Runs = append(out.Runs, cleanedOf(c, false, failed))
		if !json && (failed == nil || len(c.Tables) > 0) {
			a.printCleaned(c, false, failed)
		}
	})
	if own == nil && err == nil {
		err = errors.New("no run is recorded in the database: there is nothing to clean")
	}
	if out.OK = err == nil; json {
		err = errors.Join(err, a.printJSON(out))
	}
	return err
}

// startAnew is what generate --fresh does before it fills, once the user has said that it is meant.
func (a *app) startAnew(ctx context.Context, store sink.Store, s *settings, f *generateFlags, view view) error {
	if !f.yes {
		name, err := store.DatabaseName(ctx)
		if err != nil {
			return err
		}
		if err := a.confirm(ctx, name); err != nil {
			return err
		}
	}
	r := a.request(s, &f.infer)
	err := r.StartAnew(ctx, store, run.CleanOptions{Options: a.runOptions(s, f, view)}, func(c *run.Cleaned, failed error) {
		if failed == nil || len(c.Tables) > 0 {
			a.printCleaned(c, false, failed)
		}
	})
	f.infer.anew, f.infer.own = r.Anew, r.Own
	return err
}
