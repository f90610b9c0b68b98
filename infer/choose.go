package infer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
)

// choose takes the tables to fill: all that people may write, or those that Include names with the parents
// that they need, without those that Exclude names. Partitions are filled through their parent. A table that
// holds rows which are not this run's is a parent of others, unless it is asked for.
func (d *draft) choose(ctx context.Context) error {
	wanted := map[*schema.Table]bool{}
	d.closed = map[*schema.Table]string{}
	for _, t := range d.db.Tables {
		if why := d.closedFor(t); why != "" {
			d.closed[t] = why
		}
	}
	if err := d.asked(); err != nil {
		return err
	}
	if err := d.besides(ctx); err != nil {
		return err
	}
	for _, t := range d.db.Tables {
		switch {
		case d.excluded(t):
			d.result.LeftOut = append(d.result.LeftOut, d.db.Qualified(t)+" (excluded)")
		case len(d.options.Include) > 0 && !d.named(t):
		case t.Partition != nil && !d.named(t):
		case !d.hasPlace(t):
			d.result.Skipped = append(d.result.Skipped, plan.LeftOut{Table: d.db.Qualified(t), Reason: d.closed[t]})
		case d.closed[t] != "":
			d.result.LeftOut = append(d.result.LeftOut, d.db.Qualified(t)+" ("+d.closed[t]+")")
		default:
			wanted[t] = true
		}
	}
	slices.Sort(d.result.LeftOut)
	d.result.LeftOut = append(d.result.LeftOut, d.db.LeftOut...)
	// parents come along; those that may not be filled stand, if they have rows
	for again := true; again; {
		again = false
		for _, t := range d.db.Tables {
			if !wanted[t] || d.stands(t) {
				continue
			}
			for _, fk := range t.References() {
				p := d.parentOf(fk, wanted)
				if p != nil && !wanted[p] && (d.hasRows(p) || !d.excluded(p) && p.Partition == nil && d.closed[p] == "") {
					wanted[p], again = true, true
				}
			}
		}
	}
	for _, t := range d.db.Tables {
		if wanted[t] {
			d.addTable(t, d.stands(t))
		}
	}
	d.sortTables()
	if err := d.countExclusive(ctx); err != nil {
		return err
	}
	for _, t := range d.tables {
		if t.standing {
			d.result.Standing = append(d.result.Standing, t.name)
		}
		if n := d.beside[t.schema]; n > 0 {
			d.result.Beside = append(d.result.Beside, fmt.Sprintf("%s (%d)", t.name, n))
		}
	}
	if len(d.result.Standing) == len(d.tables) && !d.options.MayBeEmpty {
		return d.nothing()
	}
	return nil
}

// closedFor says why a table takes no rows; "" where nothing speaks against it.
func (d *draft) closedFor(t *schema.Table) string {
	if d.options.CreatePartitions {
		return d.db.Barred(t)
	}
	return d.db.Closed(t)
}

// hasPlace tells whether rows of a table have somewhere to be, or will have.
func (d *draft) hasPlace(t *schema.Table) bool { return d.options.CreatePartitions || d.db.HasPlace(t) }

// asked is an error where an option names a table that is not there, or that cannot be filled: no option is passed over
// in silence.
func (d *draft) asked() error {
	for _, pattern := range d.options.Exclude {
		if !slices.ContainsFunc(d.db.Tables, func(t *schema.Table) bool { return d.matches(t, pattern) }) {
			return d.unknownTable(pattern)
		}
	}
	for _, pattern := range d.options.Include {
		if err := d.fillable("--include "+pattern, pattern); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.options.TableRows)) {
		if d.db.Table(name) == nil {
			return d.unknownTable(name)
		}
		if d.options.TableRows[name] == 0 {
			continue
		}
		if err := d.fillable(fmt.Sprintf("--rows %s=%d", name, d.options.TableRows[name]), name); err != nil {
			return err
		}
	}
	return nil
}

// fillable is an error where none of the tables that an option names can be filled.
func (d *draft) fillable(option, pattern string) error {
	why := ""
	for _, t := range d.db.Tables {
		switch {
		case !d.matches(t, pattern):
		case d.excluded(t):
			why = d.db.Qualified(t) + " is excluded by --exclude"
		case d.closed[t] != "":
			why = d.db.Qualified(t) + " is left alone (" + d.closed[t] + ")"
		default:
			return nil
		}
	}
	if why == "" {
		return d.unknownTable(pattern)
	}
	return fmt.Errorf("%s cannot be: %s", option, why)
}

