package run

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// Verdict is what a verification found.
type Verdict struct {
	Run   int64
	Rules []Finding // a rule each, table by table, the comparisons of cells last
	Cells int64     // cells compared
}

// Finding is one rule and whether it holds.
type Finding struct {
	Table  string
	Text   string
	OK     bool
	Detail string // what was found instead, with the first examples; "" where it holds
}

// Broken is the number of rules that do not hold.
func (v *Verdict) Broken() int {
	n := 0
	for _, f := range v.Rules {
		if !f.OK {
			n++
		}
	}
	return n
}

// Verify asks the database every rule of a run's rows, recomputes the rows and compares them cell by
// cell. It writes nothing. each, which may be nil, is called with every finding as it is made.
func Verify(ctx context.Context, s sink.Store, build Builder, o Options, each func(Finding)) (*Verdict, error) {
	p, record, err := recorded(ctx, s, build, &o)
	if err != nil {
		return nil, err
	}
	v := &verifier{store: s, plan: p, options: &o, findings: findingsOf(record), verdict: &Verdict{Run: record.Number}, each: each}
	v.progress = &progress{options: &o, started: time.Now(), report: &Report{}}
	if err := v.rules(ctx); err != nil {
		return v.verdict, err
	}
	for _, t := range filled(p) {
		if err := v.compare(ctx, t); err != nil {
			return v.verdict, err
		}
	}
	return v.verdict, nil
}

