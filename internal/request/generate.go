package request

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Generate fills a database; see run.Generate. Where more rows are asked for than recorded runs made, and the schema has
// changed since, those runs get what is new first. begins, which may be nil, is called before each run.
func (r *Request) Generate(ctx context.Context, store sink.Store, o run.Options, begins func()) (*run.Report, error) {
	r.Rehearse = true
	var before []*run.Report
	for done := int64(0); ; {
		report, err := r.generateOnce(ctx, store, o, 0, begins)
		var migrated *run.MigratedError
		if !errors.As(err, &migrated) || migrated.Run <= done {
			addMigrated(report, before)
			return report, err
		}
		done = migrated.Run
		first, err := r.generateOnce(ctx, store, o, done, begins)
		if err != nil {
			return first, err
		}
		before = append(before, first)
	}
}

// addMigrated adds to a report what earlier runs got before.
func addMigrated(report *run.Report, before []*run.Report) {
	var notices []string
	for _, b := range before {
		notices = append(notices, b.Notices...)
		report.Rows += b.Rows
		for _, t := range b.Tables {
			if t.Made == 0 {
				continue
			}
			notices = append(notices, fmt.Sprintf("run %d got %s of %s first", b.Run, rowCount(t.Made), t.Name))
			if at := slices.IndexFunc(report.Tables, func(r run.TableReport) bool { return r.Name == t.Name }); at >= 0 {
				report.Tables[at].Made += t.Made
				report.Tables[at].Total += t.Made
				report.Tables[at].Elapsed += t.Elapsed
			}
		}
	}
	if len(before) > 0 && report.State == "already complete" {
		report.State = "complete"
	}
	report.Notices = append(notices, report.Notices...)
}

