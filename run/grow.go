package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// ErrFewer says that fewer rows are asked for than the database was filled with.
var ErrFewer = errors.New("fewer rows are asked for than exist")

// MigratedError says that more rows are asked for than a run made, and that the schema has got what is not filled in that
// run's rows yet: the run is to be completed first, by the plan of its record and what is new.
type MigratedError struct {
	Run  int64
	What []string // is new
}

func (e *MigratedError) Error() string {
	return fmt.Sprintf("more rows are asked for than run %d made, and the schema has changed since: %s: generate fills that in the rows of run %d first",
		e.Run, strings.Join(e.What, "; "), e.Run)
}

// family is a first run and those that grew it.
type family struct {
	first   *sink.Run
	growths []*sink.Run // in their order
}

// families gives the first runs that count, each with those that grew it.
func families(runs []*sink.Run) (all []family) {
	for _, r := range runs {
		if r.State != sink.Superseded && r.Grows == 0 {
			all = append(all, family{first: r})
		}
	}
	for _, r := range runs {
		at := slices.IndexFunc(all, func(f family) bool { return f.first.Number == r.Grows })
		if r.State != sink.Superseded && at >= 0 {
			all[at].growths = append(all[at].growths, r)
		}
	}
	return all
}

// target is the identity of what a family has been filled up to.
func (f *family) target() string {
	if n := len(f.growths); n > 0 {
		if r, err := Recorded(f.growths[n-1]); err == nil && r.Growth != nil {
			return r.Growth.Target
		}
	}
	return f.first.Identity
}

// grown finds out whether this call asks for the rows of recorded runs and some more: then the plan becomes that of
// the difference, made anew or as it was recorded. handled tells that it did, or that an error says what to do.
func (g *generation) grown(ctx context.Context, runs []*sink.Run) (f found, handled bool, err error) {
	if g.options.Replan == nil || g.options.Append {
		return nil, false, nil
	}
	wanted := g.plan.Identity()
	for _, fam := range families(runs) {
		again := len(fam.growths) > 0 && fam.target() == wanted // it was grown to this already
		if fam.first.Identity == wanted && len(fam.growths) == 0 {
			continue
		}
		if !again && fam.first.Identity != wanted && !g.alike(fam.first) {
			continue
		}
		held, err := g.held(ctx, &fam)
		if err != nil {
			return nil, true, err
		}
		if !held {
			continue
		}
		if err := g.sameSchema(&fam); err != nil {
			return nil, true, err
		}
		if again {
			f, err = g.regrow(ctx, &fam)
			return f, true, err
		}
		more, same, err := g.difference(&fam)
		if err != nil {
			return nil, true, err
		}
		if more != nil {
			return nil, true, g.grow(ctx, &fam, runs, more)
		}
		if same && len(fam.growths) > 0 { // the blueprint is another one since a column came in
			f, err = g.regrow(ctx, &fam)
			return f, true, err
		}
	}
	return nil, false, nil
}

// regrow continues the last run of a family.
func (g *generation) regrow(ctx context.Context, fam *family) (f found, err error) {
	all := fam.all()
	last := all[len(all)-1]
	for _, r := range all[:len(all)-1] {
		if err := g.lacking(ctx, r, "--fresh undoes all runs and fills anew"); err != nil {
			return nil, err
		}
	}
	if g.plan, err = g.replanned(last); err != nil {
		return nil, err
	}
	if f, err = g.resume(ctx, last); f != nil || err != nil {
		return f, err
	}
	return nil, fmt.Errorf("%w: the rows by which run %d grew run %d are gone: --fresh undoes all runs and fills anew",
		ErrOtherRun, last.Number, fam.first.Number)
}

// all gives the runs of a family in their order.
func (f *family) all() []*sink.Run { return append([]*sink.Run{f.first}, f.growths...) }

func (g *generation) replanned(r *sink.Run) (*plan.Plan, error) {
	resolved, err := Recorded(r)
	if err != nil {
		return nil, err
	}
	p, err := g.options.Replan(resolved)
	if err == nil && p.Identity() != r.Identity {
		err = fmt.Errorf("run %d is of another blueprint, or of another version of sower (%s): --fresh undoes it and fills anew",
			r.Number, r.Version)
	}
	return p, err
}

