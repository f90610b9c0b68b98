package request

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// again plans the blueprint that a recorded run inferred, for a database whose schema may have changed since: with the
// tables and columns that are new, or an error where what was made is gone. nil says that the run's rows are all gone,
// and the schema has changed: a new run is inferred.
func again(ctx context.Context, r *plan.Resolved, db *schema.Database, o infer.Options) (*plan.Plan, error) {
	changes := r.Changes(db)
	if len(changes.Broken)+len(changes.Left) > 0 || changes.Grown() {
		if r.Emptied(db) {
			return nil, nil
		}
	}
	if err := changes.Err(); err != nil {
		return nil, err
	}
	if !changes.Grown() {
		p, err := infer.Again(ctx, r, db, o)
		if err != nil {
			return nil, err
		}
		p.Inferred = *r.Inferred
		for _, l := range r.Inferred.LeftOut {
			p.Notices = append(p.Notices, l.Table+" is left out: "+l.Reason)
		}
		p.Notices = append(p.Notices, changes.Left...)
		return p, nil
	}
	b, err := infer.Recorded(r)
	if err != nil {
		return nil, err
	}
	if r.Growth != nil {
		b = b.Counted(r.Growth.Counts)
	}
	o.Seed, o.AppendRun = r.Seed, r.Append
	more, err := grown(ctx, b, db, o, changes)
	if err != nil {
		return nil, fmt.Errorf("the schema has changed since run %d: %s: %w", r.Run, strings.Join(changes.Growth(), "; "), err)
	}
	p := more.Plan
	p.Inferred = *r.Inferred
	p.Inferred.More = append(append([]string{}, r.Inferred.More...), string(more.Text))
	p.Inferred.LeftOut = append(append([]plan.LeftOut{}, r.Inferred.LeftOut...), more.Skipped...)
	if r.Growth != nil {
		p.Growth = &plan.Growth{Target: r.Growth.Target, Counts: p.Blueprint.Counts()}
	}
	return p, nil
}

// grown completes a blueprint by what is new in the schema, and by nothing else.
func grown(ctx context.Context, b *blueprint.Blueprint, db *schema.Database, o infer.Options, changes *plan.Changes) (*infer.Result, error) {
	o.Tables = changes.Tables
	o.Leave = func(t *schema.Table, column string) bool { return !changes.Added(t, column) }
	r, err := infer.Complete(ctx, b, db, o)
	if err != nil {
		return nil, err
	}
	var new []string
	for _, text := range changes.Growth() {
		new = append(new, fmt.Sprintf("since run %d: %s: it is filled", changes.Run, text))
	}
	r.Plan.Notices = append(new, append(r.Plan.Notices, changes.Left...)...)
	return r, nil
}

// Complete plans a given blueprint. Columns that its run did not fill stay as they are: but, unless the plan is to be as it
// was made, new ones that could be filled. As it was made, it is without what is gone from the database since. Where it
// cannot be planned, what has changed in the schema says more than what is wrong with the blueprint by now.
func Complete(ctx context.Context, b *blueprint.Blueprint, recorded Records, db *schema.Database, n int, asMade bool, o infer.Options) (*plan.Plan, error) {
	var was *plan.Resolved
	for _, r := range recorded {
		if r.Shape != nil && r.Inferred == nil && r.Blueprint == b.Name && r.Append == n {
			was = r
		}
	}
	o.Leave = nil
	if was != nil {
		changes := was.Changes(db)
		o.Leave = func(t *schema.Table, column string) bool {
			return changes.Open(t, column) && (asMade || !changes.Added(t, column))
		}
		if asMade {
			b = b.Without(func(table, column string) bool { return was.Gone(db, table, column) })
		}
	}
	made, err := infer.Complete(ctx, b, db, o)
	if err != nil {
		if was != nil && !was.Emptied(db) {
			err = cmp.Or(was.Changes(db).Err(), err)
		}
		return nil, err
	}
	return made.Plan, nil
}

// migratedBuilder plans a recorded run again as it was asked for then, with what came into the schema since.
func (r *Request) migratedBuilder(ctx context.Context, store sink.Store, db *schema.Database, recorded Records, number int64) (run.Builder, error) {
	at := slices.IndexFunc(recorded, func(r *plan.Resolved) bool { return r.Run == number })
	if at < 0 {
		return nil, fmt.Errorf("the record of run %d is gone", number)
	}
	was := recorded[at]
	o, err := r.Options(store)
	if err != nil {
		return nil, err
	}
	if was.Inferred == nil {
		b, err := r.recordedBlueprint(was)
		if err != nil {
			return nil, err
		}
		if was.Growth != nil {
			b = b.Counted(was.Growth.Counts)
		}
		o.AppendRun, o.Append = was.Append, was.Append > 0
		return func(int) (*plan.Plan, error) {
			p, err := Complete(ctx, b, Records{was}, db, was.Append, false, o)
			if err == nil {
				p.Growth = was.Growth
			}
			return p, err
		}, nil
	}
	rows, err := askedRows(was)
	if err != nil {
		return nil, err
	}
	if was.Growth != nil { // it holds what was asked for beyond the run before
		for _, before := range slices.Backward(recorded[:at]) {
			if before.Inferred == nil || before.Seed != was.Seed {
				continue
			}
			less, err := askedRows(before)
			if err != nil {
				return nil, err
			}
			rows = rows.beyond(less)
			break
		}
	}
	o.Rows, o.TableRows, o.TotalRows, o.ByRole = rows.all, rows.tables, rows.total, rows.byRole
	o.Own = recorded.Tables()
	for _, t := range db.Tables { // new to this run, though the runs before it have filled it by now
		name := db.Qualified(t)
		if o.Own[name] && !slices.ContainsFunc(was.Tables, func(rt plan.ResolvedTable) bool { return rt.Name == name }) {
			t.HasRows = false
		}
	}
	return func(int) (*plan.Plan, error) { return again(ctx, was, db, o) }, nil
}

// numbers are the rows that an inference was asked for.
type numbers struct {
	all, total *int64 // nil where they were not said
	tables     map[string]int64
	byRole     bool
}

// askedRows reads them from the record of a run that was inferred.
func askedRows(r *plan.Resolved) (n numbers, err error) {
	var asked struct {
		Rows  []string `json:"rows"`
		Total any      `json:"total"`
	}
	if err := json.Unmarshal([]byte(r.Inferred.Asked), &asked); err != nil {
		return n, fmt.Errorf("the record of run %d: %w", r.Run, err)
	}
	if n.all, n.tables, err = (&Wanted{Rows: asked.Rows}).Counts(); err != nil {
		return n, err
	}
	n.byRole = n.all == nil && slices.Contains(asked.Rows, Auto)
	if total, ok := asked.Total.(float64); ok && total > 0 { // JSON knows no integers
		n.total = new(int64(total))
	}
	return n, nil
}

// beyond gives what n asks for beyond less.
func (n numbers) beyond(less numbers) numbers {
	minus := func(a, b *int64) *int64 {
		if a == nil || b == nil {
			return a
		}
		return new(max(0, *a-*b))
	}
	out := numbers{all: minus(n.all, less.all), total: minus(n.total, less.total), byRole: n.byRole, tables: map[string]int64{}}
	for name, rows := range n.tables {
		had, ok := less.tables[name]
		if !ok && less.all != nil {
			had = *less.all
		}
		out.tables[name] = max(0, rows-had)
	}
	return out
}
