package infer

import (
	"slices"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// A foreign key may refer to one partition of a table. It is then a reference to that table, which picks rows of the partition
// alone: a hidden column of the parent says whether a row is in there, and the row that refers matches it.

// root gives the table that a partition belongs to in the end.
func (d *draft) root(t *schema.Table) *schema.Table {
	for t != nil && t.Partition != nil {
		up := d.table(t.Partition.ParentSchema, t.Partition.ParentTable)
		if up == nil {
			break
		}
		t = up
	}
	return t
}

// below gives the partitions of a table, at all levels.
func (d *draft) below(t *schema.Table) (out []*schema.Table) {
	for _, p := range d.index.Partitions(t) {
		out = append(append(out, p), d.below(p)...)
	}
	return out
}

// hashed tells whether a partition, or one that it belongs to, takes its rows by hash: nobody but the server tells which.
func (d *draft) hashed(p *schema.Table) bool {
	for p != nil && p.Partition != nil {
		if p.Partition.Strategy == "hash" {
			return true
		}
		p = d.table(p.Partition.ParentSchema, p.Partition.ParentTable)
	}
	return false
}

// isReferred tells whether a foreign key of a table that is filled refers to a partition.
func (d *draft) isReferred(p *schema.Table) bool {
	return d.byTable[p] == nil && slices.ContainsFunc(d.index.Referring(p), func(s *schema.Table) bool {
		t := d.byTable[s]
		return t != nil && !t.standing
	})
}

// referred gives the partitions of a table that foreign keys refer to.
func (d *draft) referred(t *schema.Table) (out []*schema.Table) {
	for _, p := range d.below(t) {
		if d.isReferred(p) {
			out = append(out, p)
		}
	}
	return out
}

// toRoot gives a key to a partition of a table that is filled as one to that table; others as they are.
func (d *draft) toRoot(fk *schema.ForeignKey) *schema.ForeignKey {
	p := d.table(fk.RefSchema, fk.RefTable)
	if p == nil || p.Partition == nil || d.byTable[p] != nil || d.hashed(p) {
		return fk
	}
	r := d.root(p)
	if t := d.byTable[r]; t == nil || t.standing {
		return fk
	}
	if d.rooted[fk] == nil {
		if d.rooted == nil {
			d.rooted, d.within = map[*schema.ForeignKey]*schema.ForeignKey{}, map[*schema.ForeignKey]*schema.Table{}
		}
		k := *fk
		k.RefSchema, k.RefTable = r.Schema, r.Name
		d.rooted[fk], d.within[&k] = &k, p
	}
	return d.rooted[fk]
}

// parentOf gives the table that a key needs rows of: for a partition the one that it belongs to, unless rows stand in the
// partition and are not added to.
func (d *draft) parentOf(fk *schema.ForeignKey, wanted map[*schema.Table]bool) *schema.Table {
	p := d.table(fk.RefSchema, fk.RefTable)
	if p == nil || p.Partition == nil || wanted[p] || d.hashed(p) {
		return p
	}
	if r := d.root(p); wanted[r] && !d.stands(r) || !wanted[r] && !d.hasRows(p) {
		return r
	}
	return p
}

// inName is the name of the hidden column that says whether a row is in a partition.
func (d *draft) inName(p *schema.Table) string { return "in " + d.db.Qualified(p) }

// tell adds the hidden columns that say in which partition, among those that keys refer to, a row is.
func (t *table) tell() {
	if t.spec != nil || t.draft.leavesOf(t.schema).open {
		return
	}
	for _, p := range t.draft.referred(t.schema) {
		if t.draft.hashed(p) {
			continue
		}
		c := &col{table: t, name: t.draft.inName(p), virtual: true}
		var is, not *fill
		for i := range t.branches {
			f, value := &not, false
			if t.draft.contains(p, t.branches[i].inside) {
				f, value = &is, true
			}
			if *f == nil {
				*f = &fill{candidates: []Candidate{{Generator: short("constant", value), Reason: "keys refer to rows of " + p.Name, Confidence: 1, exact: true}}}
			}
			c.fills = append(c.fills, *f)
		}
		if one := c.shared(); one != nil {
			c.fills = []*fill{one}
		}
		t.columns = append(t.columns, c)
		t.byName[c.name] = c
	}
}

// contains tells whether a partition is another one, or that belongs to it.
func (d *draft) contains(p, other *schema.Table) bool {
	for other != nil && other != p {
		if other.Partition == nil {
			return false
		}
		other = d.table(other.Partition.ParentSchema, other.Partition.ParentTable)
	}
	return other != nil
}

// inPartition lets a key to a partition match its rows alone.
func (t *table) inPartition(fk *schema.ForeignKey, settled map[string]string) {
	p := t.draft.within[fk]
	if p == nil || t.draft.byTable[t.draft.root(p)].byName[t.draft.inName(p)] == nil {
		return
	}
	name := fk.Name + " partition"
	if t.byName[name] == nil {
		c := &col{table: t, name: name, virtual: true}
		c.settle(Candidate{Generator: short("constant", true), Reason: fk.Name + " refers to rows of " + p.Name, Confidence: 1, exact: true}, nil)
		t.byName[name] = c
		t.columns = append(t.columns, c)
	}
	settled[t.draft.inName(p)] = name
}

// matching gives what a reference matches: columns that are settled, in the order of the key.
func matching(fk *schema.ForeignKey, settled map[string]string) yaml {
	var pairs []any
	for _, ref := range fk.RefColumns {
		if own, ok := settled[ref]; ok {
			pairs = append(pairs, ref, own)
		}
	}
	for ref, own := range settled {
		if !slices.Contains(fk.RefColumns, ref) { // one at most
			pairs = append(pairs, ref, own)
		}
	}
	return mapping(pairs...)
}

// ofPartitions gives the uniques that partitions have of their own. Rows of the table keep them whichever partition they fall into.
func (t *table) ofPartitions() (out []uniqueSet) {
	for _, u := range t.schema.KeysBelow {
		columns := u.Columns
		if len(columns) == 0 {
			columns = t.ofExpressions(u)
		}
		same := func(o []string) bool {
			return len(o) == len(columns) && !slices.ContainsFunc(o, func(n string) bool { return !slices.Contains(columns, n) })
		}
		if len(columns) == 0 || slices.ContainsFunc(columns, func(n string) bool { return t.byName[n] == nil || t.byName[n].kind() == column.JSON }) ||
			slices.ContainsFunc(t.schema.Uniques, func(o *schema.Unique) bool { return o.Where == "" && same(o.Columns) }) ||
			slices.ContainsFunc(out, func(o uniqueSet) bool { return same(o.columns) }) {
			continue
		}
		out = append(out, uniqueSet{columns: columns})
	}
	return out
}
