package infer

import (
	"context"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
)

// Complete adds to a blueprint what it leaves open of its tables: the columns that it does not name, and
// tables whose standing rows these refer to. What it says stands; its mistakes come back as
// blueprint.Problems. Options that choose tables and count rows do not apply: the blueprint does that.
func Complete(ctx context.Context, b *blueprint.Blueprint, db *schema.Database, o Options) (*Result, error) {
	r := &Result{Completed: true}
	d := emptyDraft(db, &o, r)
	d.given = b
	var ps blueprint.Problems
	for _, spec := range b.Tables {
		if s := db.Table(spec.Name); s != nil && d.byTable[s] == nil {
			if p := closed(db, spec, s, o.CreatePartitions); p != nil {
				ps = append(ps, *p)
			}
			d.adopt(spec, s)
		}
	}
	if err := ps.Err(); err != nil {
		return nil, err
	}
	for _, s := range o.Tables {
		if d.byTable[s] == nil && d.takes(s) {
			d.addTable(s, false).rows = d.rowsOf(d.db.Qualified(s))
		}
	}
	for _, t := range slices.Clone(d.tables) {
		d.parentsThatStand(t)
	}
	for _, t := range d.tables {
		t.declare()
		t.takeGiven()
	}
	for _, t := range slices.Clone(d.tables) {
		if !t.standing {
			t.references()
		}
	}
	for _, t := range d.tables {
		if !t.standing {
			t.fillRest()
			t.order()
		}
	}
	for _, t := range d.tables {
		if !t.standing {
			t.meanings()
		}
	}
	if err := d.settle(ctx); err != nil {
		return nil, err
	}
	r.Choices = d.choicesMade()
	for _, k := range r.Choices { // plan tells of them
		if c := r.Plan.Table(k.Table).Column(k.Column); c != nil {
			c.Why = k.Reason
		}
	}
	r.tell(o.Append)
	return r, nil
}

// closed is a problem where a blueprint fills a table that takes no rows from anybody, or not from sower; made: partitions will be.
func closed(db *schema.Database, spec *blueprint.Table, s *schema.Table, made bool) *blueprint.Problem {
	tool, rows := s.Tool(), int64(0)
	for _, p := range spec.Parts {
		rows += p.Rows
	}
	switch {
	case spec.Standing:
		return nil
	case tool != "":
		return &blueprint.Problem{Pos: spec.Pos, Table: spec.Name, Message: fmt.Sprintf("table %s is a migration tool's (%s), which sower never writes", spec.Name, tool),
			Suggestion: "leave it out of the blueprint"}
	case rows > 0 && !made && !db.HasPlace(s):
		return &blueprint.Problem{Pos: spec.Pos, Table: spec.Name, Message: fmt.Sprintf("table %s has no partitions that could hold rows", spec.Name),
			Suggestion: "create partitions first, say --create-partitions, or leave it out of the blueprint"}
	}
	return nil
}

// adopt takes a table of the blueprint into the draft.
func (d *draft) adopt(spec *blueprint.Table, s *schema.Table) {
	t := d.addTable(s, spec.Standing)
	t.name, t.spec = spec.Name, spec
	for _, p := range spec.Parts {
		t.rows += p.Rows
	}
}

// takes tells whether a table that a blueprint gets besides may be filled: one that choose would take, and that
// holds no rows.
func (d *draft) takes(s *schema.Table) bool {
	return !d.excluded(s) && (len(d.options.Include) == 0 || d.named(s)) && !d.hasRows(s) && s.Partition == nil && d.closedFor(s) == ""
}

// parentsThatStand adds the parents of columns that are left open, where they hold rows and the blueprint does
// not fill them.
func (d *draft) parentsThatStand(t *table) {
	for _, fk := range t.schema.References() {
		p := d.table(fk.RefSchema, fk.RefTable)
		if p == nil || d.byTable[p] != nil || !p.HasRows || t.standing || d.byTable[d.root(p)] != nil {
			continue
		}
		if t.spec == nil || slices.ContainsFunc(fk.Columns, func(name string) bool { return t.spec.Column(name) == nil }) {
			d.addTable(p, true)
		}
	}
}

// takeGiven settles the columns that the blueprint fills.
func (t *table) takeGiven() {
	if t.spec == nil || t.standing {
		return
	}
	for _, c := range t.columns {
		spec := t.spec.Column(c.name)
		if spec == nil {
			c.given = t.draft.options.Leave != nil && t.draft.options.Leave(t.schema, c.name)
			continue
		}
		c.given = true
		c.settle(Candidate{Generator: call(spec.Generator.Name), Reason: "the blueprint says so", Confidence: 1}, nil)
		if spec.Generator.Name != "reference" {
			continue
		}
		for _, fk := range t.schema.References() {
			if p := t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)]; p != nil && slices.Contains(fk.Columns, c.name) {
				c.reference = &reference{key: fk, parent: p, leader: c.name}
				break
			}
		}
	}
}

// one is the only branch of a table that the blueprint counts: what all ways to satisfy its checks have in
// common is asked of its columns, the rest is held by drawing again.
func one(branches []branch) []branch {
	common := branch{Case: check.Case{Columns: map[string]*check.Domain{}}}
	first := branches[0]
	for name, dom := range first.Columns {
		same := true
		for _, b := range branches[1:] {
			same = same && equalDomains(dom, b.Columns[name])
		}
		if same {
			common.Columns[name] = dom
		}
	}
	if len(branches) == 1 {
		common.Between, common.Rest = first.Between, first.Rest
	} else {
		for _, b := range branches {
			common.Rest = append(common.Rest, b.Rest...)
		}
		common.divided = true
	}
	return []branch{common}
}
