package plan

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// Options are what a plan depends on besides blueprint and schema.
type Options struct {
	Seed   uint64
	Append int // number of the appended run; 0 for the first
	// Standing has the rows of standing tables, by the table's name in the blueprint: the columns that
	// StandingColumns names, ordered by key. Memory holds them as long as the plan, so the caller bounds their
	// number. Who resumes a run reads at least as many as before.
	Standing map[string]*column.Batch
	// Scan is rows.Scan: plan reads cells by it where references match others. It may be nil where none does.
	Scan Scan
	// Prove is rows.Prove: plan tries by it, on a sample of rows, the checks that are held by drawing again. Where
	// it is nil, a row that none satisfies is found when it is made.
	Prove Prove
	// SawTo tells of a partial unique index, or one over expressions, that the caller sees to it: plan does not look at
	// them, and gives a notice of the others.
	SawTo func(*schema.Unique) bool

	origins map[originOf]Origin // versions that a run recorded, of columns that are made by an earlier one
}

// Scan makes cells of all rows of a table, a batch at a time in their order; each gets the number of the
// first row and one Vec for each Input, valid during the call.
type Scan func(t *Table, read []Input, each func(first int64, cells []*column.Vec) error) error

// Build compiles a blueprint. db may be nil: then the blueprint's own columns are all there is. The
// error is a blueprint.Problems with everything that is wrong.
func Build(b *blueprint.Blueprint, db *schema.Database, o Options) (*Plan, error) {
	bd := newBuilder(b, db, o)
	bd.compileAll()
	for _, t := range bd.cellOrder() {
		if !t.Standing {
			bd.agree(t)
			bd.uniqueSets(t)
			bd.settle(t)
			bd.choose(t)
		}
	}
	for _, t := range bd.plan.Tables {
		if t.Schema != nil && !t.Standing && !t.Triggered {
			bd.foreignKeys(t)
		}
		bd.ranges(t)
		if !t.Standing {
			bd.guards(t)
			bd.drawTwins(t)
		}
	}
	bd.plan.sort()
	for _, t := range bd.plan.Tables {
		bd.exactReferences(t)
		bd.prove(t)
		bd.proveDerived(t)
	}
	bd.proveSets()
	bd.kept()
	bd.proveFilled()
	bd.circles()
	if len(bd.problems) > 0 {
		return nil, bd.problems.Err()
	}
	bd.built = true
	return bd.plan, nil
}

func newBuilder(b *blueprint.Blueprint, db *schema.Database, o Options) *builder {
	bd := &builder{plan: &Plan{Blueprint: b, Database: db, Seed: o.Seed, Append: o.Append, options: o}, tables: map[string]*Table{}, pools: map[string]*gen.Pool{}}
	if db != nil {
		bd.index, bd.bySchema = db.Index(), map[*schema.Table]*Table{}
	}
	return bd
}

// compileAll makes the tables and all of their columns. Problems are collected.
func (b *builder) compileAll() {
	for _, spec := range b.plan.Blueprint.Tables {
		b.addTable(spec)
	}
	b.countRows()
	for _, t := range b.plan.Tables {
		b.declare(t)
	}
	for _, t := range b.plan.Tables {
		for _, name := range b.order[t] {
			b.compile(t.byName[name], nil)
		}
	}
}

type builder struct {
	plan        *Plan
	tables      map[string]*Table
	index       *schema.Index            // of the database, where there is one
	bySchema    map[*schema.Table]*Table // the tables that are in it
	order       map[*Table][]string      // declared columns in order
	stack       []*Column                // being compiled
	part        *Part                    // of the node that is being made
	pools       map[string]*gen.Pool
	problems    blueprint.Problems
	unsure      []*Column   // that take no null, and may be null: see proveFilled
	rest        []*together // sets that are held by drawing again: see drawTwins
	matching    bool        // references match others
	built       bool        // the plan is whole
	hidden      map[hiddenKey]*Column
	classed     map[classKey]*classes
	derivedSets []*together         // that are to be proved: see proveSets
	kinships    []named             // on which columns rest: see kept
	reads       map[*Table][]string // columns of standing tables that are read, where only that is asked: see StandingColumns
}

