package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// CleanOptions say how a run is cleaned.
type CleanOptions struct {
	Options
	DryRun bool // only count
	Forget bool // delete the run's record also where rows stay that someone changed
}

// Cleaned says what a cleaning did, or with DryRun would do.
type Cleaned struct {
	Run        int64
	Tables     []CleanedTable   // in the order of deletion
	Dependents []sink.Dependent // why it was refused
	Forgotten  bool             // the run's record is gone
	Left       string           // why the last run's records could not all be removed
	Elapsed    time.Duration
}

// CleanedTable is one table of a Cleaned.
type CleanedTable struct {
	Name     string
	Deleted  int64    // with DryRun, those that would be
	Changed  int64    // rows that someone changed since: they stay
	Spared   int64    // rows that stay since rows that stay refer to them
	Missing  int64    // rows that were gone before
	Untold   int64    // rows that may be gone, or may be some that stand and are like none that was made
	Adopted  int64    // rows that stood before the run: never touched
	Others   int64    // marked rows that were changed, or deleted, by others during the cleaning
	Reason   string   // why the table's rows cannot be told from others; "" where they can
	Examples []string // of what was changed, the first ones
}

// Stay is the number of the run's rows that are left.
func (c *Cleaned) Stay() (n int64) {
	for _, t := range c.Tables {
		n += t.Changed + t.Spared + t.Others + t.Untold
	}
	return n
}

// untold tells whether rows of a table could not be told from others.
func (c *Cleaned) untold() bool {
	return slices.ContainsFunc(c.Tables, func(t CleanedTable) bool { return t.Reason != "" })
}

// ErrDepended says that rows of others refer to rows that were to go. Nothing was deleted.
var ErrDepended = errors.New("rows of others refer to this run's rows")

