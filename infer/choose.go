package infer

import (
	"fmt"
	"path"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/schema"
)

// choose takes the tables to fill: all that people may write, or those that Include names with the parents
// that they need, without those that Exclude names. Partitions are filled through their parent. A table that
// holds rows which are not this run's is a parent of others, unless it is asked for.
func (d *draft) choose() error {
	wanted := map[*schema.Table]bool{}
	for _, pattern := range slices.Concat(d.options.Include, d.options.Exclude) {
		if !slices.ContainsFunc(d.db.Tables, func(t *schema.Table) bool { return d.matches(t, pattern) }) {
			return d.unknownTable(pattern)
		}
	}
	for name := range d.options.TableRows {
		if d.db.Table(name) == nil {
			return d.unknownTable(name)
		}
	}
	for _, t := range d.db.Tables {
		switch {
		case d.excluded(t):
			d.result.LeftOut = append(d.result.LeftOut, d.db.Qualified(t)+" (excluded)")
		case len(d.options.Include) > 0 && !d.named(t):
		case t.Partition != nil && !d.named(t):
		case !t.CanInsert && d.db.Dialect == "postgres":
			d.result.LeftOut = append(d.result.LeftOut, d.db.Qualified(t)+" (this role may not insert into it)")
		case t.Refused != "":
			d.result.LeftOut = append(d.result.LeftOut, d.db.Qualified(t)+" ("+t.Refused+")")
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
				p := d.table(fk.RefSchema, fk.RefTable)
				if p != nil && !wanted[p] && (d.hasRows(p) || !d.excluded(p) && p.Partition == nil && p.CanInsert && p.Refused == "") {
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
	for _, t := range d.tables {
		if t.standing {
			d.result.Standing = append(d.result.Standing, t.name)
		}
	}
	return nil
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
	if d.options.Own[d.db.Qualified(t)] {
		return false
	}
	return d.hasRows(t) && !(d.options.Append && !d.excluded(t)) && !d.named(t) || d.excluded(t)
}

func (d *draft) hasRows(t *schema.Table) bool { return t.HasRows }

// defaultRows is the number of rows of a table where nobody says it.
const defaultRows = 100

// count settles row counts before capacities are known.
func (d *draft) count() {
	for _, t := range d.tables {
		switch n, ok := d.options.TableRows[t.name]; {
		case t.standing:
		case ok:
			t.rows = n
		case d.options.TotalRows > 0: // shared out below
		case d.options.Rows != nil:
			t.rows = *d.options.Rows
		default:
			t.rows = defaultRows
		}
	}
	if d.options.TotalRows > 0 {
		d.shareOut()
	}
}

// shareOut divides the total number of rows: a table has about three times the rows of its parents, so that
// parents have children, within bounds. What tables have by name is taken off before.
func (d *draft) shareOut() {
	left := d.options.TotalRows
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
	for _, t := range d.tables {
		if w := weight[t]; w > 0 {
			t.rows = max(max(left, 0)/sum*w+max(left, 0)%sum*w/sum, 1)
		}
	}
}
