package run

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// Verify asks the database every rule of a run's rows, recomputes the rows and compares them cell by
// cell. It writes nothing. each, which may be nil, is called with every finding as it is made.
func Verify(ctx context.Context, s sink.Store, build Builder, o Options, each func(Finding)) (*Verdict, error) {
	list, err := pieces(ctx, s, build, &o)
	if err != nil {
		return nil, err
	}
	verdict := &Verdict{Run: list[0].record.Number}
	for i, of := range list {
		if inPhases(of.record) {
			err := &PhasesError{of.record.Number, of.record.Blueprint, "its rows are not all there"}
			return verdict, &NotYetError{err.Error(), err}
		}
		verdict.Plans = append(verdict.Plans, of.plan)
		v := &verifier{store: s, plan: of.plan, record: of.record, options: &o, findings: findingsOf(of.record), verdict: verdict, each: each}
		if i > 0 {
			v.prefix = fmt.Sprintf("run %d, which grew it: ", of.record.Number)
		}
		v.progress = &progress{options: &o, started: time.Now(), report: &Report{}}
		if err := v.verify(ctx, of.record); err != nil {
			return verdict, err
		}
	}
	return verdict, nil
}

// verify checks one run.
func (v *verifier) verify(ctx context.Context, record *sink.Run) error {
	if err := v.schemaChanged(record); err != nil {
		return err
	}
	for _, ask := range []func(context.Context) error{func(ctx context.Context) error { return v.whole(ctx, record) }, v.rules, v.dangling} {
		if err := ask(ctx); err != nil {
			return err
		}
	}
	all := int64(0)
	for _, t := range filled(v.plan) {
		all += t.Rows
	}
	v.progress.expect(all)
	for _, l := range v.plan.Inferred.LeftOut {
		v.found(Finding{Table: l.Table, OK: true, Text: l.Table + " was left out: " + l.Reason})
	}
	var small []inquiry
	for _, t := range filled(v.plan) {
		if t.Rows < smallTable {
			small = append(small, func(ctx context.Context, v *verifier) error { return v.compare(ctx, t, 1) })
			continue
		}
		if err := v.together(ctx, small); err != nil {
			return err
		}
		small = nil
		if err := v.compare(ctx, t, v.options.workers()); err != nil {
			return err
		}
	}
	return v.together(ctx, small)
}

// recorded finds the run that the plan asks for, and settles the plan as its record says.
func recorded(ctx context.Context, s sink.Store, build Builder, o *Options) (*plan.Plan, *sink.Run, error) {
	runs, err := s.Runs(ctx)
	if err != nil {
		return nil, nil, err
	}
	appended := false // the first run in a database is none that was added, whatever it was asked for
	for _, r := range runs {
		if resolved, err := Recorded(r); err == nil && r.State != sink.Superseded && r.Grows == 0 {
			appended = appended || o.Append && resolved.Append > 0
		}
	}
	var seen []string
	for i := len(runs) - 1; i >= 0; i-- {
		r := runs[i]
		resolved, err := Recorded(r)
		if err != nil {
			return nil, nil, err
		}
		if r.State == sink.Superseded || r.Grows != 0 || appended != (resolved.Append > 0) {
			continue
		}
		p, err := build(resolved.Append)
		if err != nil {
			return nil, nil, err
		}
		if p.Identity() == r.Identity {
			err := p.Apply(resolved.Kept(p.Database))
			found := findingsOf(r)
			found.apply(p)
			return p, r, err
		}
		seen = append(seen, fmt.Sprintf("run %d: %s, seed %d (%s)", r.Number, r.Blueprint, resolved.Seed, differences(resolved, p.Resolved())))
	}
	if len(seen) > 0 {
		return nil, nil, fmt.Errorf("no run with these parameters and this seed is recorded in the database; there is %s", strings.Join(seen, "; "))
	}
	if _, err := build(0); err != nil { // what is wrong with blueprint or schema says more
		return nil, nil, err
	}
	return nil, nil, fmt.Errorf("no run is recorded in the database: fill it with sower generate first")
}

type verifier struct {
	store    sink.Store
	plan     *plan.Plan
	options  *Options
	verdict  *Verdict
	prefix   string // of the text of findings
	progress *progress
	each     func(Finding)
	findings findings
	owns     map[*plan.Table]*own
	record   *sink.Run
}

func (v *verifier) found(f Finding) {
	f.Text = v.prefix + f.Text
	v.verdict.Rules = append(v.verdict.Rules, f)
	if v.each != nil {
		v.each(f)
	}
}

