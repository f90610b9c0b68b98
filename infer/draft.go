package infer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
)

// draft is a blueprint in the making: it is rendered, planned, tried and mended until it holds.
type draft struct {
	db         *schema.Database
	options    *Options
	index      *schema.Index // of db
	tables     []*table      // those to fill and the standing ones, by name
	byTable    map[*schema.Table]*table
	carriers   []*table // with foreign keys of rows that their triggers make
	result     *Result
	given      *blueprint.Blueprint // completed by the draft; nil where there is none
	givenReads map[string][]string  // columns of standing tables that it reads
	programs   map[*schema.Check]compiled
	trees      map[string]parsed // expressions of the schema: see table.parse
	steadies   map[string]bool   // generators: see steady
	conditions map[string]*schema.Check
	checked    bool                     // nothing speaks against writing these rows
	closed     map[*schema.Table]string // why tables take no rows, whatever is asked for
	beside     map[*schema.Table]int64  // rows that stand in tables which are filled beside them
	reads      map[*table]*meaning.Table
	listed     map[*table]*catalog                       // tables that list what others choose from
	acyclic    map[[2]*table]bool                        // what table.acyclic found, for the tables that there are
	related    bool                                      // rows know those that refer to them: see kin
	rooted     map[*schema.ForeignKey]*schema.ForeignKey // of keys to partitions: see toRoot
	within     map[*schema.ForeignKey]*schema.Table      // of what these are, the partition
}

// guard is a check that is held by drawing columns again.
type guard struct {
	check  string
	redraw []string
	parts  []string // whose rows are held to it; nil for all
}

// table is one table of the draft.
type table struct {
	draft     *draft
	schema    *schema.Table
	name      string
	words     []string // of its name in the schema, once somebody asked: see owner
	rows      int64
	standing  bool
	branches  []branch // at least one
	columns   []*col
	byName    map[string]*col
	unique    []uniqueSet
	made      []made               // triggers make its rows, one for each row of these tables
	asks      []ask                // what triggers want of the rows that its rows refer to
	carried   []*schema.ForeignKey // of the rows that its triggers make, in its own columns
	wanted    []*check.Check       // what these rows ask of its rows
	distinct  []uniqueSet          // columns that are distinct for uniques of these rows
	denied    []*schema.Unique     // partial uniques whose predicate no row may satisfy: there is no room for distinct values
	admitted  []*schema.Unique     // partial uniques that rows cannot be kept out of
	tight     []*schema.Unique     // over expressions, of which some columns are distinct by themselves
	trusted   map[string]bool      // checks that the columns satisfy by construction
	guards    []guard              // checks that are held by drawing again
	stateless bool                 // no part of it is there for a state
	undivided bool                 // its rows fall into partitions as they may
	spared    bool                 // some of their columns are not drawn again, as they are distinct with others
	tree      string               // the reference to the table itself that is null in some ways to satisfy the checks alone
	clashed   []*schema.Unique     // over expressions whose values were the same in sample rows
	unclassed []*schema.Unique     // over expressions whose values cannot be numbered
	unpaired  bool                 // no two columns of it are drawn as a pair
	unspared  bool                 // they are, since drawing the others again is not enough
	all       []branch             // all ways, where only some are kept
	tries     int                  // of ways that were tried by themselves
	opened    []*schema.Unique     // see uniques
	trial     *trial               // what its triggers take
	mends     int                  // how often something was changed in it
	kept      []branch             // the ways that are left of those to satisfy its checks
	merged    int                  // one way stands for all (1), or that was of no use (2)
	before    []branch             // kept, before that
	never     *Unsatisfied         // why it can have no rows
	spec      *blueprint.Table     // what a given blueprint says of it
	keys      *column.Batch        // of a standing table: what others refer to
	stood     *int64               // rows that stand beside those that it gets; nil where nobody counted them
	unmeant   map[string]bool      // columns whose meaning had to give way
	succeeds  *succession          // what its triggers want of a row and the one before it; nil for nothing
	adjacent  string               // the reference whose parents have their rows one after another; "" for none
	asked     map[string]int64     // references whose parents ask for these rows: how many each has at least
	held      []end                // what triggers want of cells beside those of a parent
	accordant []accord             // what they want of cells of rows that it refers to
	balance   *balance             // what the rows of one parent come to; nil for nothing
}

// uniqueSet are columns that are distinct together for a unique index that plan does not read as such:
// partial ones, and those over expressions.
type uniqueSet struct {
	columns []string
	index   *schema.Unique
	pair    *twosome // two of the columns; nil for none
	classes bool     // by the values of the index's expressions
	within  []bool   // the ways to satisfy the checks that it is about; nil for all
}