// Clean deletes exactly the rows of a run that stand as they were made: key and recomputed cells match.
// Rows that were changed since stay, with the rows that they refer to. Where rows of others refer to what
// is to go, nothing is deleted, and the error is ErrDepended. The same call again goes on with what a
// cleaning that was ended has left.
func Clean(ctx context.Context, s sink.Store, build Builder, o CleanOptions) (out *Cleaned, err error) {
	if !o.DryRun {
		unlock, err := s.Lock(ctx, o.Who)
		if err != nil {
			return &Cleaned{}, err
		}
		defer func() { err = errors.Join(err, unlock()) }()
	}
	list, err := pieces(ctx, s, build, &o.Options)
	if err != nil {
		return &Cleaned{}, err
	}
	if o.DryRun && len(list) > 1 {
		return &Cleaned{}, fmt.Errorf("run %d was grown by others, whose rows refer to its own: what would be deleted can be told only of each alone, once those after it are gone", list[0].record.Number)
	}
	out = &Cleaned{}
	for _, of := range slices.Backward(list) { // the later ones refer to the earlier ones
		c, err := cleanRun(ctx, s, of.plan, of.record, &o)
		out = c.with(out)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// with adds what was done to later runs of the same tables.
func (c *Cleaned) with(later *Cleaned) *Cleaned {
	for i := range c.Tables {
		t := &c.Tables[i]
		for _, o := range later.Tables {
			if o.Name == t.Name {
				t.Deleted, t.Changed, t.Spared = t.Deleted+o.Deleted, t.Changed+o.Changed, t.Spared+o.Spared
				t.Missing, t.Untold, t.Others = t.Missing+o.Missing, t.Untold+o.Untold, t.Others+o.Others
				t.Examples = append(t.Examples, o.Examples...)
				if t.Reason == "" {
					t.Reason = o.Reason
				}
			}
		}
	}
	c.Forgotten = c.Forgotten && (later.Run == 0 || later.Forgotten)
	c.Elapsed += later.Elapsed
	return c
}

// cleanRun cleans one run, whose plan is settled as its record says.
func cleanRun(ctx context.Context, s sink.Store, p *plan.Plan, record *sink.Run, o *CleanOptions) (out *Cleaned, err error) {
	started := time.Now()
	out = &Cleaned{Run: record.Number}
	defer func() { out.Elapsed = time.Since(started) }()
	cleaner, ok := s.(sink.Cleaner)
	if !ok {
		return out, fmt.Errorf("rows cannot be taken back from this kind of database")
	}
	if err := cleanable(record, p); err != nil {
		return out, err
	}
	if err := replicated(ctx, s, p, &o.Options); err != nil && !o.DryRun {
		return out, err
	}
	if !o.DryRun {
		if err := giveUpPhases(ctx, s, record, &o.Options); err != nil {
			return out, err
		}
	}
	var lost *LostError
	if err := Lost(ctx, s); errors.As(err, &lost) && !lost.keys() {
		o.log().Warn("indexes are missing, and once the run is cleaned nobody knows of them", "error", lost)
	} else if err != nil { // the foreign keys tell what hangs on a row
		return out, err
	}
	if r, ok := s.(sink.Rebuilder); ok {
		n, err := r.Journaled(ctx)
		if err != nil {
			return out, err
		}
		switch { // the foreign keys tell what hangs on a row
		case n.Total() > 0 && o.DryRun:
			return out, fmt.Errorf("%s are not in place since a load was interrupted, and without them nobody can tell what refers to what: run sower repair first", n)
		case !o.DryRun: // an empty journal goes, too
			if err := Repair(ctx, r, o.Options, nil); err != nil {
				if left, lost := r.Journaled(ctx); lost != nil || left.Keys+left.Uniques > 0 || ctx.Err() != nil {
					return out, err
				}
				// All keys are there. Those that do not hold may do so once the run's rows are gone.
				o.log().Warn("cleaning goes on, though not everything that a load dropped is in place", "error", err)
				defer func() {
					if err == nil {
						err = Repair(ctx, r, o.Options, nil)
					}
				}()
			}
		}
	}
	c := &cleaning{plan: p, record: record, findings: findingsOf(record), options: o, out: out, byTable: map[*plan.Table]*CleanedTable{}}
	c.progress = &progress{options: &o.Options, started: started, report: &Report{}}
	if c.made, err = c.ranges(ctx, s); err != nil {
		return out, err
	}
	if c.Cleaning, err = cleaner.Clean(ctx, o.DryRun); err != nil {
		return out, err
	}
	defer func() {
		if err = errors.Join(err, c.Close()); err == nil {
			err = dropPartitions(ctx, s, p, o)
		}
	}()
	return out, c.run(ctx)
}

// cleaning is one call of Clean.
type cleaning struct {
	sink.Cleaning
	plan     *plan.Plan
	record   *sink.Run
	findings findings
	options  *CleanOptions
	out      *Cleaned
	byTable  map[*plan.Table]*CleanedTable
	wanted   map[*plan.Table]int64        // rows that are to go
	made     map[*plan.Table][]sink.Range // rows that the run may have made
	ledger   map[*plan.Table][]sink.Entry
	beside   []*sink.Target // tables that the run did not fill, with rows that its triggers added
	progress *progress
	anyCells bool // rows are the run's whatever has become of their cells
	maker    rows.Maker
}

// ranges gives the rows that the run may have made: all but the adopted ones, and of a table whose rows
// only the ledger tells from others, those that it has.
func (c *cleaning) ranges(ctx context.Context, s sink.Store) (map[*plan.Table][]sink.Range, error) {
	out := map[*plan.Table][]sink.Range{}
	c.ledger = map[*plan.Table][]sink.Entry{}
	for _, t := range filled(c.plan) {
		byLedger := counted(t) && c.record.State != sink.Complete
		if byLedger || len(otherwise(t.Out)) > 0 {
			ledger, err := s.Ledger(ctx, c.record.Number, t.Name)
			if err != nil {
				return nil, err
			}
			c.ledger[t] = ledger
		}
		if byLedger {
			out[t] = committed(c.ledger[t])
			continue
		}
		out[t] = missing(t.Rows, slices.Concat(adoptedRanges(t), c.findings.Left[t.Name].ranges()))
	}
	return out, nil
}

// counted tells whether a table's rows have no key by which they could be found.
func counted(t *plan.Table) bool { return len(findKey(t)) == 0 || len(otherwise(findKey(t))) > 0 }

func (c *cleaning) run(ctx context.Context) error {
	for _, t := range slices.Backward(filled(c.plan)) {
		c.out.Tables = append(c.out.Tables, CleanedTable{Name: t.Name, Adopted: int64(len(t.Adopted))})
	}
	i, all := 0, int64(0)
	for _, t := range filled(c.plan) {
		all += sum(c.made[t])
	}
	c.progress.expect(all)
	for _, t := range slices.Backward(filled(c.plan)) {
		c.byTable[t] = &c.out.Tables[i]
		i++
	}
	taken, err := c.takeWhole(ctx)
	if err != nil {
		return err
	}
	if err := c.look(ctx, func(t *plan.Table) bool { return !slices.Contains(taken, t) }, taken); err != nil {
		return err
	}
	if c.options.DryRun {
		for t, out := range c.byTable {
			out.Deleted = c.wanted[t]
		}
		return nil
	}
	err = c.delete(ctx, taken)
	if err != nil && c.Whole() { // and all of it is undone
		for _, out := range c.byTable {
			out.Deleted = 0
		}
		c.out.Forgotten = false
	}
	return err
}

// look marks the rows of some tables, finds out what hangs on rows that are marked, and how many are to go. Those of the
// tables that are taken as they are have no marks.
func (c *cleaning) look(ctx context.Context, some func(*plan.Table) bool, taken []*plan.Table) error {
	for _, t := range slices.Backward(filled(c.plan)) {
		if !some(t) {
			continue
		}
		if err := c.mark(ctx, t); err != nil {
			return err
		}
	}
	c.progress.phase("clean", "looking for what refers to these rows")
	spared, err := c.Spare(ctx)
	if err != nil {
		return err
	}
	for t, out := range c.byTable {
		out.Spared += spared[t.Name]
	}
	if err := c.followAdded(ctx); err != nil {
		return err
	}
	if c.out.Dependents, err = c.Dependents(ctx); err != nil {
		return err
	}
	if len(c.out.Dependents) > 0 {
		return dependedError(c.out)
	}
	all := int64(0)
	c.wanted = map[*plan.Table]int64{}
	for t := range c.byTable {
		if slices.Contains(taken, t) {
			c.wanted[t] = sum(c.made[t])
		} else if c.wanted[t], err = c.Marked(ctx, Target(t)); err != nil {
			return err
		}
		all += c.wanted[t]
	}
	c.progress.expect(all)
	return nil
}

func dependedError(out *Cleaned) error {
	var texts []string
	for _, d := range out.Dependents {
		texts = append(texts, fmt.Sprintf("%d rows of %s refer to rows of %s by %s", d.Rows, d.Table, d.Parent, d.Constraint))
	}
	for _, t := range out.Tables {
		if t.Untold > 0 {
			texts = append(texts, t.Name+": "+t.Reason)
		}
	}
	return fmt.Errorf("%w, and nothing was deleted: %s; delete those, or let them refer to others, then try again", ErrDepended, strings.Join(texts, "; "))
}

// delete deletes what is taken as it is, and what is marked, children before parents, and then the record.
func (c *cleaning) delete(ctx context.Context, taken []*plan.Table) error {
	sizes := map[string]int64{}
	for t := range c.byTable {
		if !keyed(t) && t.Rows > 0 {
			sizes[t.Name] = t.Rows
		}
	}
	if err := c.Begin(ctx, c.record, sizes); err != nil {
		return err
	}
	if err := c.emptyTaken(ctx, &taken); err != nil {
		return err
	}
	emptied, err := c.Empty(ctx)
	if err != nil {
		return err
	}
	if emptied == nil {
		emptied = map[string]int64{}
	}
	for _, t := range taken {
		emptied[t.Name] = c.wanted[t]
	}
	for t, out := range c.byTable {
		out.Deleted = emptied[t.Name]
	}
	if err := c.deleteAdded(ctx); err != nil {
		return err
	}
	for _, unit := range slices.Backward(c.plan.Units()) {
		unit = slices.DeleteFunc(slices.Clone(unit), func(t *plan.Table) bool { return c.byTable[t] == nil || emptied[t.Name] > 0 })
		if len(unit) == 0 {
			continue
		}
		if err := c.deleteUnit(ctx, unit); err != nil {
			return err
		}
	}
	if c.options.Forget || c.out.Stay() == 0 && !c.out.untold() {
		left, err := c.Forget(ctx, c.record.Number)
		if err != nil {
			return err
		}
		c.out.Forgotten, c.out.Left = true, left
	}
	return c.Finish(ctx)
}

func (c *cleaning) deleteUnit(ctx context.Context, unit []*plan.Table) error {
	settle := func(t *plan.Table, deleted int64) {
		out := c.byTable[t]
		out.Others, out.Deleted = c.wanted[t]-deleted, deleted
	}
	if len(unit) > 1 {
		var targets []*sink.Target
		var names []string
		for _, t := range unit {
			targets, names = append(targets, Target(t)), append(names, t.Name)
		}
		c.progress.phase("clean", "deleting the rows of "+strings.Join(names, ", "))
		deleted, err := c.DeleteTogether(ctx, targets)
		if err != nil {
			return err
		}
		for i, t := range unit {
			settle(t, deleted[i])
		}
		return nil
	}
	for _, t := range unit {
		var done int64
		// What stands of a table without a key of one column is the ledger's word for a load that comes after.
		whole := !keyed(t) && (len(otherwise(t.Out)) == 0 || c.byTable[t].Untold == 0)
		deleted, err := c.Delete(ctx, Target(t), c.options.chunk(), whole, func(n int64) {
			done += n
			c.progress.read("clean", t.Name, done, c.wanted[t], n)
		})
		if err != nil {
			c.byTable[t].Deleted = done
			return err
		}
		settle(t, deleted)
	}
	return nil
}
