package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// refusal is an error by which the database does not take rows of a table.
type refusal struct {
	table  *plan.Table
	err    error
	advice string // what to do about it, for those who have not said that they can do without the table
}

func (r *refusal) Error() string {
	if r.advice == "" {
		return r.err.Error()
	}
	return r.err.Error() + ": " + r.advice
}
func (r *refusal) Unwrap() error { return r.err }

// tried is the number of rows that are tried one by one where a batch was refused.
const tried = 20

// refused explains why a batch was not taken: a sample of its rows is tried one by one, and undone. Other errors
// stay as they are.
func refused(ctx context.Context, s sink.Sink, w *work, at sink.Range, err error) error {
	if !errors.Is(err, sink.ErrRefused) || ctx.Err() != nil {
		return err
	}
	p, ok := s.(sink.Prober)
	if !ok {
		return &refusal{table: w.table, err: err}
	}
	var list []int64
	for row := at.First; row < at.First+at.N; row += max(at.N/tried, 1) {
		list = append(list, row)
	}
	list = list[:min(len(list), tried)]
	var m rows.Maker
	b, e := m.Rows(w.table, w.table.Out, list)
	if e != nil {
		return err
	}
	// One row after the other, so that each keeps its own number.
	found, e := p.Try(ctx, w.target, b, false)
	if e != nil {
		return &refusal{table: w.table, err: err}
	}
	n := 0
	for _, e := range found {
		if e != nil {
			n++
		}
	}
	return &refusal{
		table:  w.table,
		err:    fmt.Errorf("%w (of %d of its rows tried one by one, %d were refused)", err, len(found), n),
		advice: "give it rows in a blueprint that the database takes (sower init writes one), or leave the table out",
	}
}

// skip leaves a table out for which err speaks, with those that need it: references that may be null are. It is false where err is no refusal, or
// the options do not allow it.
func (g *generation) skip(ctx context.Context, err error) bool {
	var r *refusal
	if !g.options.SkipUnsatisfiable || !errors.As(err, &r) || g.isSkipped(r.table.Name) {
		return false
	}
	if e := g.undoRefused(ctx, r.table); e != nil {
		g.notice("%v", e)
		return false
	}
	g.leaveOut(r.table, r.err.Error())
	for again := true; again; {
		again = false
		for _, t := range g.plan.Tables { // also those whose rows triggers make: they have parents, and children
			for _, p := range t.Parents {
				if t.Rows > 0 && !t.Standing && !g.isSkipped(t.Name) && g.isSkipped(p.Name) && !g.detach(t, p) {
					g.leaveOut(t, "it refers to "+p.Name)
					again = true
				}
			}
		}
	}
	return true
}

func (g *generation) leaveOut(t *plan.Table, reason string) {
	if tr := g.progress.table(t.Name); tr.Made+tr.Stood > 0 {
		reason += fmt.Sprintf(" (%d of its %d rows stand)", tr.Made+tr.Stood, t.Rows)
	}
	g.report.Skipped = append(g.report.Skipped, plan.LeftOut{Table: t.Name, Reason: reason})
	g.notice("%s is left out: %s", t.Name, reason)
}

func (g *generation) isSkipped(table string) bool {
	return slices.ContainsFunc(g.report.Skipped, func(s plan.LeftOut) bool { return s.Table == table })
}

// findings are what a run met in the database, which its record keeps beside the plan.
type findings struct {
	Skipped []plan.LeftOut      `json:"skipped,omitempty"`
	Changed map[string][]string `json:"changed,omitempty"` // table -> columns that triggers changed
	Added   map[string]int64    `json:"added,omitempty"`   // table -> rows that triggers added while it was filled
	Left    map[string]Left     `json:"left,omitempty"`    // table -> rows that the database refused
	// Detached is table -> parents that were left out, to which its references are null.
	Detached map[string][]string `json:"detached,omitempty"`
	// Others is table -> column -> rows (first, number) whose cell somebody else had written when the column was filled.
	Others map[string]map[string][][2]int64 `json:"others,omitempty"`
	// Taken is what the load may have dropped, until the run is whole.
	Taken []sink.Piece `json:"taken,omitempty"`
	// Before is table -> rows that are not the run's, where triggers of its tables may write them: before loaders came.
	Before map[string]int64 `json:"before,omitempty"`
}

// findingsOf reads what the record of a run keeps.
func findingsOf(r *sink.Run) findings {
	var f findings
	_ = json.Unmarshal(r.Plan, &f) // Recorded tells of damage
	return f
}

// recordOf is the text of a run's record.
func (g *generation) recordOf() ([]byte, error) {
	return json.Marshal(struct {
		*plan.Resolved
		findings
	}{g.plan.Resolved(), findings{g.report.Skipped, g.changed, g.added, g.left, g.detached, g.others, g.taken, g.before}})
}
