package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/schema"
)

// members lets references to people lead to those who belong where the row says, by a row of the table that joins the two.
func (t *table) members() {
	if t.spec != nil || t.draft.options.Plain || len(t.branches) > 1 {
		return
	}
	of := map[*meaning.Table]*table{}
	all := func(yield func(*meaning.Table) bool) {
		for _, o := range t.draft.tables {
			if o == t || !o.filled() || o.spec != nil || o.standing {
				continue
			}
			r := t.draft.read(o)
			if of[r] = o; !yield(r) {
				return
			}
		}
	}
	free := func(r *meaning.Table) bool { return t.acyclic(of[r]) }
	for _, k := range meaning.Members(t.draft.read(t), all, free) {
		c, j := t.byName[k.Column], of[k.Joins]
		if c == nil || t.unmeant[k.Column] || c.reference == nil || c.reference.parent == t || c.inverted != nil || len(c.fills) == 0 || t.wantsUnique(c) || c.given {
			continue
		}
		f := c.shared()
		if f == nil || c.reference.leader != c.name || len(c.reference.key.Columns) > 1 || len(c.reference.matching) > 0 || !f.chosen().Generator.is("reference") {
			continue
		}
		if f.chosen().meant && f.chosen().Generator.is("cell") { // it is that of what it belongs to
			continue
		}
		first, _, _ := strings.Cut(k.Path, ".")
		if t.inUnique(c) && !j.oneEach(&k) { // distinct rows are numbered by the rows that join, which have to be so themselves
			continue
		}
		b, where := t.byName[first], j.byName[k.Of]
		if b == nil || where == nil || len(where.fills) == 0 || len(b.fills) == 0 || t.reaches(b, c) || j.total() == 0 {
			continue
		}
		if b.inverted != nil && (t.inUnique(c) || first != k.Path || !j.coversAll(where)) { // each of them has a row, and so a member
			continue
		}
		name := t.virtual(j.schema.Name+"_of_"+c.name, call("reference", "table", j.name, "column", j.likeliest(k), "matching", mapping(k.Of, k.Path)), "the row of "+j.name+" by which "+c.name+" belongs there")
		t.byName[name].reads = []string{first}
		g := short("cell", name+"."+k.Who)
		if when := f.chosen().Generator.get("when"); when.exists() {
			g = g.beside("when", when)
		}
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: k.Says, Confidence: 0.85, exact: true, copies: true, meant: true})
		if c.plain == nil {
			c.plain = &plainly{nulls: c.nulls}
		}
		c.reads = append(c.reads, name)
		if at := t.beginning(); at != nil && k.Since != "" && at.kind() == column.Timestamp {
			at.notBefore = append(at.notBefore, name+"."+k.Since)
		}
	}
}

// oneEach tells whether nobody belongs twice to the same.
func (t *table) oneEach(k *meaning.Member) bool {
	return slices.ContainsFunc(t.schema.Uniques, func(u *schema.Unique) bool {
		return u.Where == "" && len(u.Columns) == 2 && slices.Contains(u.Columns, k.Who) && slices.Contains(u.Columns, k.Of)
	})
}

// unmember lets somebody belong nowhere again, where rows that have to be distinct find too few members.
func (t *table) unmember() bool {
	for _, c := range t.columns {
		if o := c.reader(); o != nil && t.inUnique(o) && o.demote() {
			return true
		}
	}
	return false
}

// coversAll lets each row that a reference can lead to have one that refers to it.
func (t *table) coversAll(c *col) bool {
	return c.reference != nil && c.reference.parent.total() <= t.total() && t.invert(c, 1)
}

// likeliest gives the column by which a row that joins is referred to: its key, or the one that holds who belongs.
func (t *table) likeliest(k meaning.Member) string {
	if pk := t.schema.PrimaryKey; pk != nil && len(pk.Columns) == 1 {
		return pk.Columns[0]
	}
	first, _, _ := strings.Cut(k.Who, ".")
	return first
}

// reader finds the column that is a cell of the row to which a column leads that is there for it alone.
func (c *col) reader() *col {
	if !c.virtual || !c.helps {
		return nil
	}
	for _, o := range c.table.columns {
		if f := o.shared(); len(o.fills) > 0 && f != nil && f.chosen().Generator.is("cell") && strings.HasPrefix(f.chosen().Generator.argument().str(), c.name+".") {
			return o
		}
	}
	return nil
}
