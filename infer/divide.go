package infer

import (
	"slices"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
)

// divided lets rows share what they are parts of: all refunds of a payment together are no more than it.
func (t *table) divided() {
	if t.spec != nil || t.draft.options.Plain || len(t.branches) > 1 {
		return
	}
	for _, k := range meaning.Read(t.draft.read(t)) {
		c, by := t.byName[k.Column], t.byName[k.Divided]
		if k.Divided == "" || c == nil || by == nil || t.unmeant[k.Column] || c.shared() == nil || k.Part == nil || meaning.Cell(by.name) != by.name || !t.invert(by, 0) {
			continue
		}
		f := c.shared()
		if g := f.chosen().Generator; !g.is("expression") || !g.mentions(by.name) {
			continue
		}
		number := by.name + "." + by.reference.parent.inAll(t, by)
		whole := "floor(" + k.Part.Of + " * 100 / " + number + ") / 100"
		if c.kind() == column.Int {
			whole = "floor(" + k.Part.Of + " / " + number + ")"
		}
		p := *k.Part
		p.Of = whole
		made := t.part(c, &p)(f)
		if c.kind() == column.Decimal { // rounded down, so that all of them together are no more
			made = short("expression", quote("round(floor("+k.Part.Of+" * cell("+quote(c.name+" share").String()+") / "+number+") * 0.01, "+itoa(c.schema.Type.Scale)+")"))
		}
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: made, Reason: k.Says + ", with all others of it", Confidence: k.Confidence, copies: true, meant: true})
	}
}

// portions lets rows that are numbered within a stretch of time divide it among them: the terms of a year follow one
// another.
func (t *table) portions(by *col, number string) {
	if by == nil || by.reference == nil || meaning.Cell(by.name) != by.name || len(t.branches) > 1 {
		return
	}
	p := by.reference.parent
	from, to := p.bothEnds()
	start, end := t.bothEnds()
	if from == nil || to == nil || start == nil || end == nil || !p.filled() || !t.acyclic(p) || meaning.Cell(from.name) != from.name || meaning.Cell(to.name) != to.name {
		return
	}
	all := by.name + "." + p.inAll(t, by)
	first, last := by.name+"."+from.name, by.name+"."+to.name
	days := "elapsed(" + first + ", " + last + ", \"day\")"
	set := func(c *col, expr string) {
		f := c.shared()
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: short("expression", quote(expr)), Reason: t.name + "." + c.name + " divides its " + by.name + " among its rows", Confidence: 0.85, copies: true, meant: true})
		if c.plain == nil {
			c.plain = &plainly{nulls: c.nulls}
		}
		c.nulls, c.notBefore, c.follows, c.after = 0, nil, true, nil
		c.reads = append(c.reads, by.name, number)
	}
	at := meaning.Cell(number)
	set(start, "plus("+first+", floor(("+at+" - 1) * "+days+" / "+all+"), \"day\")")
	set(end, "plus("+first+", max(floor("+at+" * "+days+" / "+all+") - 1, floor(("+at+" - 1) * "+days+" / "+all+") + 1), \"day\")")
}

// bothEnds finds the only days between which what a table is about takes place.
func (t *table) bothEnds() (start, end *col) {
	for _, c := range t.columns {
		if c.schema == nil || c.kind() != column.Date || !c.schema.NotNull || len(c.fills) == 0 || c.shared() == nil || t.wantsUnique(c) || t.bound(c) || c.reference != nil {
			continue
		}
		switch r, of := t.rank(c); {
		case of != "" && of != "period" && of != "week":
		case r == 30 && start == nil:
			start = c
		case r == 50 && end == nil:
			end = c
		default:
			return nil, nil
		}
	}
	return start, end
}