// problemIn is a problem of a table: there is none that is of nothing.
func (b *builder) problemIn(t *Table, at blueprint.Pos, suggestion, format string, args ...any) *blueprint.Problem {
	b.problems = append(b.problems, blueprint.Problem{
		Pos: at, Message: fmt.Sprintf(format, args...), Suggestion: suggestion, Table: t.Name,
	})
	return &b.problems[len(b.problems)-1]
}

// problemOn is a problem of a column.
func (b *builder) problemOn(c *Column, at blueprint.Pos, suggestion, format string, args ...any) *blueprint.Problem {
	p := b.problemIn(c.Table, at, suggestion, format, args...)
	p.Column = c.Name
	return p
}

// about is the cause of a problem with several columns.
func about(columns []string) *blueprint.Cause { return &blueprint.Cause{Columns: columns} }

// capacity notes the most rows that fit, where an error says so.
func (b *builder) capacity(p *blueprint.Problem, c *Column, err error) {
	var full *gen.Capacity
	if !errors.As(err, &full) {
		return
	}
	p.HasMost, p.Most = true, full.Most
	if part := b.part; part != nil && len(c.Table.Parts) > 1 {
		p.Part = part.Name
	}
}

func (b *builder) notice(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(b.plan.Notices, text) {
		b.plan.Notices = append(b.plan.Notices, text)
	}
}

func (b *builder) addTable(spec *blueprint.Table) {
	t := &Table{Name: spec.Name, spec: spec, revision: &b.plan.revision, remade: &b.plan.remade, Named: map[string]int64{}, byName: map[string]*Column{}, Adopted: map[int64]bool{}}
	t.Triggered = spec.Triggered
	if t.Standing = spec.Standing; t.Standing {
		t.standing = b.plan.options.Standing[t.Name]
	}
	if b.plan.Database != nil {
		if t.Schema = b.index.Table(b.plan.Database, spec.Name); t.Schema == nil {
			t.absent = true
			text := "database %s has no table %s: create it (--create-schema makes the blueprint's own tables), or take it out of the blueprint"
			b.problemIn(t, spec.Pos, didYouMean(spec.Name, b.tableNames()), text, b.plan.Database.Name, spec.Name)
		}
		if other := b.bySchema[t.Schema]; t.Schema != nil && other != nil {
			b.problemIn(t, spec.Pos, "fill it once", "%s and %s are the same table of the database", other.Name, spec.Name)
			t.Schema, t.absent = nil, true
		} else if t.Schema != nil {
			b.bySchema[t.Schema] = t
		}
	}
	seed := rng.NewKey(b.plan.Seed, spec.Name)
	if b.plan.Append > 0 {
		seed = seed.Derive(fmt.Sprintf("append %d", b.plan.Append))
	}
	t.key = seed
	for i, f := range spec.Fixed {
		t.Named[f.Name] = int64(i)
		if f.Adopt {
			t.Adoptable = append(t.Adoptable, f.Name)
		}
	}
	b.tables[t.Name] = t
	b.plan.Tables = append(b.plan.Tables, t)
}

// mostRows is the most rows of a table: sums over several tables must not pass the largest integer.
const mostRows = math.MaxInt64 / 4

