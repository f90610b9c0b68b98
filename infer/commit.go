package infer

import (
	"slices"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
)

// awaited gives the tables of a plan whose rows triggers of a table look at when they fire at commit, itself perhaps among
// them; false where they have more rows than are rehearsed, so that the load alone can tell.
func (d *draft) awaited(p *plan.Plan, t *table) (out []*plan.Table, few bool) {
	few = true
	for _, o := range p.Tables {
		if o.Schema == nil || o.Standing || !slices.ContainsFunc(t.schema.Triggers, func(g *schema.Trigger) bool { return g.Awaits(t.schema, o.Schema) }) {
			continue
		}
		out, few = append(out, o), few && o.Rows <= rehearsedOthers
	}
	return out, few
}

// keeping lets each row of a table have one of another table that refers to it, where a trigger deletes it at commit unless
// somebody refers to it.
func (t *table) keeping() {
	for _, g := range t.schema.Triggers {
		if !g.AtCommit() || !g.Deletes(t.schema) || !t.filled() {
			continue
		}
		var by *schema.ForeignKey
		var of *table
		for _, o := range t.draft.referring(t.schema) {
			for _, fk := range o.schema.References() {
				if o != t && o.filled() && o.spec == nil && len(fk.Columns) == 1 && fk.OnDelete != "cascade" && t.draft.table(fk.RefSchema, fk.RefTable) == t.schema &&
					o.own(fk.Columns[0]).NotNull && (of == nil || o.total() > of.total()) {
					of, by = o, fk
				}
			}
		}
		if of != nil {
			of.balanced(&balance{by: by.Columns[0], least: 1, says: "the trigger " + g.Name + " of " + t.name + " deletes others"})
		}
	}
}
