package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/request"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// fitFlags ask for as many rows as fit.
type fitFlags struct {
	size   byteSize
	within time.Duration
	set    func(name string) bool
}

func (f *fitFlags) register(cmd *cobra.Command) {
	cmd.Flags().Var(&f.size, "size", "as many rows as make the database, with its indexes, this `SIZE` on disk (500MB, 5GB): tables keep their "+
		"ratios, without a blueprint those of --rows auto; what is counted by name stays as it is")
	cmd.Flags().DurationVar(&f.within, "for", 0, "as many rows as can be loaded in this `TIME` (90s, 10m), by the estimate of sower plan, which tries how fast the "+
		"database answers now; which tables grow is as with --size")
	f.set = cmd.Flags().Changed
}

// wanted is what rows are to fit; nil where nobody asked.
func (f *fitFlags) wanted(inferred *inferFlags, strategy run.Strategy) (*fitting, error) {
	t := &fitting{flag: "--size", size: float64(f.size), strategy: strategy, Fit: request.Fit{Asked: fmt.Sprintf("size %d", f.size)}}
	switch {
	case f.set("size") && f.set("for"):
		return nil, usage("--size and --for: say one of them")
	case f.set("for"):
		t.flag, t.within, t.Asked = "--for", f.within, "time "+f.within.String()
	case !f.set("size"):
		return nil, nil
	}
	if t.target() <= 0 {
		return nil, usage("%s: above 0", t.asked())
	}
	if all, _, err := inferred.Counts(); err == nil && all != nil {
		return nil, usage("--rows %d and %s: say one of them (--rows TABLE=NUMBER and --rows auto go with it)", *all, t.flag)
	}
	if inferred.set("total-rows") {
		return nil, usage("--total-rows and %s: say one of them", t.flag)
	}
	return t, nil
}

// byteSize is a flag's number of bytes.
type byteSize int64

func (b *byteSize) Type() string { return "SIZE" }

func (b *byteSize) String() string {
	if *b == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*b), 10) + "B"
}