func (v *verifier) rules(ctx context.Context) error {
	var m rows.Maker
	cell := func(c *plan.Column, row int64) (*column.Vec, error) {
		b, err := m.Batch(c.Table, []*plan.Column{c}, row, 1)
		if err != nil {
			return nil, err
		}
		out := new(column.Vec)
		out.ResetAs(b.Vecs[0])
		out.AppendCell(b.Vecs[0], 0)
		return out, nil
	}
	alone, err := v.alone(ctx)
	if err != nil {
		return err
	}
	rules, _, err := v.plan.Rules(v.store.Dialect(), cell, func(t *plan.Table) bool { return alone[t] })
	if err != nil {
		return err
	}
	rules = slices.DeleteFunc(rules, func(r plan.Rule) bool {
		return v.skipped(r.Table) != nil || r.Part != nil && r.Table.Key != nil && !keyed(r.Table) // which rows are the part's?
	})
	var checks []inquiry
	for from := 0; from < len(rules); {
		to := from + 1
		for to < len(rules) && rules[to].Table == rules[from].Table {
			to++
		}
		some, asked := rules[from:to], from
		checks = append(checks, func(ctx context.Context, v *verifier) error {
			v.progress.phase("rules", fmt.Sprintf("%s (%d of %d rules were asked)", some[0].Table.Name, asked, len(rules)))
			return v.askTable(ctx, some[0].Table, some)
		})
		from = to
	}
	return v.together(ctx, checks)
}

// scope is a set of rows that several rules speak of, asked in one pass.
type scope struct {
	part  *plan.Part
	exact bool    // adopted rows count
	left  []int64 // rows left out besides
}

// askTable puts the rules of one table to the database: those over the same rows in one query.
func (v *verifier) askTable(ctx context.Context, t *plan.Table, rules []plan.Rule) error {
	counts := make([]int64, len(rules))
	var scopes []scope
	var members [][]int
	for i, r := range rules {
		if r.Whole {
			n, err := v.store.QueryInt(ctx, r.SQL, nil)
			if err != nil {
				return fmt.Errorf("asking whether %s: %w", r.Text, err)
			}
			counts[i] = n
			continue
		}
		s := scope{part: r.Part, exact: r.Exact != nil && len(t.Adopted) > 0, left: r.Exempt}
		at := slices.IndexFunc(scopes, func(o scope) bool {
			return o.part == s.part && o.exact == s.exact && slices.Equal(o.left, s.left)
		})
		if at < 0 {
			at = len(scopes)
			scopes, members = append(scopes, s), append(members, nil)
		}
		members[at] = append(members[at], i)
	}
	for k, s := range scopes {
		var filters []string
		for _, i := range members[k] {
			pred := "(" + rules[i].SQL + ")"
			if rules[i].Exact == nil {
				pred += " is false"
			}
			filters = append(filters, "count(*) filter (where "+pred+")")
		}
		sums, err := v.count(ctx, t, s, filters)
		if err != nil {
			return fmt.Errorf("asking the rules of %s: %w", t.Name, err)
		}
		for n, i := range members[k] {
			counts[i] = sums[n]
		}
	}
	for i, r := range rules {
		f := v.judge(&r, counts[i])
		if c := v.changedIn(&r); !f.OK && c != "" {
			f.OK, f.Text, f.Detail = true, f.Text+": not held, since "+c, ""
		}
		if c := v.otherwiseIn(&r); !f.OK && c != nil {
			f.OK, f.Text, f.Detail = true, f.Text+": not held, since the run made "+c.Otherwise().String(), ""
		}
		v.found(f)
	}
	return nil
}

// skipped gives the table's entry among those that the run left out, or nil.
func (v *verifier) skipped(t *plan.Table) *plan.LeftOut {
	for i, s := range v.findings.Skipped {
		if s.Table == t.Name {
			return &v.findings.Skipped[i]
		}
	}
	return nil
}

// changedIn says of a column that a rule rests on, of its table or of another one, that triggers changed it, as the
// run found out right after it wrote the rows, or that others wrote cells of it before it was filled; "" where there is none. What differs in such a column is no damage: it
// is the trigger's word against the plan's. In all other columns every difference counts.
func (v *verifier) changedIn(r *plan.Rule) string {
	why := func(table, column, shown string) string {
		switch {
		case slices.Contains(v.findings.Changed[table], column):
			return "triggers changed " + shown
		case len(v.findings.Others[table][column]) > 0:
			return "others wrote cells of " + shown
		}
		return ""
	}
	for _, c := range r.Table.Out {
		if w := why(r.Table.Name, c.Name, c.Name); w != "" && strings.Contains(r.SQL, v.store.Dialect().Ident(c.Name)) {
			return w
		}
	}
	for _, c := range r.Reads {
		if w := why(c.Table.Name, c.Name, c.Table.Name+"."+c.Name); w != "" {
			return w
		}
	}
	return ""
}

// beside is the number of rows of a table that are no rows of the run, where nothing tells them from those, and
// whose they are.
func (v *verifier) beside(t *plan.Table) (n int64, whose string) {
	if keyed(t) {
		return 0, ""
	}
	n, whose = v.findings.Added[t.Name], "that triggers added"
	if o := v.owns[t]; o != nil && o.beside > 0 {
		if n > 0 {
			whose += " or that are not of this run"
		} else {
			whose = "that are not of this run"
		}
		n += o.beside
	}
	return n, whose
}