// nothing says why no table is to be filled.
func (d *draft) nothing() error {
	var why []string
	if len(d.result.Standing) > 0 {
		why = append(why, fmt.Sprintf("rows are there already in %s (--append adds rows beside them, --include TABLE to one table)", some(d.result.Standing)))
	}
	for _, s := range d.result.Skipped {
		why = append(why, s.Table+" is left out: "+s.Reason)
	}
	if len(d.result.LeftOut) > 0 {
		why = append(why, "left alone: "+some(d.result.LeftOut))
	}
	if len(why) == 0 {
		why = append(why, "it has no tables: create the schema first")
	}
	return fmt.Errorf("%w in the database %s: %s", plan.ErrNothing, d.db.Name, strings.Join(why, "; "))
}

func (d *draft) unknownTable(name string) error {
	var names []string
	for _, t := range d.db.Tables {
		names = append(names, d.db.Qualified(t))
	}
	if s := blueprint.Suggest(name, names); s != "" {
		return fmt.Errorf("database %s has no table %q: did you mean %q?", d.db.Name, name, s)
	}
	return fmt.Errorf("database %s has no table %q", d.db.Name, name)
}

// named tells whether the user asked for the table by name.
func (d *draft) named(t *schema.Table) bool {
	if _, ok := d.options.TableRows[d.db.Qualified(t)]; ok {
		return true
	}
	return slices.ContainsFunc(d.options.Include, func(p string) bool { return d.matches(t, p) })
}

func (d *draft) excluded(t *schema.Table) bool {
	return slices.ContainsFunc(d.options.Exclude, func(p string) bool { return d.matches(t, p) })
}

// matches tells whether a glob names a table, with its schema or without.
func (d *draft) matches(t *schema.Table, pattern string) bool {
	for _, name := range []string{d.db.Qualified(t), t.Name, t.Schema + "." + t.Name} {
		if ok, err := path.Match(pattern, name); ok && err == nil || pattern == name {
			return true
		}
	}
	return false
}

// stands tells whether a table's rows are parents for others and stay as they are.
func (d *draft) stands(t *schema.Table) bool {
	switch {
	case d.excluded(t) || d.closed[t] != "":
		return true
	case d.named(t) || !d.hasRows(t) || d.beside[t] > 0:
		return false
	case len(d.options.Include) > 0: // it is there since others refer to it
		return true
	}
	return !d.options.Own[d.db.Qualified(t)] && !d.options.Append
}

func (d *draft) hasRows(t *schema.Table) bool { return t.HasRows }

// The numbers of rows of a table where nobody says them.
const (
	defaultRows = 100
	lookupRows  = 10  // with ByRole: of lists of kinds, states, roles, countries
	joinRows    = 300 // with ByRole: of tables that say which rows of others belong together
)

// rowsOf is the number of rows of a table that a blueprint gets besides.
func (d *draft) rowsOf(name string) int64 {
	switch n, ok := d.options.TableRows[name]; {
	case ok:
		return n
	case d.options.Rows != nil:
		return *d.options.Rows
	}
	return defaultRows
}

// count settles row counts before capacities are known.
func (d *draft) count() {
	for _, t := range d.tables {
		switch n, ok := d.options.TableRows[t.name]; {
		case t.standing:
		case ok:
			t.rows = n
		case d.options.TotalRows != nil: // shared out below
		case d.options.Rows != nil:
			t.rows = *d.options.Rows
		case d.options.ByRole:
			t.rows = t.scaledRows()
		default:
			t.rows = defaultRows
		}
	}
	if d.options.TotalRows != nil {
		d.shareOut()
	}
}

// shareOut divides the total number of rows: a table has about three times the rows of its parents, so that
// parents have children, within bounds. What tables have by name is taken off before.
func (d *draft) shareOut() {
	left := *d.options.TotalRows
	weight := map[*table]int64{}
	depth := map[*table]int{}
	var visit func(t *table, path []*table) int
	visit = func(t *table, path []*table) int {
		if n, ok := depth[t]; ok {
			return n
		}
		if slices.Contains(path, t) {
			return 0
		}
		deepest := 0
		for _, fk := range t.foreignKeys() {
			p := d.byTable[d.table(fk.RefSchema, fk.RefTable)]
			if p != nil && p != t && !p.standing {
				deepest = max(deepest, visit(p, append(path, t))+1)
			}
		}
		depth[t] = deepest
		return deepest
	}
	sum := int64(0)
	for _, t := range d.tables {
		if n, named := d.options.TableRows[t.name]; named || t.standing {
			left -= n
			continue
		}
		weight[t] = 1
		for range min(visit(t, nil), 4) {
			weight[t] *= 3
		}
		sum += weight[t]
	}
	// Each has at least one row, as long as there are some; parents come first.
	left = max(left, 0)
	order := slices.SortedStableFunc(maps.Keys(weight), func(a, b *table) int {
		return cmp.Or(cmp.Compare(depth[a], depth[b]), cmp.Compare(a.name, b.name))
	})
	rest := left
	for i, t := range order {
		w := weight[t]
		after := int64(len(order) - i - 1)
		t.rows = min(max(left/sum*w+left%sum*w/sum, 1), max(rest-after, min(rest, 1)))
		rest -= t.rows
	}
}
