package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
)

// history lets the rows of a table that says what held from when to when follow one another: those of one parent
// divide the
// time since it began among them, and the last one still holds.
func (t *table) history() {
	if t.spec != nil || t.draft.options.Plain || len(t.branches) > 1 || len(t.schema.Exclusions) > 0 {
		return
	}
	h := meaning.HistoryOf(t.draft.read(t))
	if h == nil {
		return
	}
	from, to, by := t.byName[h.From], t.byName[h.To], t.byName[h.By]
	if from == nil || to == nil || by == nil || !t.settable(from) || !t.settable(to) || t.inUnique(from) ||
		t.checkedWithOthers(from) || meaning.Cell(by.name) != by.name || !t.invert(by, 0) {
		return
	}
	p := by.reference.parent
	begun := p.beginning()
	if begun == nil || begun.schema == nil || len(begun.fills) == 0 || !begun.schema.NotNull ||
		begun.kind() == column.Time || !t.acyclic(p) || p == t || meaning.Cell(begun.name) != begun.name {
		return
	}
	first := by.name + "." + begun.name
	if begun.kind() == column.Timestamp {
		first = "date(" + first + ")"
	}
	number := t.placeOf(by.name)
	place, all := meaning.Cell(number), by.name+"."+p.inAll(t, by)
	year, _, _ := strings.Cut(lastDay, "-")
	days := "((" + year + " - year(" + first + ")) * 365 + 365 - yearday(" + first + "))"
	begins := "floor((" + place + " - 1) * " + days + " / " + all + ")"
	ends := "max(floor(" + place + " * " + days + " / " + all + ") - 1, " + begins + ")"
	reason := t.name + ": the rows of one " + by.name + " follow one another, and the last one still holds"
	t.set(from, "plus("+first+", "+begins+", \"day\")", reason, by.name, number)
	t.set(to, place+" == "+all+" ? nil : plus("+first+", "+ends+", \"day\")", reason, by.name, number)
}

// inside lets the day of a row that is a part of what takes place within some days lie in these.
func (t *table) inside() {
	if t.spec != nil || t.draft.options.Plain || len(t.branches) > 1 {
		return
	}
	name, ref := meaning.Inside(t.draft.read(t))
	c, by := t.byName[name], t.byName[ref]
	if c == nil || by == nil || by.reference == nil || len(by.fills) == 0 || !t.settable(c) || t.inUnique(c) ||
		t.checkedWithOthers(c) || meaning.Cell(by.name) != by.name {
		return
	}
	p := by.reference.parent
	from, to := p.bothEnds()
	if from == nil || to == nil || !p.filled() || p.standing || !t.acyclic(p) ||
		meaning.Cell(from.name) != from.name || meaning.Cell(to.name) != to.name {
		return
	}
	share := t.virtual(c.name+" share", call("integer", "min", 0, "max", 99),
		"how far "+c.name+" lies within its "+by.name)
	first, last := by.name+"."+from.name, by.name+"."+to.name
	t.set(c,
		"plus("+first+", floor((elapsed("+first+", "+last+", \"day\") + 1) * "+meaning.Cell(share)+" / 100), \"day\")", t.name+"."+c.name+" lies between the "+from.name+" and the "+to.name+" of its "+by.name, by.name)
}

// settable tells whether nothing but its rule decides what a column holds.
func (t *table) settable(c *col) bool {
	return c.schema != nil && c.reference == nil && !c.given && !c.slot && !t.unmeant[c.name] && len(c.fills) > 0 &&
		c.shared() != nil && !t.wantsUnique(c) && !t.bound(c) && !c.shared().chosen().Generator.isNull()
}

// set puts an expression before the candidates of a column.
func (t *table) set(c *col, expr, reason string, reads ...string) {
	f := c.shared()
	f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: short("expression", quote(expr)),
		Reason: reason, Confidence: 0.85, copies: true, meant: true})
	if c.plain == nil {
		c.plain = &plainly{nulls: c.nulls}
	}
	c.nulls, c.notBefore, c.follows, c.after = 0, nil, true, nil
	c.reads = append(c.reads, reads...)
}