// branch is one way in which a row satisfies the table's checks. The rows of a branch are a part of the
// table.
type branch struct {
	check.Case
	part    string // its name; "" where it is the only one
	rows    int64
	each    *table             // it has at most one row for each row of this table; nil otherwise
	key     *schema.ForeignKey // that leads there: see state
	pair    *pairing           // that leads there, in place of a key
	one     bool               // it has a single row: see state
	index   *schema.Unique     // that holds the rows of this state
	share   float64            // of the table's rows that are in a state, over a key
	inside  *schema.Table      // the partition, among those that keys refer to, that its rows are in
	few     bool               // of DEFAULT partitions: it has few rows, unless the others have no room
	first   *int64             // as many of the first rows as are of this way; nil where it is one among others
	most    *int64             // as many rows as it holds at most; nil where that is not known
	divided bool               // it stands for several ways, which a given blueprint does not tell apart
}

// col is one column of the draft.
type col struct {
	table     *table
	schema    *schema.Column // nil for a virtual one
	name      string
	fills     []*fill // one for each branch; the same pointer where branches do not differ
	nulls     float64 // share of nulls where the fill does not say
	unique    bool
	notBefore []string
	virtual   bool
	helps     bool       // it is there for what others mean, and is left out with that
	reference *reference // the foreign key that fills it, and its place in it
	drawn     bool       // it is picked from texts that its checks take
	given     bool       // the blueprint fills it
	slot      bool       // a stretch of its own, for an exclusion constraint
	filled    bool       // a branch wants it without nulls
	follows   bool       // its first candidate follows another column
	after     *col       // the column that it follows
	spans     bool       // by as much as checks ask
	widest    *widest    // of its candidates that were too few
	reads     []string   // columns that its meaning reads
	plain     *plainly   // what it was without its meaning; nil where it has none
	names     []string   // of a hidden column: its only values
	inverted  *inverted  // its parents know the rows that refer to them; nil where they need not
}

// widest are those candidates of a column that gave the most distinct values, though too few.
type widest struct {
	at   []int // of each of its fills
	most int64
	part string
	why  string
}

// fill is what fills a column in a branch: candidates, of which the one at At is taken.
type fill struct {
	candidates []Candidate
	at         int
}

// Candidate is a generator that may fill a column.
type Candidate struct {
	Generator  yaml
	Reason     string
	Confidence float64 // 0 to 1: how sure it is that this is what the column means
	exact      bool    // satisfies what its column's checks ask by construction
	fallback   bool    // chosen by type alone
	copies     bool    // follows other cells: it cannot be drawn again by itself
	dates      bool    // numbers that tell a time: years, seconds since 1970
	meant      bool    // of what the column means: it gives way before others
}

func (f *fill) chosen() *Candidate { return &f.candidates[f.at] }

// demote takes the next candidate; false where there is none.
func (f *fill) demote() bool {
	if f.at+1 >= len(f.candidates) {
		return false
	}
	f.at++
	return true
}

// add appends a candidate, but not one that stands.
func (f *fill) add(c Candidate) {
	if !slices.ContainsFunc(f.candidates, func(o Candidate) bool { return o.Generator.equal(c.Generator) }) {
		f.candidates = append(f.candidates, c)
	}
}

// shared gives the fill of all branches, or nil where they differ.
func (c *col) shared() *fill {
	for _, f := range c.fills {
		if f != c.fills[0] {
			return nil
		}
	}
	return c.fills[0]
}

// nullable tells whether the database takes a null in the column.
func (c *col) nullable() bool { return c.virtual || !c.schema.NotNull }

// single finds the unique over the column alone, or nil.
func (t *table) single(name string) *schema.Unique {
	for _, u := range t.schema.Uniques {
		if len(u.Columns) == 1 && u.Columns[0] == name && u.Where == "" {
			return u
		}
	}
	return nil
}