// countRows settles the parts' row counts; those of "each" parts follow their parents'.
func (b *builder) countRows() {
	counting := map[*Table]bool{}
	var count func(t *Table, from blueprint.Pos)
	count = func(t *Table, from blueprint.Pos) {
		if t.Parts != nil {
			return
		}
		if counting[t] {
			b.problemIn(t, from, "", "the row count of %s depends on itself", t.Name)
			return
		}
		counting[t] = true
		if t.Standing {
			if t.standing != nil {
				t.Rows = int64(t.standing.N)
			}
			t.Parts = []*Part{{Rows: t.Rows}}
			return
		}
		var parts []*Part
		for _, ps := range t.spec.Parts {
			p := &Part{Name: ps.Name, First: t.Rows, Rows: ps.Rows}
			if ps.Each != "" {
				parent := b.tables[ps.Each]
				if parent == nil {
					b.problemIn(t, ps.Pos, "", "%s: part %s: %v", t.Name, ps.Name, unknownTable(b, ps.Each))
				} else {
					count(parent, ps.Pos)
					p.Each = parent
					b.followParent(t, p, ps)
				}
			}
			if p.Rows < 0 || p.Rows > mostRows-t.Rows {
				b.problemIn(t, ps.Pos, "lower the row counts", "%s would have more than %d rows", t.Name, int64(mostRows))
				p.Rows = 0
			}
			t.Rows += p.Rows
			parts = append(parts, p)
		}
		if len(parts) == 0 {
			parts = []*Part{{}}
		}
		t.Parts = parts
		switch n := int64(len(t.spec.Fixed)); {
		case n <= parts[0].Rows || t.Rows == 0:
		case len(parts) > 1:
			b.problemIn(t, t.spec.Pos, fmt.Sprintf("raise the rows of %s, or put another part first", parts[0].Name),
				"%s has %s, in its first part, %s, and that has only %s", t.Name, countOf(n, "fixed row"), parts[0].Name, countOf(parts[0].Rows, "row"))
		default:
			b.problemIn(t, t.spec.Pos, "raise its row count, or take fixed rows out", "%s has %s and only %s", t.Name, countOf(n, "fixed row"), countOf(parts[0].Rows, "row"))
		}
	}
	for _, t := range b.plan.Tables {
		count(t, t.spec.Pos)
	}
}

