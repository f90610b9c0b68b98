package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// replan makes the plans of recorded runs again: from the blueprint that was inferred, or from the text that the
// record has kept of a given one, with the values and the seed that the record has.
func (a *app) replan(ctx context.Context, store sink.Store, db *schema.Database, own map[string]bool) run.Replan {
	o := infer.Options{Own: own}
	o.Oracle, _ = store.(sink.Oracle)
	return func(resolved *plan.Resolved) (*plan.Plan, error) {
		o.AppendRun, o.Append, o.Seed = resolved.Append, resolved.Append > 0, resolved.Seed
		if resolved.Inferred != nil {
			return infer.Again(ctx, resolved, db, o)
		}
		b, err := a.recordedBlueprint(resolved)
		if err != nil {
			return nil, err
		}
		if resolved.Growth != nil {
			b = b.Counted(resolved.Growth.Counts)
		}
		p, err := complete(ctx, b, records{resolved}, db, resolved.Append, true, o)
		if err == nil {
			p.Growth = resolved.Growth
		}
		return p, err
	}
}

// recordedBlueprint gives the blueprint of a run: the recorded text, the blueprint that the command names, or a
// built-in one, the first whose digest is the recorded one.
func (a *app) recordedBlueprint(r *plan.Resolved) (*blueprint.Blueprint, error) {
	var docs []*blueprint.Document
	if r.Source != nil {
		doc, err := blueprint.OpenSource(r.Source)
		if err != nil {
			return nil, fmt.Errorf("the recorded blueprint: %w", err)
		}
		docs = append(docs, doc)
	}
	if a.doc != nil {
		docs = append(docs, a.doc)
	}
	if files, ok := blueprints.Open(r.Blueprint); ok {
		if doc, err := blueprint.Open(files, "blueprint.yaml"); err == nil {
			docs = append(docs, doc)
		}
	}
	for _, doc := range docs {
		given := map[string]blueprint.Given{}
		for _, p := range doc.Parameters() {
			v, ok := r.Parameters[p.Name]
			if f, number := v.(float64); number && p.Type == "integer" { // JSON knows no integers
				v = int64(f)
			}
			if ok && v != nil {
				given[p.Name] = blueprint.Given{Value: v, Source: "the record"}
			}
		}
		if b, err := doc.Resolve(given, plan.Generators()); err == nil && b.Digest == r.Digest {
			return b, nil
		}
	}
	return nil, fmt.Errorf("the record does not hold the blueprint %s: name the file as it was then", visible(r.Blueprint))
}

// undo takes the rows of all recorded runs away, and gives the tables that they had filled.
func (a *app) undo(ctx context.Context, store sink.Store, o run.CleanOptions, each func(*run.Cleaned, error)) (own map[string]bool, err error) {
	recorded, err := recordedRuns(ctx, store)
	if err != nil || len(recorded) == 0 {
		return nil, err
	}
	own = recorded.tables()
	db, err := store.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	return own, run.Undo(ctx, store, a.replan(ctx, store, db, own), o, each)
}

// cleanAll is clean --all.
func (a *app) cleanAll(ctx context.Context, store sink.Store, o run.CleanOptions, json bool) error {
	out := struct {
		OK   bool          `json:"ok"`
		Runs []cleanedJSON `json:"runs"`
	}{Runs: []cleanedJSON{}}
	own, err := a.undo(ctx, store, o, func(c *run.Cleaned, failed error) {
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

// startAnew is what generate --fresh does before it fills: once the new run is known to be possible, all recorded
// runs are undone. Of rows that stay the record goes too: they are not sower's from then on.
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
	db, err := store.Inspect(ctx)
	if err != nil {
		return err
	}
	f.infer.anew = true
	build, err := a.builder(ctx, store, db, s, &f.infer, false, false)
	if err == nil {
		_, err = build(0) // what is wrong with the new run shows before anything is deleted
	}
	if err != nil {
		return err
	}
	own, err := a.undo(ctx, store, run.CleanOptions{Forget: true, Options: run.Options{Workers: s.workers, BatchRows: s.batchRows,
		Replicated: f.guard.replicated, Version: version(), Who: who(), Progress: view.event, Log: a.log()}},
		func(c *run.Cleaned, failed error) {
			if failed == nil || len(c.Tables) > 0 {
				a.printCleaned(c, false, failed)
			}
		})
	f.infer.own = maps.Clone(own)
	switch {
	case errors.Is(err, run.ErrDepended):
		return fmt.Errorf("nothing was filled: %w", err)
	case err != nil:
		return fmt.Errorf("nothing was filled, and the same command again goes on: %w", err)
	}
	return nil
}
