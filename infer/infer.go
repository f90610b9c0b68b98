package infer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Options say what is wanted beyond what the schema says.
type Options struct {
	Seed      uint64
	Rows      *int64           // of each table; nil for 100
	TableRows map[string]int64 // by table's name, in place of Rows
	ByRole    bool             // few rows of lookup tables and more of join tables, where Rows does not say
	Scale     float64          // with ByRole: times the rows of all but lookup tables; 0 for 1
	TotalRows *int64           // of all tables together, in place of Rows
	Include   []string         // globs: fill these tables alone, and the parents that they need
	Exclude   []string         // globs: leave these tables as they are
	Locale    string           // of names and addresses: "en_US" ("" too), "de_DE", "fr_FR", "es_ES", "ja_JP"
	Append    bool             // tables that hold rows get more
	AppendRun int              // number of the appended run, see plan.Options
	Own       map[string]bool  // tables whose rows a recorded run of sower made: they are filled though they hold rows
	// Beside fills tables beside the few rows that stand in them, as a migration left them there: see besides. Stood are
	// tables that do not get such rows, as they served as parents for a recorded run.
	Beside           bool
	Stood            map[string]bool
	Skip             bool   // go on without the tables that cannot be satisfied
	Plain            bool   // columns by themselves: not by what they mean together
	CreatePartitions bool   // tables whose rows have no partition to be in will get some
	Saved            string // name of the file in which the caller saves the schema; "" for none
	Alone            bool   // write what is unique too: for use without the database
	// MayBeEmpty takes a schema without a table to fill; else the error is a plan.ErrNothing.
	MayBeEmpty bool

	// Of Complete: tables that the blueprint gets besides, and columns that it leaves open and that stay so.
	Tables []*schema.Table
	Leave  func(t *schema.Table, column string) bool

	// Oracle is the database: it is asked its own expressions, and for the keys of rows that stand and serve as
	// parents. nil where there is none: checks that call its functions are then taken on trust, with a notice.
	Oracle sink.Oracle
	// Rehearser is the database where rows may be tried against its triggers, in a transaction that is undone; nil where
	// not: what triggers refuse then shows when the rows are loaded.
	Rehearser sink.Rehearser
}

// Result is an inferred blueprint, and what was decided on the way.
type Result struct {
	Text      []byte // the blueprint
	Blueprint *blueprint.Blueprint
	Plan      *plan.Plan
	Standing  []string // tables whose rows serve as parents
	Beside    []string // tables that are filled beside their rows, with the number of these in parentheses
	LeftOut   []string // what is not filled, with the reason in parentheses: tables, then views and the like
	Lowered   []Lowered
	Skipped   []plan.LeftOut // tables that cannot be satisfied, or need such
	Choices   []Choice
	Notices   []string                 // what the user should know of all this; the plan has them too
	Meanings  []string                 // what columns mean together: sentences, each with how sure it is
	Completed bool                     // it completes a given blueprint, whose columns are no choices
	Keys      map[string]*column.Batch // of existing rows that serve as parents, by table
}

// Lowered is a row count that capacity did not allow.
type Lowered struct {
	Table    string
	From, To int64
	Why      string
}

// Choice is the generator of a column, and why it was chosen.
type Choice struct {
	Table, Column string
	Generators    []string // one, or one for each part of the table
	Reason        string
	Confidence    float64 // 0 to 1
	Fallback      bool    // chosen by the type alone
	// Alternatives are what else might fill it, the most believable first; none for columns that the parts of a table
	// fill in different ways.
	Alternatives []Alternative
}

// Alternative is a generator that might fill a column.
type Alternative struct {
	Generator  string // as a blueprint writes it
	Reason     string
	Confidence float64 // 0 to 1
	Failed     bool    // it came before the choice, and gave way: rows that it makes do not satisfy the schema
}

// Unsatisfiable is the error for tables that no choice of generators satisfies.
type Unsatisfiable struct{ Problems []Unsatisfied }

// Unsatisfied is what stands in the way of one table.
type Unsatisfied struct {
	Table      string
	Constraint string // "" where it is none
	Expression string
	Columns    []string
	Why        string
	WayOut     string // lines of a blueprint, as one, that would settle it; "" where none are known
}

// String is why the table is left out.
func (u *Unsatisfied) String() string {
	if u.Constraint == "" {
		return u.Why
	}
	return fmt.Sprintf("%s (%s): %s", u.Constraint, u.Expression, u.Why)
}

// Error names each table with its constraint, and the lines of a blueprint that would settle it.
func (e *Unsatisfiable) Error() string {
	var b strings.Builder
	for i, u := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s", u.Table, &u)
		if u.WayOut != "" {
			fmt.Fprintf(&b, "\n  settle it in a blueprint (sower init writes one): %s", u.WayOut)
		}
	}
	return b.String()
}