// judge says whether a rule holds, by what was counted for it. As many rows as stand beside may be otherwise.
// As many as are left out may be missing.
func (v *verifier) judge(r *plan.Rule, n int64) Finding {
	f := Finding{Table: r.Table.Name, Text: r.Text, OK: n == 0}
	beside, whose := v.beside(r.Table)
	if beside > 0 && (r.Exact == nil && n > 0 && n <= beside || r.Exact != nil && n > *r.Exact && n <= *r.Exact+beside) {
		f.OK, f.Text = true, f.Text+fmt.Sprintf(", but for rows %s (%d)", whose, beside)
		return f
	}
	left := int64(len(v.findings.Left[r.Table.Name].Rows))
	if left > 0 && r.Exact != nil && n < *r.Exact && n >= *r.Exact-left {
		f.OK, f.Text = true, f.Text+fmt.Sprintf(", but for rows that were left out (%d)", left)
		return f
	}
	if off := int64(len(r.Table.Adopted)); off > 0 && r.Exact != nil && !r.All && n != *r.Exact && n >= *r.Exact-off && n <= *r.Exact+off {
		f.OK, f.Text = true, f.Text+fmt.Sprintf(", but for rows that were there before the run (%d)", off)
		return f
	}
	switch {
	case r.Exact != nil:
		if f.OK = n == *r.Exact; !f.OK {
			f.Detail = fmt.Sprintf("found %d", n)
		}
	case r.Whole && !f.OK:
		f.Detail = fmt.Sprintf("%d %s", n, r.Counted)
	case !f.OK:
		f.Detail = fmt.Sprintf("not so in %d rows", n)
	}
	return f
}

// mismatch is a cell, or a row, that is not what was made.
type mismatch struct {
	row  int64
	text string
}

// compare recomputes a table's rows and compares them with those that stand, cell by cell, over some connections.
func (v *verifier) compare(ctx context.Context, t *plan.Table, connections int) error {
	if s := v.skipped(t); s != nil {
		v.found(Finding{Table: t.Name, OK: true, Text: t.Name + " was left out: " + s.Reason})
		return nil
	}
	f := Finding{Table: t.Name, Text: fmt.Sprintf("%s: every cell is the one that was made", t.Name)}
	changed := v.uncompared(t)
	if changed := v.findings.Changed[t.Name]; len(changed) > 0 {
		f.Text += fmt.Sprintf(", but for those that triggers changed (%s)", strings.Join(changed, ", "))
	}
	if others := slices.Sorted(maps.Keys(v.findings.Others[t.Name])); len(others) > 0 {
		f.Text += fmt.Sprintf(", but for those that others wrote before (of %s)", strings.Join(others, ", "))
		changed = slices.Concat(changed, others)
	}
	sums, err := v.sums(ctx, t)
	if err != nil {
		return err
	}
	if sums != nil {
		f.Text += fmt.Sprintf(", and for %s, which the run made otherwise", strings.Join(plan.Names(sums.other), ", "))
	}
	list := missing(t.Rows, slices.Concat(adoptedRanges(t), v.findings.Left[t.Name].ranges()))
	var wrong []mismatch
	by := findBy(t, changed)
	if sums != nil {
		by, _ = sums.finders()
	}
	proven := false
	if len(by) > 0 && !(counted(t) && touched(ctx, v.store, v.plan, t)) {
		if proven, err = v.proven(ctx, t, changed, list, connections); err != nil {
			return err
		}
	}
	switch {
	case proven:
	case keyed(t):
		wrong, err = v.compareByKey(ctx, t, list)
	case len(by) == 0:
		f.OK, f.Text = true, t.Name+": its rows cannot be told from others: they are counted, not compared"
		v.found(f)
		return v.compareSums(ctx, sums, list)
	case counted(t) && touched(ctx, v.store, v.plan, t):
		f.OK, f.Text = true, t.Name+": its rows have no key, and triggers may have changed them: they are counted, not compared"
		v.found(f)
		return v.compareSums(ctx, sums, list)
	default:
		wrong, err = v.compareFound(ctx, t, by, list)
	}
	if err != nil {
		return err
	}
	sort.Slice(wrong, func(i, j int) bool { return wrong[i].row < wrong[j].row })
	f.OK = len(wrong) == 0
	var texts []string
	for i, w := range wrong {
		if i == 3 {
			texts = append(texts, "...")
			break
		}
		texts = append(texts, w.text)
	}
	if !f.OK {
		f.Detail = fmt.Sprintf("%d differ: %s", len(wrong), strings.Join(texts, "; "))
	}
	v.found(f)
	return v.compareSums(ctx, sums, list)
}

func adoptedRanges(t *plan.Table) []sink.Range {
	var out []sink.Range
	for row := range t.Adopted {
		out = append(out, sink.Range{First: row, N: 1})
	}
	return out
}

// shown gives a cell as a message shows it, cut where it is long.
func shown(v *column.Vec, i int) string {
	if v.Null(i) {
		return "null"
	}
	return fmt.Sprintf("%q", short(v, i))
}

func short(v *column.Vec, i int) string {
	if v.Null(i) {
		return "null"
	}
	s := v.String(i)
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	return s
}
