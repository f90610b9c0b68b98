package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/infer/meaning"
)

// Double entry: what is booked on accounts comes to nothing for each entry of a journal, though no constraint says so.

// The words of a ledger, the last ones of the names of tables.
var (
	booked   = []string{"posting", "split", "leg"}
	lines    = []string{"line", "entry", "item", "row"}
	journals = []string{"journal", "ledger", "voucher", "gl"}
	entries  = []string{"entry", "transaction", "journal", "voucher", "transfer", "booking"}
)

// sidesOf are the words for the two sides of an account.
var sidesOf = [][2]string{{"debit", "credit"}, {"dr", "cr"}, {"d", "c"}}

// ledger reads by its names that a table's rows are double entries; nil where they are none.
func (t *table) ledger() *balance {
	if t.draft.options.Plain || !t.filled() || t.spec != nil || len(t.owner()) == 0 {
		return nil
	}
	owner := meaning.Expand(t.owner())
	last := owner[len(owner)-1]
	sure := slices.Contains(booked, last)
	if !sure && !(slices.Contains(lines, last) && slices.ContainsFunc(owner[:len(owner)-1], func(w string) bool { return slices.Contains(journals, w) })) {
		return nil
	}
	b := &balance{least: 2, says: "what is booked comes to nothing, for each entry"}
	for _, fk := range t.schema.References() {
		if len(fk.Columns) != 1 || !t.own(fk.Columns[0]).NotNull {
			continue
		}
		p, _ := t.parentBy(fk.Columns[0])
		if p == nil || p == t || !p.filled() || len(p.owner()) == 0 {
			continue
		}
		if of := meaning.Expand(p.owner()); slices.Contains(entries, of[len(of)-1]) {
			if b.by != "" {
				return nil
			}
			b.by = fk.Columns[0]
		}
	}
	if b.by == "" {
		return nil
	}
	if b.terms = t.booking(sure); len(b.terms) == 0 {
		return nil
	}
	return b
}

// booking finds the columns that say what is booked on which side.
func (t *table) booking(sure bool) []addend {
	named := func(words ...string) string {
		for _, c := range t.columns {
			if w := leaving(meaning.Expand(t.wordsOf(c.name)), "amount", "value", "cent", "cents", "minor", "total"); aNumber(c) && slices.Equal(w, words) && t.single(c.name) == nil {
				return c.name
			}
		}
		return ""
	}
	for _, s := range sidesOf {
		if d, c := named(s[0]), named(s[1]); d != "" && c != "" {
			return []addend{{column: d}, {column: c, minus: true}}
		}
	}
	amount := named()
	if amount == "" {
		return nil
	}
	for _, c := range t.columns {
		if c.schema == nil {
			continue
		}
		values := legal(c.schema, or(t.branches[0].domain(c.name)))
		for _, s := range sidesOf {
			at := func(w string) int {
				return slices.IndexFunc(values, func(v string) bool { return strings.EqualFold(v, w) })
			}
			if d, k := at(s[0]), at(s[1]); len(values) == 2 && d >= 0 && k >= 0 {
				return []addend{{column: amount, side: c.name, value: values[d]}, {column: amount, minus: true, side: c.name, value: values[k]}}
			}
		}
	}
	d := t.branches[0].domain(amount)
	if signed := t.signed(t.byName[amount]); signed || sure && (d == nil || d.Min == nil) {
		return []addend{{column: amount}}
	}
	return nil
}

// leaving gives the words that are none of some.
func leaving(words []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(some, w) })
}