// Infer writes a blueprint for a database, plans it and tries it: see the package's comment. The error is an
// *Unsatisfiable where tables are in the way.
func Infer(ctx context.Context, db *schema.Database, o Options) (*Result, error) {
	r := &Result{}
	d, err := newDraft(ctx, db, &o, r)
	if err != nil {
		return nil, err
	}
	if err := d.lists(ctx); err != nil {
		return nil, err
	}
	for _, t := range slices.Clone(d.tables) {
		if d.byTable[t.schema] == t {
			t.declare()
		}
	}
	d.triggered()
	d.demanded()
	if err := d.tails(ctx); err != nil {
		return nil, err
	}
	d.pairs()
	for _, t := range slices.Clone(d.tables) {
		if d.byTable[t.schema] == t && t.filled() {
			t.references()
		}
	}
	for _, t := range d.tables {
		if t.filled() {
			t.fillRest()
		}
	}
	for _, t := range d.tables {
		if t.filled() {
			t.order()
		}
	}
	for _, t := range d.tables {
		if t.filled() {
			t.meanings()
		}
	}
	d.kin()
	for _, t := range d.tables {
		if t.filled() {
			t.asking()
		}
	}
	if err := d.settle(ctx); err != nil {
		return nil, err
	}
	r.Choices = d.choicesMade()
	r.tell(o.Append)
	return r, nil
}

// tell adds to the notices what was decided that the user should know, and lets the plan have them all.
func (r *Result) tell(appended bool) {
	var out []string
	for _, l := range r.Lowered {
		out = append(out, fmt.Sprintf("%s: %d rows instead of %d: %s", l.Table, l.To, l.From, l.Why))
	}
	for _, k := range r.Skipped {
		out = append(out, fmt.Sprintf("%s is left out: %s", k.Table, k.Reason))
	}
	if len(r.Standing) > 0 {
		hint := " (--append adds to them)"
		if appended {
			hint = ""
		}
		out = append(out, fmt.Sprintf("%s: rows stand there: they serve as parents and stay as they are%s", some(r.Standing), hint))
	}
	if len(r.Beside) > 0 {
		out = append(out, some(r.Beside)+": a few rows stand there and stay as they are, and others are made beside them (--exclude TABLE makes none)")
	}
	if len(r.LeftOut) > 0 {
		out = append(out, "left alone: "+some(r.LeftOut))
	}
	if r.Completed {
		for _, k := range r.Choices {
			out = append(out, fmt.Sprintf("%s.%s is not in the blueprint: it gets %s (%s)", k.Table, k.Column, strings.Join(k.Generators, " or "), k.Reason))
		}
	}
	r.Notices = append(out, r.Notices...)
	r.Plan.Meanings = r.Meanings
	r.Plan.Notices = append(r.Plan.Notices, r.Notices...)
}