// rowCount writes a number of rows.
func rowCount(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// generateOnce fills the database by one run: the one that is asked for, or the recorded one with a number, with what came
// into the schema since.
func (r *Request) generateOnce(ctx context.Context, store sink.Store, o run.Options, number int64, begins func()) (*run.Report, error) {
	switch {
	case o.Stage == run.Load, o.Stage == run.Finish:
		return r.goOn(ctx, store, o, begins)
	case number != 0:
		o.Stage = run.Whole
	}
	build, o, err := r.Prepare(ctx, store, o, number)
	if err != nil {
		return &run.Report{State: "failed"}, err
	}
	if begins != nil {
		begins()
	}
	return run.Generate(ctx, store, build, o)
}

// goOn is a later stage of a run, which goes by the run's record alone: once it is there, which may be after this call began.
func (r *Request) goOn(ctx context.Context, store sink.Store, o run.Options, begins func()) (*run.Report, error) {
	o.Replan = func(resolved *plan.Resolved) (*plan.Plan, error) {
		db, err := store.Inspect(ctx)
		if err != nil {
			return nil, err
		}
		recorded, err := ReadRecords(ctx, store)
		if err != nil {
			return nil, err
		}
		return r.Replan(ctx, store, db, recorded.Tables())(resolved)
	}
	if begins != nil && o.Stage == run.Finish {
		begins()
	}
	return run.Generate(ctx, store, nil, o)
}

// Prepare gives what a run needs beside o: the run that is asked for, or the recorded one with a number.
func (r *Request) Prepare(ctx context.Context, store sink.Store, o run.Options, number int64) (run.Builder, run.Options, error) {
	db, err := store.Inspect(ctx)
	if err != nil {
		return nil, o, err
	}
	recorded, err := ReadRecords(ctx, store)
	if err != nil {
		return nil, o, err
	}
	o.Replan = r.Replan(ctx, store, db, recorded.Tables())
	if number != 0 {
		o.Migrate = number
		build, err := r.migratedBuilder(ctx, store, db, recorded, number)
		return build, o, err
	}
	build, err := r.Builder(ctx, store, db, o.Append, false)
	return build, o, err
}

// Replan makes the plans of recorded runs again: from the blueprint that was inferred, or from the text that the
// record has kept of a given one, with the values and the seed that the record has.
func (r *Request) Replan(ctx context.Context, store sink.Store, db *schema.Database, own map[string]bool) run.Replan {
	o := infer.Options{Own: own}
	o.Oracle, _ = store.(sink.Oracle)
	return func(resolved *plan.Resolved) (*plan.Plan, error) {
		o.AppendRun, o.Append, o.Seed = resolved.Append, resolved.Append > 0, resolved.Seed
		if resolved.Inferred != nil {
			return infer.Again(ctx, resolved, db, o)
		}
		b, err := r.recordedBlueprint(resolved)
		if err != nil {
			return nil, err
		}
		if resolved.Growth != nil {
			b = b.Counted(resolved.Growth.Counts)
		}
		p, err := Complete(ctx, b, Records{resolved}, db, resolved.Append, true, o)
		if err == nil {
			p.Growth = resolved.Growth
		}
		return p, err
	}
}

// recordedBlueprint gives the blueprint of a run: the recorded text, the blueprint that the command names, or a
// built-in one, the first whose digest is the recorded one.
func (r *Request) recordedBlueprint(was *plan.Resolved) (*blueprint.Blueprint, error) {
	var docs []*blueprint.Document
	if was.Source != nil {
		doc, err := blueprint.OpenSource(was.Source)
		if err != nil {
			return nil, fmt.Errorf("the recorded blueprint: %w", err)
		}
		docs = append(docs, doc)
	}
	if r.Document != nil {
		docs = append(docs, r.Document)
	}
	if files, ok := blueprints.Open(was.Blueprint); ok {
		if doc, err := blueprint.Open(files, "blueprint.yaml"); err == nil {
			docs = append(docs, doc)
		}
	}
	for _, doc := range docs {
		given := map[string]blueprint.Given{}
		for _, p := range doc.Parameters() {
			v, ok := was.Parameters[p.Name]
			if f, number := v.(float64); number && p.Type == "integer" { // JSON knows no integers
				v = int64(f)
			}
			if ok && v != nil {
				given[p.Name] = blueprint.Given{Value: v, Source: "the record"}
			}
		}
		if b, err := doc.Resolve(given, plan.Generators()); err == nil && b.Digest == was.Digest {
			if was.Fit != nil {
				b = b.Fitted(was.Fit)
			}
			return b, nil
		}
	}
	return nil, fmt.Errorf("the record does not hold the blueprint %s: name the file as it was then", shown.Text(was.Blueprint))
}

// Undo takes the rows of all recorded runs away, and gives the tables that they had filled.
func (r *Request) Undo(ctx context.Context, store sink.Store, o run.CleanOptions, each func(*run.Cleaned, error)) (own map[string]bool, err error) {
	recorded, err := ReadRecords(ctx, store)
	if err != nil || len(recorded) == 0 {
		return nil, err
	}
	own = recorded.Tables()
	db, err := store.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	return own, run.Undo(ctx, store, r.Replan(ctx, store, db, own), o, each)
}

// StartAnew undoes all recorded runs once the new one is known to be possible. Of rows that stay the record goes too: they
// are not sower's from then on. each is called for every run; Own and Anew are set for what comes next. Where no run is
// recorded nothing is done.
func (r *Request) StartAnew(ctx context.Context, store sink.Store, o run.CleanOptions, each func(*run.Cleaned, error)) error {
	r.Anew = true
	recorded, err := ReadRecords(ctx, store)
	if err != nil || len(recorded) == 0 {
		return err
	}
	db, err := store.Inspect(ctx)
	if err != nil {
		return err
	}
	build, err := r.Builder(ctx, store, db, false, false)
	if err == nil {
		_, err = build(0) // what is wrong with the new run shows before anything is deleted
	}
	if err != nil {
		return err
	}
	o.Forget = true
	own, err := r.Undo(ctx, store, o, each)
	r.Own = maps.Clone(own)
	switch {
	case errors.Is(err, run.ErrDepended):
		return fmt.Errorf("nothing was filled: %w", err)
	case err != nil:
		return fmt.Errorf("nothing was filled, and the same command again goes on: %w", err)
	}
	return nil
}

// Who names this process to others that find the database taken.
func Who() string {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	return fmt.Sprintf("pid %d on %s", os.Getpid(), host)
}
