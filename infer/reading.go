package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/infer/meaning"
)

// read gives a table as package meaning reads it.
func (d *draft) read(t *table) *meaning.Table {
	if d.reads == nil {
		d.reads = map[*table]*meaning.Table{}
	}
	r := d.reads[t]
	if r == nil {
		r = &meaning.Table{Name: t.schema.Name, Owner: meaning.Expand(t.owner())}
		d.reads[t] = r
	} else if r.Columns != nil {
		return r
	}
	for _, c := range t.columns {
		if c.schema == nil || t.byName[instantOf(c.name)] != nil {
			continue
		}
		m := &meaning.Column{Column: c.schema, Words: meaning.Expand(t.wordsOf(c.name)), Unique: t.wantsUnique(c), Fixed: t.fixes(c)}
		if w := wordsIn(c.name); len(w) > 1 && w[0] == t.common() { // po_net of po
			m.Words = meaning.Expand(spell(w[1:]))
		}
		if apart := unfold(m.Words); apart != nil {
			m.Words = meaning.Expand(apart)
		}
		if c.reference != nil && c.reference.leader == c.name && len(c.reference.key.Columns) == 1 {
			m.Refers = &meaning.Reference{Parent: d.read(c.reference.parent), Column: c.reference.key.RefColumns[0], Self: c.reference.parent == t}
		}
		if len(t.branches) > 0 {
			dom := t.branches[0].domain(c.name)
			if dom == nil {
				dom = &check.Domain{}
			}
			m.Signed = t.signed(c)
			m.Values = legal(c.schema, dom)
			if len(m.Values) == 0 {
				m.Values = c.words()
			}
			if len(m.Values) == 0 && c.schema != nil {
				m.Values = t.usualStates(c)
			}
		}
		r.Columns = append(r.Columns, m)
	}
	return r
}

// fixes tells whether keys, checks or the user decide a column's cells, so that they have no meaning besides.
func (t *table) fixes(c *col) bool {
	if t.standing || !t.filled() || c.given || c.slot || len(c.fills) == 0 || c.schema.Sequence != "" || c.schema.Identity != "" {
		return true
	}
	if c.reference != nil && (len(c.reference.matching) > 0 || c.reference.leader != c.name || len(c.reference.key.Columns) > 1 || t.inUnique(c) || len(c.fills) > 1) {
		return true
	}
	for i := range t.branches {
		b := &t.branches[i]
		for _, r := range b.Between {
			if r.Left == c.name || r.Right == c.name {
				return true
			}
		}
		for _, e := range b.Equal {
			if e.Column == c.name {
				return true
			}
		}
		if d := b.domain(c.name); len(t.branches) > 1 && (d != nil && (d.Null != check.Either || d.In != nil) || c.shared() == nil) {
			return true
		}
	}
	return slices.ContainsFunc(t.guards, func(g guard) bool {
		return slices.Contains(g.redraw, c.name) && (len(g.redraw) > 1 || !t.signed(c))
	})
}

// signed tells whether checks of a number mean those below zero, too: they forbid zero alone, or have a limit below it.
func (t *table) signed(c *col) bool {
	return slices.ContainsFunc(t.branches, func(b branch) bool {
		d := b.domain(c.name)
		return d != nil && (slices.Contains(d.NotIn, "0") || d.Min != nil && strings.HasPrefix(d.Min.Value, "-"))
	})
}

// words gives the few words of the list that a column's generator draws from; nil where it draws from none.
func (c *col) words() []string { return c.names }