// some names the first of many.
func some(names []string) string {
	const most = 30
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// Recorded gives the blueprint that a recorded run inferred, with what completed it since. Its digest is that of what was
// inferred first.
func Recorded(r *plan.Resolved) (*blueprint.Blueprint, error) {
	first, err := resolved(FileName, r.Inferred.Text)
	all := first
	for i, text := range append([]string{r.Inferred.Text}, r.Inferred.More...) {
		var b *blueprint.Blueprint
		if err == nil {
			b, err = resolved(fmt.Sprintf("recorded%d.yaml", i), text)
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("the recorded blueprint: %w", err)
		case i == 0:
			all = b
			all.Digest = first.Digest
		default:
			all = all.With(b)
		}
	}
	return all, nil
}

// resolved reads the text of a blueprint without parameters.
func resolved(name, text string) (*blueprint.Blueprint, error) {
	doc, err := blueprint.OpenText(name, []byte(text))
	if err != nil {
		return nil, err
	}
	return doc.Resolve(nil, plan.Generators())
}

// Again plans the blueprint that a recorded run inferred, without what is gone from the database since.
func Again(ctx context.Context, r *plan.Resolved, db *schema.Database, o Options) (*plan.Plan, error) {
	b, err := Recorded(r)
	if err != nil {
		return nil, err
	}
	b = b.Without(func(table, column string) bool { return r.Gone(db, table, column) })
	if r.Growth != nil {
		b = b.Counted(r.Growth.Counts)
	}
	d := emptyDraft(db, &o, &Result{})
	d.given = b
	for _, spec := range b.Tables {
		if s := db.Table(spec.Name); s != nil && spec.Standing {
			d.addTable(s, true).name = spec.Name
		}
	}
	standing, err := d.standing(ctx)
	if err != nil {
		return nil, err
	}
	p, err := plan.Build(b, db, plan.Options{Seed: r.Seed, Append: r.Append, Standing: standing, Scan: rows.Scan, Prove: rows.Prove, SawTo: func(*schema.Unique) bool {
		return true // as the run that was inferred did
	}})
	if err != nil {
		return nil, err
	}
	p.Inferred, p.Growth = *r.Inferred, r.Growth
	return p, nil
}

// plan renders the draft and plans it.
func (d *draft) plan(ctx context.Context) (*plan.Plan, error) {
	d.result.Text = d.render()
	doc, err := blueprint.OpenText(FileName, d.result.Text)
	if err != nil {
		return nil, fmt.Errorf("the inferred blueprint: %w", err)
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		return nil, fmt.Errorf("the inferred blueprint: %w", err)
	}
	standing, err := d.standing(ctx)
	if err != nil {
		return nil, err
	}
	if d.given != nil {
		b = d.given.With(b)
	}
	d.result.Blueprint, d.result.Keys = b, standing
	return plan.Build(b, d.db, plan.Options{Seed: d.options.Seed, Append: d.options.AppendRun, Standing: standing, Scan: rows.Scan, Prove: rows.Prove, SawTo: d.sawTo})
}

// sawTo tells which unique indexes sample rows were held against, or rows stay out of.
func (d *draft) sawTo(u *schema.Unique) bool {
	return d.options.Oracle != nil && (len(u.Expressions) > 0 || d.given == nil)
}

// standing gives the keys of the tables whose rows stand.
func (d *draft) standing(ctx context.Context) (map[string]*column.Batch, error) {
	out := map[string]*column.Batch{}
	for _, t := range d.tables {
		if !t.standing || d.options.Oracle == nil {
			continue
		}
		b, err := d.keys(ctx, t)
		if err != nil {
			return nil, err
		}
		out[t.name] = b
	}
	return out, nil
}

// FileName is what positions call the inferred blueprint. It is no file: nobody should see it.
const FileName = "inferred.yaml"

// keys reads the cells of a standing table that others refer to, once.
func (d *draft) keys(ctx context.Context, t *table) (*column.Batch, error) {
	read := d.readOf(t)
	if len(read) == 0 { // nobody refers to it
		return &column.Batch{}, nil
	}
	if t.keys == nil {
		b, err := d.options.Oracle.Keys(ctx, t.schema, read, MostKeys)
		if err != nil {
			return nil, fmt.Errorf("%s: read the keys of its rows: %w", t.name, err)
		}
		t.keys = b
	}
	return t.keys, nil
}

// readOf gives the columns of a standing table that foreign keys refer to, or that children must not precede.
func (d *draft) readOf(t *table) []string {
	var out []string
	add := func(name string) {
		if !slices.Contains(out, name) && t.schema.Column(name) != nil {
			out = append(out, name)
		}
	}
	for _, o := range d.index.Referring(t.schema) {
		for _, fk := range o.References() {
			if d.table(fk.RefSchema, fk.RefTable) == t.schema {
				for _, c := range fk.RefColumns {
					add(c)
				}
			}
		}
	}
	if t.schema.PrimaryKey != nil {
		for _, c := range t.schema.PrimaryKey.Columns {
			add(c)
		}
	}
	if l := d.listed[t]; l != nil && len(out) > 0 {
		add(l.column)
	}
	if d.given != nil {
		if d.givenReads == nil {
			d.givenReads = plan.StandingColumns(d.given, d.db)
		}
		for _, name := range d.givenReads[t.name] {
			add(name)
		}
	}
	return out
}

// problems gives the problems of a plan that was refused, or passes another error on.
func problems(err error) (blueprint.Problems, error) {
	var ps blueprint.Problems
	if errors.As(err, &ps) {
		return ps, nil
	}
	return nil, err
}

// MostKeys bounds the rows of a standing table that serve as parents: the first ones in the order of keys.
const MostKeys = 100_000

// choicesMade lists the choices of all columns.
func (d *draft) choicesMade() (out []Choice) {
	for _, t := range d.tables {
		for _, c := range t.columns {
			if !c.written() || c.virtual || !t.filled() {
				continue
			}
			k := Choice{Table: t.name, Column: c.name, Confidence: c.confidence(), Reason: c.fills[0].chosen().Reason}
			if f := c.fills[0].chosen(); f.meant {
				d.result.Meanings = append(d.result.Meanings, remark(f))
			}
			for _, f := range uniqueFills(c.fills) {
				k.Generators = append(k.Generators, f.chosen().Generator.String())
				k.Fallback = k.Fallback || f.chosen().fallback
			}
			k.Alternatives = c.alternatives()
			out = append(out, k)
		}
	}
	return out
}

// alternatives lists what else might fill a column, without what reads columns that are not in the blueprint. Of those by
// its type alone one is enough.
func (c *col) alternatives() (out []Alternative) {
	f := c.shared()
	if f == nil {
		return nil
	}
	byType := false
	for i, k := range f.candidates {
		absent := func(o *col) bool { return o.virtual && !o.written() && k.Generator.mentions(o.name) }
		if k.Generator.equal(f.chosen().Generator) || slices.ContainsFunc(c.table.columns, absent) {
			continue
		}
		if k.fallback && byType {
			continue
		}
		byType = byType || k.fallback
		out = append(out, Alternative{Generator: k.Generator.String(), Reason: k.Reason, Confidence: k.Confidence, Failed: i < f.at})
	}
	return out
}