// recorded finds the run that the plan asks for, and settles the plan as its record says.
func recorded(ctx context.Context, s sink.Store, build Builder, o *Options) (*plan.Plan, *sink.Run, error) {
	runs, err := s.Runs(ctx)
	if err != nil {
		return nil, nil, err
	}
	appended := false // the first run in a database is none that was added, whatever it was asked for
	for _, r := range runs {
		if resolved, err := resolvedOf(r); err == nil && r.State != sink.Superseded {
			appended = appended || o.Append && resolved.Append > 0
		}
	}
	var seen []string
	for i := len(runs) - 1; i >= 0; i-- {
		r := runs[i]
		resolved, err := resolvedOf(r)
		if err != nil {
			return nil, nil, err
		}
		if r.State == sink.Superseded || appended != (resolved.Append > 0) {
			continue
		}
		p, err := build(resolved.Append)
		if err != nil {
			return nil, nil, err
		}
		if p.Identity() == r.Identity {
			return p, r, p.Apply(resolved)
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
	progress *progress
	each     func(Finding)
	findings findings
}

func (v *verifier) found(f Finding) {
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
	rules, _, err := v.plan.Rules(v.store.Dialect(), cell)
	if err != nil {
		return err
	}
	rules = slices.DeleteFunc(rules, func(r plan.Rule) bool { return v.skipped(r.Table) != nil })
	for from := 0; from < len(rules); {
		to := from + 1
		for to < len(rules) && rules[to].Table == rules[from].Table {
			to++
		}
		if err := v.askTable(ctx, rules[from].Table, rules[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
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
		f := judge(&r, counts[i], v.beside(t), int64(len(v.findings.Left[t.Name].Rows)))
		if c := v.changedIn(&r); !f.OK && c != "" {
			f.OK, f.Text, f.Detail = true, f.Text+": not held, since triggers changed "+c, ""
		}
		v.found(f)
	}
	return nil
}

// skipped gives the table's entry among those that the run left out, or nil.
func (v *verifier) skipped(t *plan.Table) *Skipped {
	for i, s := range v.findings.Skipped {
		if s.Table == t.Name {
			return &v.findings.Skipped[i]
		}
	}
	return nil
}

// changedIn gives a column that a rule rests on, of its table or of another one, and that triggers changed, as the
// run found out right after it wrote the rows; "" where there is none. What differs in such a column is no damage: it
// is the trigger's word against the plan's. In all other columns every difference counts.
func (v *verifier) changedIn(r *plan.Rule) string {
	for _, c := range v.findings.Changed[r.Table.Name] {
		if strings.Contains(r.SQL, v.store.Dialect().Ident(c)) {
			return c
		}
	}
	for _, c := range r.Reads {
		if slices.Contains(v.findings.Changed[c.Table.Name], c.Name) {
			return c.Table.Name + "." + c.Name
		}
	}
	return ""
}

// beside is the number of rows that triggers added to a table while it was filled, where no key tells them from those
// that were made.
func (v *verifier) beside(t *plan.Table) int64 {
	if t.Key != nil {
		return 0
	}
	return v.findings.Added[t.Name]
}

// judge says whether a rule holds, by what was counted for it. As many rows as stand beside may be otherwise.
// As many as are left out may be missing.
func judge(r *plan.Rule, n, beside, left int64) Finding {
	f := Finding{Table: r.Table.Name, Text: r.Text, OK: n == 0}
	if beside > 0 && (r.Exact == nil && n > 0 && n <= beside || r.Exact != nil && n > *r.Exact && n <= *r.Exact+beside) {
		f.OK, f.Text = true, f.Text+fmt.Sprintf(", but for rows that triggers added (%d)", beside)
		return f
	}
	if left > 0 && r.Exact != nil && n < *r.Exact && n >= *r.Exact-left {
		f.OK, f.Text = true, f.Text+fmt.Sprintf(", but for rows that were left out (%d)", left)
		return f
	}
	switch {
	case r.Exact != nil:
		if f.OK = n == *r.Exact; !f.OK {
			f.Detail = fmt.Sprintf("found %d", n)
		}
	case r.Whole && !f.OK:
		f.Detail = fmt.Sprintf("%d values are double", n)
	case !f.OK:
		f.Detail = fmt.Sprintf("not so in %d rows", n)
	}
	return f
}

// count evaluates aggregates over the run's rows in a scope, by key ranges where keys are such, else by
// lists of keys, whose sums it gives. Rows that were adopted are counted where exact numbers are asked
// for, and exempt from all other rules.
func (v *verifier) count(ctx context.Context, t *plan.Table, s scope, aggregates []string) ([]int64, error) {
	d := v.store.Dialect()
	from, n := int64(0), t.Rows
	if s.part != nil {
		from, n = s.part.First, s.part.Rows
	}
	out := make([]int64, len(aggregates))
	if n == 0 {
		return out, nil
	}
	query := fmt.Sprintf("select %s from %s t", strings.Join(aggregates, ", "), plan.TableSQL(d, t))
	if t.Key == nil {
		return v.store.QueryInts(ctx, query, nil, len(aggregates))
	}
	key := "t." + d.Ident(t.Key.Name)
	if first, ok := t.Key.Consecutive(); ok && len(s.left) == 0 {
		return v.store.QueryInts(ctx, fmt.Sprintf("%s where %s between %d and %d", query, key, first+from, first+from+n-1), nil, len(aggregates))
	}
	var m rows.Maker
	for _, b := range batches([]sink.Range{{First: from, N: n}}, 5000) {
		list := make([]int64, 0, b.N)
		for row := b.First; row < b.First+b.N; row++ {
			if s.exact || !t.Adopted[row] && !slices.Contains(s.left, row) {
				list = append(list, row)
			}
		}
		if len(list) == 0 {
			continue
		}
		keys, err := m.Rows(t, []*plan.Column{t.Key}, list)
		if err != nil {
			return nil, err
		}
		sums, err := v.store.QueryInts(ctx, query+" where "+d.InKeys(key), keys.Vecs[0], len(aggregates))
		if err != nil {
			return nil, err
		}
		for i, x := range sums {
			out[i] += x
		}
	}
	return out, nil
}

// mismatch is a cell, or a row, that is not what was made.
type mismatch struct {
	row  int64
	text string
}

// compare recomputes a table's rows and compares them with those that stand, cell by cell.
func (v *verifier) compare(ctx context.Context, t *plan.Table) error {
	if s := v.skipped(t); s != nil {
		v.found(Finding{Table: t.Name, OK: true, Text: t.Name + " was left out: " + s.Reason})
		return nil
	}
	f := Finding{Table: t.Name, Text: fmt.Sprintf("%s: every cell is the one that was made", t.Name)}
	changed := v.findings.Changed[t.Name]
	if len(changed) > 0 {
		f.Text += fmt.Sprintf(", but for those that triggers changed (%s)", strings.Join(changed, ", "))
	}
	list := missing(t.Rows, slices.Concat(adoptedRanges(t), v.findings.Left[t.Name].ranges()))
	var wrong []mismatch
	var err error
	switch by := findBy(t, changed); {
	case t.Key != nil:
		wrong, err = v.compareByKey(ctx, t, list)
	case len(by) == 0:
		f.OK, f.Text = true, t.Name+": its rows cannot be told from others: they are counted, not compared"
		v.found(f)
		return nil
	case counted(t) && touched(ctx, v.store, v.plan, t):
		f.OK, f.Text = true, t.Name+": its rows have no key, and triggers may have changed them: they are counted, not compared"
		v.found(f)
		return nil
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
	return nil
}

// compareFound compares the rows of a table in which no single column tells rows apart.
func (v *verifier) compareFound(ctx context.Context, t *plan.Table, by []*plan.Column, list []sink.Range) (wrong []mismatch, err error) {
	changed, total := v.findings.Changed[t.Name], sum(list)
	f := &finder{table: t, by: by, maker: new(rows.Maker)}
	f.scan = func(ctx context.Context, target *sink.Target, each func(*column.Batch, []sink.Place) error) error {
		var done int64
		return v.store.ScanRows(ctx, target, func(read *column.Batch) error {
			done += int64(read.N)
			v.progress.mu.Lock()
			v.progress.event(Event{Phase: "verify", Table: t.Name, Rows: min(done, total), Total: total, Batch: int64(read.N)})
			v.progress.mu.Unlock()
			return each(read, nil)
		})
	}
	same, err := f.same(ctx, list, changed)
	if err != nil {
		return nil, err
	}
	if same {
		v.verdict.Cells += total * int64(len(t.Out))
		return nil, nil
	}
	lost, err := f.find(ctx, list, func(pairs []pair, made, read *column.Batch, _ []sink.Place) error {
		v.verdict.Cells += int64(len(pairs) * len(t.Out))
		for _, p := range pairs {
			for _, text := range differing(t, changed, made, p.made, read, p.read) {
				wrong = append(wrong, mismatch{p.row, text})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	what := "is missing"
	if counted(t) {
		what = "is missing, or was changed"
	}
	for some := range slices.Chunk(lost, 5000) {
		made, err := f.maker.Rows(t, t.Out, some)
		if err != nil {
			return nil, err
		}
		for i, row := range some {
			wrong = append(wrong, mismatch{row, fmt.Sprintf("row %d (%s) %s", row, rowName(t, made, i), what)})
		}
	}
	return wrong, nil
}

// compareByKey compares rows that the key finds.
func (v *verifier) compareByKey(ctx context.Context, t *plan.Table, list []sink.Range) (wrong []mismatch, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan sink.Range)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range v.options.workers() {
		wg.Go(func() {
			var m rows.Maker
			for r := range next {
				found, cells, err := v.compareBatch(ctx, &m, t, r)
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				wrong = append(wrong, found...)
				v.verdict.Cells += cells
				mu.Unlock()
			}
		})
	}
	var done int64
feed:
	for _, r := range batches(list, 5000) {
		select {
		case next <- r:
			done += r.N
			v.progress.mu.Lock()
			v.progress.event(Event{Phase: "verify", Table: t.Name, Rows: done, Total: t.Rows, Batch: r.N})
			v.progress.mu.Unlock()
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return wrong, context.Cause(ctx)
}

func adoptedRanges(t *plan.Table) []sink.Range {
	var out []sink.Range
	for row := range t.Adopted {
		out = append(out, sink.Range{First: row, N: 1})
	}
	return out
}

func (v *verifier) compareBatch(ctx context.Context, m *rows.Maker, t *plan.Table, r sink.Range) (wrong []mismatch, cells int64, err error) {
	made, err := m.Batch(t, t.Out, r.First, int(r.N))
	if err != nil {
		return nil, 0, err
	}
	changed := v.findings.Changed[t.Name]
	var read column.Batch
	for range t.Out {
		read.Vecs = append(read.Vecs, new(column.Vec))
	}
	stands, err := v.store.ReadRows(ctx, Target(t), t.Key.Name, made.Col(t.Key.Name), &read)
	if err != nil {
		return nil, 0, fmt.Errorf("read %s rows %d-%d: %w", t.Name, r.First, r.First+r.N-1, err)
	}
	at := 0
	for i := range made.N {
		row := r.First + int64(i)
		key := made.Col(t.Key.Name).String(i)
		if !stands[i] {
			wrong = append(wrong, mismatch{row, fmt.Sprintf("row %d (%s %s) is missing", row, t.Key.Name, key)})
			continue
		}
		cells += int64(len(t.Out))
		for _, text := range differing(t, changed, made, i, &read, at) {
			wrong = append(wrong, mismatch{row, text})
		}
		at++
	}
	return wrong, cells, nil
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
