package infer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/schema"
)

// loadOrder gives the tables as they are loaded: each after those that it refers to, by name where that is open.
func (d *draft) loadOrder() []*table {
	var out []*table
	done, open := map[*table]bool{}, map[*table]bool{}
	var visit func(t *table)
	visit = func(t *table) {
		if done[t] || open[t] { // in a cycle one of them comes first
			return
		}
		open[t] = true
		for _, p := range d.parents(t) {
			visit(p)
		}
		done[t] = true
		out = append(out, t)
	}
	for _, t := range d.tables {
		visit(t)
	}
	return out
}

// parents gives the other tables of the draft that a table refers to, in the order of its keys.
func (d *draft) parents(t *table) (out []*table) {
	for _, fk := range t.schema.References() {
		p := d.byTable[d.table(fk.RefSchema, fk.RefTable)]
		if p != nil && p != t && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// remark says in a line what a table is: its comment in the database, whose rows it refers to, and how often it is
// referred to. It is "" for tables whose rows are not made.
func (t *table) remark() string {
	if t.standing || len(t.made) > 0 {
		return ""
	}
	var parents []string
	for _, p := range t.draft.parents(t) {
		parents = append(parents, p.name)
	}
	children := 0
	for _, o := range t.draft.index.Referring(t.schema) {
		if c := t.draft.byTable[o]; c != nil && c != t {
			children++
		}
	}
	text := t.name
	switch {
	case t.joins():
		text += " joins " + some(parents)
	case len(parents) > 0:
		text += " belongs to " + some(parents)
	}
	if children > 0 {
		text += fmt.Sprintf("%s%d tables refer to it", separator(text != t.name), children)
		text = strings.Replace(text, "1 tables refer", "1 table refers", 1)
	}
	if t.schema.Comment != "" {
		text += separator(true) + t.schema.Comment
	}
	return oneLine(text)
}

func separator(more bool) string {
	if more {
		return "; "
	}
	return ": "
}

// usualRows is the number of rows that a table of its role usually has.
func (t *table) usualRows() int64 {
	switch {
	case t.lookup():
		return lookupRows
	case t.joins():
		return joinRows
	}
	return defaultRows
}

// scaledRows is that number times Scale: but lists of kinds do not grow.
func (t *table) scaledRows() int64 {
	n, by := t.usualRows(), t.draft.options.Scale
	if by == 0 || t.lookup() {
		return n
	}
	return int64(min(max(math.Round(float64(n)*by), 1), blueprint.MostRows))
}

// lookupNames are the last words of the names of tables that list what others choose from.
var lookupNames = []string{
	"role", "type", "kind", "status", "state", "category", "country", "currency", "language", "locale", "level", "priority",
	"unit", "permission", "region", "genre", "plan", "method",
}

// lookup tells whether a table is a short list that others choose from: named as one, small, and with no parents.
func (t *table) lookup() bool {
	const most = 6 // columns
	if len(t.schema.Columns) > most || len(t.draft.parents(t)) > 0 {
		return false
	}
	return endsWith(t.schema.Name, lookupNames) &&
		slices.ContainsFunc(t.draft.index.Referring(t.schema), func(o *schema.Table) bool { return o != t.schema && t.draft.byTable[o] != nil })
}

// endsWith tells whether the last word of a name is among some words, as it stands or as one of many.
func endsWith(name string, among []string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == ' ' })
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	cut := func(end string) string { return strings.TrimSuffix(last, end) }
	return slices.ContainsFunc([]string{last, cut("s"), cut("es"), cut("ies") + "y"}, func(one string) bool { return slices.Contains(among, one) })
}

// joins tells whether a table's key is made of its foreign keys: it says which rows of others belong together.
func (t *table) joins() bool {
	key := t.schema.PrimaryKey
	if key == nil || len(key.Columns) < 2 || len(t.draft.parents(t)) < 2 {
		return false
	}
	for _, name := range key.Columns {
		of := false
		for _, fk := range t.schema.References() {
			of = of || slices.Contains(fk.Columns, name)
		}
		if !of {
			return false
		}
	}
	return true
}