// alike tells whether the plan asks for what a run was asked for but, perhaps, for numbers of rows.
func (g *generation) alike(first *sink.Run) bool {
	was, err := Recorded(first)
	if err != nil {
		return false // said where the run is read next
	}
	is := g.plan.Resolved()
	switch {
	case was.Append != 0 || was.Seed != is.Seed || was.Output != is.Output || (was.Inferred == nil) != (is.Inferred == nil):
		return false
	case was.Inferred != nil:
		return sameOptions(was.Inferred.Asked, is.Inferred.Asked)
	case was.Digest != is.Digest:
		return false
	}
	p, err := g.options.Replan(was)
	return err == nil && p.Blueprint.SameButCounts(g.plan.Blueprint) // else this run is compared with that one later
}

// held tells whether rows of a family may be in the database.
func (g *generation) held(ctx context.Context, fam *family) (held bool, err error) {
	if g.plan.Database == nil {
		return true, nil
	}
	for _, r := range fam.all() {
		resolved, err := Recorded(r)
		if err != nil {
			return false, err
		}
		for _, rt := range resolved.Tables {
			if rt.Standing == nil && !rt.Triggered {
				if held, err = g.heldElsewhere(ctx, &rt, held); err != nil {
					return false, err
				}
			}
		}
	}
	return held, nil
}

// sameSchema is an error where the schema has changed since a family's runs, so that some of what is there to fill would
// not be filled in all of their rows.
func (g *generation) sameSchema(fam *family) error {
	for _, r := range fam.all() {
		resolved, err := Recorded(r)
		if err != nil {
			return err
		}
		c := resolved.Changes(g.plan.Database)
		if err := c.Err(); err != nil {
			return err
		}
		c.Tables = slices.DeleteFunc(c.Tables, func(s *schema.Table) bool {
			return !slices.ContainsFunc(filled(g.plan), func(t *plan.Table) bool { return t.Schema == s })
		})
		if !c.Grown() {
			continue
		}
		return &MigratedError{r.Number, c.Growth()}
	}
	return nil
}

// lacking is an error where rows of a complete run are gone.
func (g *generation) lacking(ctx context.Context, r *sink.Run, advice string) error {
	p, err := planOf(r, g.options.Replan)
	if err != nil {
		return err
	}
	found := findingsOf(r)
	for _, t := range filled(p) {
		if t.Key == nil || slices.ContainsFunc(found.Skipped, func(s plan.LeftOut) bool { return s.Table == t.Name }) {
			continue // rows without a key cannot be told from others
		}
		entries, err := g.store.Ledger(ctx, r.Number, t.Name)
		if err != nil {
			return err
		}
		there, err := present(ctx, g.store, t, committed(entries), g.options.chunk())
		if err != nil {
			return err
		}
		if n := newWork(t, slices.Concat(there, found.Left[t.Name].ranges())).todo; n > 0 {
			return fmt.Errorf("%w: %d rows of run %d are gone from %s: %s", ErrOtherRun, n, r.Number, t.Name, advice)
		}
	}
	return nil
}

// difference gives the numbers of rows that the plan has more than a family; nil where it has other tables, or the same
// numbers.
func (g *generation) difference(fam *family) (more blueprint.Counts, same bool, err error) {
	first, err := g.replanned(fam.first)
	if err != nil {
		return nil, false, err
	}
	have := first.Blueprint.Counts()
	for _, r := range fam.growths {
		resolved, err := Recorded(r)
		if err != nil {
			return nil, false, err
		}
		for table, parts := range resolved.Growth.Counts {
			if have[table] == nil {
				return nil, false, nil
			}
			for part, n := range parts {
				have[table][part] += n
			}
		}
	}
	return g.beyond(fam, have)
}

// beyond subtracts what a family has from what the plan asks for.
func (g *generation) beyond(fam *family, have blueprint.Counts) (more blueprint.Counts, same bool, err error) {
	more = g.plan.Blueprint.Counts()
	any := false
	for table, parts := range have {
		if more[table] == nil {
			return nil, false, nil // other tables
		}
		for part, n := range parts {
			if more[table][part] -= n; more[table][part] < 0 {
				return nil, false, fmt.Errorf("%w: %w: %s has %d rows of run %d and those that grew it, and %d are asked for now: "+
					"--fresh undoes them and fills anew, --append adds a run beside them", ErrOtherRun, ErrFewer, table, n, fam.first.Number, n+more[table][part])
			}
			any = any || more[table][part] > 0
		}
	}
	switch {
	case len(more) != len(have):
		return nil, false, nil
	case !any:
		return nil, true, nil
	}
	return more, false, nil
}

