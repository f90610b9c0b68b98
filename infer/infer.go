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
	TotalRows int64            // of all tables together, in place of Rows; 0: not said
	Include   []string         // globs: fill these tables alone, and the parents that they need
	Exclude   []string         // globs: leave these tables as they are
	Locale    string           // of names and addresses: "en_US" ("" too), "de_DE", "fr_FR", "es_ES", "ja_JP"
	Append    bool             // tables that hold rows get more
	AppendRun int              // number of the appended run, see plan.Options
	Own       map[string]bool  // tables whose rows a recorded run of sower made: they are filled though they hold rows
	Skip      bool             // go on without the tables that cannot be satisfied

	// Oracle is the database: it is asked its own expressions, and for the keys of rows that stand and serve as
	// parents. nil where there is none: checks that call its functions are then taken on trust, with a notice.
	Oracle sink.Oracle
}

// Result is an inferred blueprint, and what was decided on the way.
type Result struct {
	Text      []byte // the blueprint
	Blueprint *blueprint.Blueprint
	Plan      *plan.Plan
	Standing  []string // tables whose rows serve as parents
	LeftOut   []string // what is not filled, with the reason in parentheses: tables, then views and the like
	Lowered   []Lowered
	Skipped   []Skipped
	Choices   []Choice
	Notices   []string // what the user should know of all this; the plan has them too
	Completed bool     // it completes a given blueprint, whose columns are no choices
}

// Lowered is a row count that capacity did not allow.
type Lowered struct {
	Table    string
	From, To int64
	Why      string
}

// Skipped is a table that is left out, as it cannot be satisfied or needs one that cannot.
type Skipped struct {
	Table  string
	Reason string
}

// Choice is the generator of a column, and why it was chosen.
type Choice struct {
	Table, Column string
	Generators    []string // one, or one for each part of the table
	Reason        string
	Confidence    float64 // 0 to 1
	Fallback      bool    // chosen by the type alone
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
}

// Error names each table with its constraint, and the lines of a blueprint that would settle it.
func (e *Unsatisfiable) Error() string {
	var b strings.Builder
	for i, u := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: ", u.Table)
		if u.Constraint != "" {
			fmt.Fprintf(&b, "%s (%s): ", u.Constraint, u.Expression)
		}
		b.WriteString(u.Why)
		if len(u.Columns) > 0 {
			fmt.Fprintf(&b, "\n  settle it in a blueprint (sower init writes one):\n    %s:\n      columns:", key(u.Table))
			for _, c := range u.Columns {
				fmt.Fprintf(&b, "\n        %s: {pick: [...]} # values that satisfy it", key(c))
			}
		}
	}
	b.WriteString("\n--skip-unsatisfiable goes on without these tables and those that need them")
	return b.String()
}

// Infer writes a blueprint for a database, plans it and tries it: see the package's comment. The error is an
// *Unsatisfiable where tables are in the way.
func Infer(ctx context.Context, db *schema.Database, o Options) (*Result, error) {
	r := &Result{}
	d, err := newDraft(db, &o, r)
	if err != nil {
		return nil, err
	}
	for _, t := range slices.Clone(d.tables) {
		if d.byTable[t.schema] == t {
			t.declare()
		}
	}
	d.triggered()
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
	if err := d.settle(ctx); err != nil {
		return nil, err
	}
	r.Choices = d.choicesMade()
	r.tell()
	return r, nil
}

// tell adds to the notices what was decided that the user should know, and lets the plan have them all.
func (r *Result) tell() {
	var out []string
	for _, l := range r.Lowered {
		out = append(out, fmt.Sprintf("%s: %d rows instead of %d: %s", l.Table, l.To, l.From, l.Why))
	}
	for _, k := range r.Skipped {
		out = append(out, fmt.Sprintf("%s is left out: %s", k.Table, k.Reason))
	}
	if len(r.Standing) > 0 {
		out = append(out, fmt.Sprintf("%s: rows stand there: they serve as parents and stay as they are (--append adds to them)", some(r.Standing)))
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

// Again plans the blueprint that a recorded run inferred.
func Again(ctx context.Context, r *plan.Resolved, db *schema.Database, o Options) (*plan.Plan, error) {
	doc, err := blueprint.OpenText(fileName, []byte(r.Inferred.Text))
	if err != nil {
		return nil, fmt.Errorf("the recorded blueprint: %w", err)
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		return nil, fmt.Errorf("the recorded blueprint: %w", err)
	}
	d := &draft{db: db, options: &o, byTable: map[*schema.Table]*table{}, result: &Result{}}
	for _, spec := range b.Tables {
		if s := db.Table(spec.Name); s != nil && spec.Standing {
			d.addTable(s, true).name = spec.Name
		}
	}
	standing, err := d.standing(ctx)
	if err != nil {
		return nil, err
	}
	return plan.Build(b, db, plan.Options{Seed: r.Seed, Append: r.Append, Standing: standing, Scan: rows.Scan, Prove: rows.Prove})
}

// plan renders the draft and plans it.
func (d *draft) plan(ctx context.Context) (*plan.Plan, error) {
	d.result.Text = d.render()
	doc, err := blueprint.OpenText(fileName, d.result.Text)
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
	d.result.Blueprint = b
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

// fileName is what positions call the inferred blueprint.
const fileName = "inferred.yaml"

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
	for _, o := range d.db.Tables {
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