func countOf(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// declare makes the table's columns, uncompiled: the blueprint's, and the links of its parts.
func (b *builder) declare(t *Table) {
	if b.order == nil {
		b.order = map[*Table][]string{}
	}
	if t.Standing {
		b.standing(t)
		return
	}
	for i, p := range t.Parts {
		if p.Each != nil {
			p.link = &Column{Table: t, Name: p.Name + " (row)", Kind: column.Int, Target: p.Each, state: compiled}
			for _, q := range t.Parts {
				n := &Node{Fill: nullRow{}, Local: true}
				switch {
				case q == p && p.Among != nil:
					n.Fill = gen.Members(p.Among, fmt.Sprintf("%s rows for each row of %s", eachText(t.spec.Parts[i].Counts), p.Each.Name))
				case q == p:
					n.Fill = ownRow{}
				}
				p.link.Nodes = append(p.link.Nodes, n)
			}
			t.add(p.link)
			t.dependOn(p.Each)
		}
	}
	for _, spec := range t.spec.Columns {
		t.declare(&Column{Table: t, Name: spec.Name, Spec: spec})
		b.order[t] = append(b.order[t], spec.Name)
	}
	if t.Schema != nil && !t.Triggered {
		for _, sc := range t.Schema.Columns {
			if t.byName[sc.Name] == nil && mustBeFilled(t.Schema, sc) {
				b.problemIn(t, t.spec.Pos, "name it under columns", "%s.%s takes no null, and the blueprint does not fill it", t.Name, sc.Name)
			}
		}
	}
}

// mustBeFilled tells whether the database gives a column no value that its table takes.
func mustBeFilled(t *schema.Table, c *schema.Column) bool {
	return !c.Generated && (c.NotNull && c.Default == "" && c.Identity == "" || onlyValue(t, c.Name) != nil)
}

func (t *Table) declare(c *Column) {
	t.byName[c.Name] = c
	t.add(c)
}

func (t *Table) add(c *Column) {
	c.Index = len(t.Columns)
	t.Columns = append(t.Columns, c)
}

func (t *Table) dependOn(parent *Table) {
	if parent == t {
		t.Sequential = true
	} else if !slices.Contains(t.Parents, parent) {
		t.Parents = append(t.Parents, parent)
	}
}

// choose settles which columns are written, in the table's order, and holds them against its types.
func (b *builder) choose(t *Table) {
	if t.Schema == nil {
		for _, spec := range t.spec.Columns {
			if !spec.Virtual && !spec.Optional && t.byName[spec.Name].state == compiled {
				t.Out = append(t.Out, t.byName[spec.Name])
			}
		}
		t.Key = t.guessKey()
		return
	}
	for _, spec := range t.spec.Columns {
		if !spec.Virtual && !spec.Optional && t.Schema.Column(spec.Name) == nil {
			var names []string
			for _, c := range t.Schema.Columns {
				names = append(names, c.Name)
			}
			text := fmt.Sprintf("%s has no column %s: it is left out", t.Name, spec.Name)
			if s := blueprint.Suggest(spec.Name, names); s != "" && (t.byName[s] == nil || t.byName[s].Spec != nil && t.byName[s].Spec.Added) {
				text += fmt.Sprintf(" (the table has %q, which the blueprint does not name)", s)
			}
			b.notice("%s", text)
		}
	}
	for _, sc := range t.Schema.Columns {
		c := t.byName[sc.Name]
		if c == nil || c.state != compiled {
			continue
		}
		if c.Spec.Virtual {
			if sc.NotNull && !sc.Generated && sc.Default == "" && sc.Identity == "" {
				b.problemOn(c, c.pos(), "take virtual off, or give the virtual column another name", "%s.%s is virtual, and the table has a column of that name, which takes no null", t.Name, c.Name)
			}
			continue
		}
		if sc.Generated {
			if c.Why == "" {
				b.notice("%s.%s is generated by the database: it is left to it", t.Name, c.Name)
			}
			continue
		}
		b.fit(c, sc)
		t.Out = append(t.Out, c)
	}
	if len(t.Out) == 0 && t.Rows > 0 && len(b.problems) == 0 && len(t.spec.Columns) > 0 { // without any, the database's defaults make the rows
		b.problemIn(t, t.spec.Pos, "name one that the table has", "the plan fills no column of %s", t.Name)
	}
	keys := t.Schema.Uniques
	if t.Schema.PrimaryKey != nil {
		keys = append([]*schema.Unique{t.Schema.PrimaryKey}, keys...)
	}
	for _, u := range keys {
		if len(u.Columns) != 1 || u.Where != "" {
			continue
		}
		if c := t.byName[u.Columns[0]]; c != nil && slices.Contains(t.Out, c) && (u.Primary || t.Schema.Column(c.Name).NotNull) {
			t.Key = c
			return
		}
	}
}

// guessKey takes the likely key of a table without a schema, where its cells are distinct.
func (t *Table) guessKey() *Column {
	if c := t.byName[t.likelyKey()]; c != nil && c.Unique && c.null() == "" && slices.Contains(t.Out, c) {
		return c
	}
	return nil
}

func (c *Column) allNull() bool {
	if c.Link != nil && !slices.ContainsFunc(c.Link.Nodes, func(n *Node) bool { return !isNullRow(n) }) {
		return true
	}
	for _, n := range c.Nodes {
		if !gen.AlwaysNull(n.Fill) {
			return false
		}
	}
	return true
}

// empty tells whether the column has no value in any row, fixed ones included.
func (c *Column) empty() bool {
	for _, cell := range c.fixed {
		if !cell.Null(0) {
			return false
		}
	}
	return c.allNull()
}

func isNullRow(n *Node) bool {
	_, ok := n.Fill.(nullRow)
	return ok || gen.AlwaysNull(n.Fill)
}

func (c *Column) pos() blueprint.Pos {
	if c.Spec != nil {
		return c.Spec.Pos
	}
	return c.Table.spec.Pos
}

// tableOf finds the plan's table of a schema's table.
func (b *builder) tableOf(schemaName, name string) *Table {
	if s := b.index.Find(schemaName, name); s != nil {
		return b.bySchema[s]
	}
	return nil
}