// grow makes the plan of a further run that holds the difference.
func (g *generation) grow(ctx context.Context, fam *family, runs []*sink.Run, more blueprint.Counts) error {
	for _, r := range fam.all() {
		if r.State != sink.Complete {
			return fmt.Errorf("%w: run %d is not whole, and more rows are asked for than it was to have: "+
				"complete it with the same parameters as then, then ask for more, or --fresh undoes it and fills anew",
				ErrOtherRun, r.Number)
		}
		advice := "generate with the parameters of that run makes them again, then ask for more"
		if len(fam.growths) > 0 {
			advice = "--fresh undoes all runs and fills anew"
		}
		if err := g.lacking(ctx, r, advice); err != nil {
			return err
		}
	}
	if err := g.plan.CanGrow(more); err != nil {
		return fmt.Errorf("%w: more rows are asked for than run %d has, and they cannot be made beside them: %w: "+
			"let both grow, or --fresh undoes the run and fills anew", ErrOtherRun, fam.first.Number, err)
	}
	resolved := g.plan.Resolved()
	resolved.Growth = &plan.Growth{Target: g.plan.Identity(), Counts: more}
	for _, r := range runs {
		old, err := Recorded(r)
		if err != nil {
			return err
		}
		resolved.Append = max(resolved.Append, old.Append)
	}
	resolved.Append++
	p, err := g.options.Replan(resolved)
	if err != nil {
		// The problems are of a blueprint that nobody wrote: they are no mistakes of the user's.
		return fmt.Errorf("%w: more rows are asked for than run %d has, and the difference cannot be made beside them: "+
			"choose --fresh, which undoes them and fills anew, or let the tables that are referred to grow too (%v)",
			ErrOtherRun, fam.first.Number, err)
	}
	g.plan, g.grows = p, fam.first.Number
	p.Notices = append(p.Notices, fmt.Sprintf("run %d stays as it is, and this run adds what is asked for beyond it: "+
		"exact numbers hold in each of them for itself", fam.first.Number))
	return nil
}

// sameOptions tells whether two inferences were asked for the same but for numbers of rows.
func sameOptions(was, is string) bool {
	var x, y map[string]any
	if json.Unmarshal([]byte(was), &x) != nil || json.Unmarshal([]byte(is), &y) != nil {
		return false
	}
	for _, counts := range []string{"rows", "total"} {
		delete(x, counts)
		delete(y, counts)
	}
	return reflect.DeepEqual(x, y)
}

// piece is one run of those that a verification or a cleaning is about, with its plan settled.
type piece struct {
	plan   *plan.Plan
	record *sink.Run
}

// pieces gives the run that the plan asks for, and those that grew it.
func pieces(ctx context.Context, s sink.Store, build Builder, o *Options) ([]piece, error) {
	runs, err := s.Runs(ctx)
	if err != nil {
		return nil, err
	}
	var of *family
	all := families(runs)
	appended := o.Append && slices.ContainsFunc(all, func(f family) bool { // else --append means the first run too
		r, err := Recorded(f.first)
		return err == nil && r.Append > 0
	})
	if o.Replan != nil && !appended && slices.ContainsFunc(all, func(f family) bool { return len(f.growths) > 0 }) {
		p, err := build(0)
		if err != nil {
			return nil, err
		}
		identity := p.Identity()
		for i := range all {
			if f := &all[i]; len(f.growths) > 0 && (f.target() == identity || f.first.Identity == identity) {
				of = f
			}
		}
	}
	if of == nil {
		p, record, err := recorded(ctx, s, build, o)
		return []piece{{p, record}}, err
	}
	var out []piece
	for _, r := range of.all() {
		p, err := planOf(r, o.Replan)
		if err != nil {
			return nil, err
		}
		out = append(out, piece{p, r})
	}
	return out, nil
}