// sizeUnits are those that a size may have, the longer ones first.
var sizeUnits = []struct {
	name  string
	bytes float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
	{"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"t", 1e12}, {"b", 1},
}

func (b *byteSize) Set(text string) error {
	number := strings.ToLower(strings.TrimSpace(text))
	for _, u := range sizeUnits {
		n, ok := strings.CutSuffix(number, u.name)
		if !ok {
			continue
		}
		x, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
		if err != nil || !(x >= 0 && x*u.bytes < 1<<60) {
			break
		}
		*b = byteSize(x * u.bytes)
		return nil
	}
	return errors.New("want a number with a unit, such as 500MB, 5GB or 2GiB")
}

// fitting is what rows are to fit, and what that came to.
type fitting struct {
	request.Fit
	flag     string
	size     float64       // bytes of the database on disk
	within   time.Duration // or the time that the load takes; 0: the size is asked for
	strategy run.Strategy
	further  bool // a further run beside those that stand
	decided  bool // by the record of a run: Scale and Counts are not set

	plan     *plan.Plan       // the last one that was tried
	estimate *estimate        // of it
	open     blueprint.Counts // of a given blueprint: what may be scaled
	before   map[string]int64 // rows of the plan before, by table
	beforeBy float64          // its scale
}

// asked is what was asked for, in words.
func (t *fitting) asked() string { return t.flag + " " + t.text(t.target()) }

// target is the number that is to be met, bytes or seconds, and value what an estimate says of it.
func (t *fitting) target() float64 {
	if t.flag == "--for" {
		return t.within.Seconds()
	}
	return t.size
}

func (t *fitting) value(e *estimate) float64 {
	if t.flag == "--for" {
		return e.load().Seconds()
	}
	return e.disk()
}

func (t *fitting) text(value float64) string {
	if t.flag == "--for" {
		return span(time.Duration(value * float64(time.Second)))
	}
	return size(value)
}

// rounds is how often a plan is made and estimated, at most, until it fits.
const rounds = 12

// An estimate fits that is between these shares of what was asked for.
const (
	closest = 1.003
	enough  = 0.98
	aim     = 0.995
)

const (
	least     = math.SmallestNonzeroFloat64 // times the usual numbers of rows: one row a table
	fewest    = 1e-4                        // below it each has one
	most      = 1e9                         // and as many as are tried at most
	firstJump = 60                          // what few rows tell is not good enough to plan very many by
)

// fit finds the numbers of rows with which the estimate meets what was asked for: of a plan, what it would come to with
// more rows or fewer is estimated too, and the next plan has that many. Where a recorded run was to fit the same, its
// numbers stay.
func (a *app) fit(ctx context.Context, store sink.Store, s *settings, f *inferFlags) error {
	t := s.fit
	if _, ok := store.(sink.Pricer); !ok {
		return usage("%s: this kind of database says nothing of what rows take", t.flag)
	}
	t.open = scalable(s)
	if s.blueprint != nil && len(t.open) == 0 {
		return usage("%s: the command gives every number of rows that the blueprint computes: none is left to scale", t.flag)
	}
	if done, err := a.recordedFit(ctx, store, s, f); done || err != nil {
		return err
	}
	db, err := store.Inspect(ctx)
	if err != nil {
		return err
	}
	low, high := 0.0, math.Inf(1) // scales known to be too small and too large
	for by, i := 1.0, 0; ; i++ {
		if err := a.tryFit(ctx, store, db, s, f, by); err != nil {
			return fmt.Errorf("%s, with %s times the rows: %w", t.asked(), threeDigits(by), err)
		}
		value := t.value(t.estimate)
		a.log().Debug("fitting", "scale", by, "estimate", value, "rows", plannedRows(t.plan))
		switch {
		case value > t.target()*closest && by == least:
			return usage("%s: one row in each table comes to %s already: ask for more, or for fewer tables (--include)", t.asked(), t.text(value))
		case value > t.target()*closest:
			high = by
		case value >= t.target()*enough || i > rounds:
			return nil
		default:
			low = by
		}
		next, err := t.next(ctx, store, by)
		switch {
		case err != nil:
			return err
		case next >= most: // nothing grows any more
			return nil
		case i == 0 && next > 2*firstJump:
			next = firstJump
		case next <= fewest && low == 0:
			next = least
		case i >= rounds || high/low < 1.001: // as close as it gets
			if next = low; low == by {
				return nil
			}
		case next <= low || next >= high:
			next = math.Sqrt(max(low, fewest) * high)
		}
		by = next
	}
}

// next is the scale at which the last plan's tables would meet what was asked for; most where they never do. Tables that
// did not grow with the scale before are taken to stay.
func (t *fitting) next(ctx context.Context, store sink.Store, by float64) (float64, error) {
	grow := func(i int) bool {
		p := t.plan.Tables[i]
		rows, ok := t.before[p.Name]
		switch {
		case p.Standing || p.Triggered || p.Rows == 0:
			return false
		case !ok || t.beforeBy == by || by == least || t.beforeBy == least:
			return p.Rows > 10 // else a list of kinds, most likely
		}
		expected := float64(rows) * by / t.beforeBy
		return math.Abs(float64(p.Rows)-expected) < math.Abs(float64(p.Rows-rows))/2+1
	}
	low, high := -math.Log(most), math.Log(most) // by what all of them grow, as a logarithm
	for high-low > 1e-4 {
		middle := (low + high) / 2
		e, err := t.estimate.grown(ctx, store.(sink.Pricer), func(i int) float64 {
			if grow(i) {
				return math.Exp(middle)
			}
			return 1
		})
		if err != nil {
			return 0, err
		}
		if t.value(e) < t.target()*aim {
			low = middle
		} else {
			high = middle
		}
	}
	t.before, t.beforeBy = map[string]int64{}, by
	for _, p := range t.plan.Tables {
		t.before[p.Name] = p.Rows
	}
	if high >= math.Log(most)-1e-3 {
		return most, nil
	}
	return max(by, fewest) * math.Exp(low), nil
}

// tryFit plans and estimates so many times the rows. Tables of a blueprint that have no room for as many stay as they are.
func (a *app) tryFit(ctx context.Context, store sink.Store, db *schema.Database, s *settings, f *inferFlags, by float64) error {
	t := s.fit
	for {
		t.Scale = by
		if s.blueprint != nil {
			t.Counts = s.blueprint.Scaled(t.open, by)
		}
		r := a.request(s, f)
		r.Anew = true
		build, err := r.Builder(ctx, store, db, t.further, false)
		if err != nil {
			return err
		}
		p, err := build(0)
		var ps blueprint.Problems
		if errors.As(err, &ps) && s.blueprint != nil && by > 1 && stay(t.open, ps) {
			if len(t.open) == 0 {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		e, _, err := estimateAgainst(ctx, store, p, s, t.strategy, t.estimate)
		if err != nil {
			return err
		}
		t.plan, t.estimate = p, e
		return nil
	}
}

// stay takes tables out of those to be scaled that cannot have so many rows; false where problems are of another sort.
func stay(open blueprint.Counts, ps blueprint.Problems) bool {
	some := false
	for _, p := range ps {
		if _, ok := open[p.Table]; p.HasMost && ok {
			delete(open, p.Table)
			some = true
		} else if !p.HasMost {
			return false
		}
	}
	return some
}

// scalable are the numbers of a blueprint that the command leaves open.
func scalable(s *settings) blueprint.Counts {
	if s.blueprint == nil {
		return nil
	}
	return s.blueprint.Scalable(func(name string) bool { _, ok := s.given[name]; return ok })
}

// recordedFit tells whether a recorded run decides the numbers. It is an error where one has other numbers.
func (a *app) recordedFit(ctx context.Context, store sink.Store, s *settings, f *inferFlags) (decided bool, err error) {
	if f.anew {
		return false, nil
	}
	recorded, err := request.ReadRecords(ctx, store)
	if err != nil || len(recorded) == 0 {
		return false, err
	}
	runs, err := store.Runs(ctx)
	if err != nil {
		return false, err
	}
	complete := func(number int64) bool {
		for _, r := range runs {
			if r.Number == number {
				return r.State == sink.Complete
			}
		}
		return false
	}
	was, decided := a.request(s, f).Standing(recorded, s.fit.further, complete)
	switch {
	case was == nil:
	case decided:
		a.ui.note("run %d was to fit %s: its record has the numbers of rows", was.Run, s.fit.asked())
		s.fit.decided = true
	case s.fit.further:
		return false, fmt.Errorf("%w: run %d, a further one, is not complete and was asked for other numbers of rows: the same command as then completes it",
			run.ErrOtherRun, was.Run)
	default:
		return false, fmt.Errorf("%w: run %d filled this database with other numbers of rows, and its record decides: the same options as then complete it, "+
			"--fresh undoes it and fills anew, and --append adds rows beside it", run.ErrOtherRun, was.Run)
	}
	return decided, nil
}

// estimateAgainst estimates a plan with what its database says; before, which may be nil, knows how fast that is.
func estimateAgainst(ctx context.Context, store sink.Store, p *plan.Plan, s *settings, strategy run.Strategy, before *estimate) (
	e *estimate, loads []*run.Loading, err error) {
	if loads, err = run.Loadings(ctx, store, p, run.Options{Strategy: strategy}); err != nil {
		return nil, nil, err
	}
	if e, err = estimatePlan(ctx, p, s); err != nil {
		return nil, nil, err
	}
	if before != nil {
		e.slower = before.slower
	}
	return e, loads, e.ask(ctx, store, p, loads)
}

// printFit says beforehand what was found.
func (a *app) printFit(t *fitting) {
	if t == nil || t.decided {
		return
	}
	e := t.estimate
	load := e.load()
	a.ui.print("%s: %s, about %s on disk with its indexes (%s now), in about %s (%s to %s)", t.asked(), count(plannedRows(t.plan), "row"),
		size(e.disk()), size(e.holds), span(load), span(scaled(load, leastOfLoad)), span(scaled(load, mostOfLoad)))
	g := grid{header: []string{"table", ">rows", ">on disk"}, indent: "  "}
	for i, p := range t.plan.Tables {
		if !p.Standing && !p.Triggered {
			g.add(visible(p.Name), thousands(p.Rows), size(e.tables[i].price.Bytes))
		}
	}
	a.ui.print("%s", strings.TrimRight(g.String(), "\n"))
	if v := t.value(e); v < t.target()*enough {
		a.ui.print("notice: that is all that fits: the schema lets no table have more rows, or one more each would be too many")
	}
}

// printFitted says what a complete run came to.
func (a *app) printFitted(ctx context.Context, store sink.Store, t *fitting, done *run.Report) error {
	if t == nil || done.State != "complete" {
		return nil
	}
	if t.flag == "--for" {
		a.ui.print("  asked for: %s; it took %s, %.0f %% of that", t.asked(), span(done.Elapsed), 100*done.Elapsed.Seconds()/t.within.Seconds())
		return nil
	}
	now, err := store.(sink.Pricer).Price(ctx, nil, 1)
	if err != nil {
		return err
	}
	a.ui.print("  asked for: %s; the database is %s on disk now, %.0f %% of that", t.asked(), size(now.Holds), 100*now.Holds/t.size)
	return nil
}

func plannedRows(p *plan.Plan) (sum int64) {
	for _, t := range p.Tables {
		if !t.Standing && !t.Triggered {
			sum += t.Rows
		}
	}
	return sum
}
