package plan

import (
	"slices"

	"github.com/sowerdata/sower/schema"
)

// Triggers that fire at commit may want rows that came after the one they fire for, in the same transaction: an entry has two
// postings, the postings of an entry come to nothing. Such rows are loaded as one transaction.

// awaits tells whether a trigger of the table that fires at commit looks at rows of another one, or of the table itself; or
// deletes the row unless rows of the other table keep it.
func (t *Table) awaits(o *Table) bool {
	if t.Schema == nil || o.Schema == nil || t.Standing || o.Standing || t.Rows == 0 || o.Rows == 0 {
		return false
	}
	return slices.ContainsFunc(t.Schema.Triggers, func(g *schema.Trigger) bool { return g.Awaits(t.Schema, o.Schema) })
}

// awaited gives, for each table, those whose rows its triggers look at when they fire at commit, where these come later: they
// refer to the table, by whatever way.
func (p *Plan) awaited() map[*Table][]*Table {
	var out map[*Table][]*Table
	for _, t := range p.Tables {
		if t.Schema == nil || !slices.ContainsFunc(t.Schema.Triggers, func(g *schema.Trigger) bool { return g.AtCommit() }) {
			continue
		}
		for _, o := range p.Tables {
			if o != t && t.awaits(o) && o.leadsTo(t, map[*Table]bool{}) {
				if out == nil {
					out = map[*Table][]*Table{}
				}
				out[t] = append(out[t], o)
			}
		}
	}
	return out
}

// leadsTo tells whether a table's parents, or theirs, are another one.
func (t *Table) leadsTo(to *Table, seen map[*Table]bool) bool {
	seen[t] = true
	return slices.ContainsFunc(t.Parents, func(p *Table) bool { return p == to || !seen[p] && p.leadsTo(to, seen) })
}

// AtOnce tells whether the tables of a unit have to be loaded as one transaction: a trigger that fires at commit looks at rows
// of one of them that may come later than the row it fires for.
func AtOnce(unit []*Table) bool {
	return slices.ContainsFunc(unit, func(t *Table) bool { return slices.ContainsFunc(unit, t.awaits) })
}