// columnsOf gives the columns that a check reads and that may get another candidate: in the place of generated ones
// those that they are computed from.
func (t *table) columnsOf(names []string) []*col {
	var out []*col
	for _, n := range names {
		written := []string{n}
		if t.byName[n] == nil {
			written = check.Written(t.schema, n, check.OptionsOf(t.draft.db, lastMoment))
		}
		for _, n := range written {
			if c := t.byName[n]; c != nil && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// newDraft chooses the tables and their row counts.
func newDraft(ctx context.Context, db *schema.Database, o *Options, r *Result) (*draft, error) {
	d := emptyDraft(db, o, r)
	if err := d.choose(ctx); err != nil {
		return nil, err
	}
	d.count()
	return d, nil
}

// emptyDraft makes a draft without tables.
func emptyDraft(db *schema.Database, o *Options, r *Result) *draft {
	return &draft{db: db, options: o, index: db.Index(), byTable: map[*schema.Table]*table{}, result: r}
}

func (d *draft) addTable(s *schema.Table, standing bool) *table {
	t := &table{draft: d, schema: s, name: d.db.Qualified(s), standing: standing, byName: map[string]*col{}, trusted: map[string]bool{}}
	d.tables = append(d.tables, t)
	d.byTable[s], d.acyclic = t, nil
	return t
}

// drop leaves a table out, and those that cannot do without it.
func (d *draft) drop(t *table, why string) {
	d.result.Skipped = append(d.result.Skipped, plan.LeftOut{Table: t.name, Reason: why})
	d.take(t, func(fk *schema.ForeignKey) string { return fmt.Sprintf("it needs rows of %s (%s)", t.name, fk.Name) })
}

// take removes a table from the draft, and drops those that cannot do without it, for a reason that hangs on their key.
func (d *draft) take(t *table, why func(*schema.ForeignKey) string) {
	delete(d.byTable, t.schema)
	d.acyclic = nil
	d.tables = slices.DeleteFunc(d.tables, func(o *table) bool { return o == t })
	for _, o := range slices.Clone(d.tables) { // rows that its triggers would make
		if n := len(o.made); d.byTable[o.schema] == o && n > 0 {
			if o.made = slices.DeleteFunc(slices.Clone(o.made), func(m made) bool { return m.of == t }); n > 0 && len(o.made) == 0 {
				o.restart()
			}
		}
	}
	for _, o := range slices.Clone(d.tables) {
		if d.byTable[o.schema] != o || o.standing {
			continue
		}
		for _, fk := range o.foreignKeys() {
			if d.root(d.table(fk.RefSchema, fk.RefTable)) == t.schema && !o.mayBeNull(fk) {
				d.drop(o, why(fk))
				break
			}
		}
	}
}

// mayBeNull tells whether a foreign key holds with a null.
func (t *table) mayBeNull(fk *schema.ForeignKey) bool {
	for _, name := range fk.Columns {
		if c := t.schema.Column(name); c != nil && !c.NotNull {
			return true
		}
	}
	return false
}

// table finds a table of the database by its schema and name.
func (d *draft) table(namespace, name string) *schema.Table {
	return d.index.Find(namespace, name)
}

// referring gives the tables of the draft with a foreign key to a table, in no order: its own keys, or those that it
// carries.
func (d *draft) referring(to *schema.Table) (out []*table) {
	for _, at := range append(d.below(to), to) {
		for _, s := range d.index.Referring(at) {
			if t := d.byTable[s]; t != nil && !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	for _, t := range d.carriers {
		if d.byTable[t.schema] == t && !slices.Contains(out, t) &&
			slices.ContainsFunc(t.carried, func(fk *schema.ForeignKey) bool { return d.table(fk.RefSchema, fk.RefTable) == to }) {
			out = append(out, t)
		}
	}
	return out
}

// sortTables orders the draft by name, so that nothing depends on the order of the catalog.
func (d *draft) sortTables() {
	slices.SortFunc(d.tables, func(a, b *table) int { return cmp.Compare(a.name, b.name) })
}

// partName makes a name for a branch that no column has.
func (t *table) partName(base string, taken map[string]bool) string {
	base = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return '_'
	}, base)
	if base == "" {
		base = "rows"
	}
	if base[0] >= '0' && base[0] <= '9' {
		base = "rows_" + base
	}
	name := base
	for i := 2; taken[name] || t.schema.Column(name) != nil; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	taken[name] = true
	return name
}

func (d *draft) notice(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(d.result.Notices, text) {
		d.result.Notices = append(d.result.Notices, text)
	}
}

// parsed is an expression of the schema, as a tree.
type parsed struct {
	tree check.Expr
	err  error
}

// parse reads an expression of the table's database, each once.
func (t *table) parse(text string) (check.Expr, error) {
	d := t.draft
	p, ok := d.trees[text]
	if !ok {
		p.tree, p.err = check.Parse(text, d.db.Dialect == "sqlite")
		if d.trees == nil {
			d.trees = map[string]parsed{}
		}
		d.trees[text] = p
	}
	return p.tree, p.err
}
