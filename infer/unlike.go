package infer

import (
	"slices"

	"github.com/sowerdata/sower/infer/meaning"
)

// apartWords are words for what something was before, and what it is after.
var apartWords = [][2][]string{
	{{"from", "old", "previous", "prior", "source", "origin", "former", "before", "sender"}, {"to", "new", "current", "next", "target", "destination", "after", "recipient", "receiver"}},
}

// unlike lets a row that leads from one row to another not lead from one to itself: where it would, it comes from nowhere.
func (t *table) unlike() {
	if t.spec != nil || t.draft.options.Plain {
		return
	}
	for _, c := range t.columns {
		if !t.leadsFreely(c) || c.schema.NotNull || c.inverted != nil {
			continue
		}
		for _, o := range t.columns {
			if o == c || !t.leadsFreely(o) || o.reference.parent != c.reference.parent || !opposite(c.name, o.name) || t.reaches(o, c) {
				continue
			}
			f := c.shared()
			drawn := t.virtual(c.name+" drawn", f.chosen().Generator, "what "+c.name+" is, unless it is "+o.name)
			v := t.byName[drawn]
			v.reads, v.fills[0].candidates = slices.Clone(c.reads), slices.Clone(f.candidates[f.at:])
			made := short("cell", drawn).beside("when", quote(meaning.Cell(drawn)+" != "+meaning.Cell(o.name)))
			f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: made, Reason: t.name + "." + c.name + " is not " + o.name, Confidence: 0.85, copies: true, meant: true})
			if c.plain == nil {
				c.plain = &plainly{nulls: c.nulls}
			}
			c.reads = append(c.reads, drawn, o.name)
			break
		}
	}
}

// leadsFreely tells whether a column is a reference that nothing but its rule decides.
func (t *table) leadsFreely(c *col) bool {
	return c.schema != nil && c.reference != nil && c.reference.parent != t && c.reference.leader == c.name && len(c.reference.key.Columns) == 1 && len(c.fills) == 1 && !c.given && !t.wantsUnique(c) && !t.inUnique(c) &&
		!t.unmeant[c.name] && len(c.reference.matching) == 0 && c.fills[0].chosen().Generator.is("reference")
}

// opposite tells whether two names say the same of what was before and of what comes after.
func opposite(a, b string) bool {
	x, y := unfolded(a), unfolded(b)
	if len(x) != len(y) {
		return false
	}
	differ := 0
	for i := range x {
		if x[i] == y[i] {
			continue
		}
		differ++
		if !slices.ContainsFunc(apartWords, func(w [2][]string) bool {
			return slices.Contains(w[0], x[i]) && slices.Contains(w[1], y[i]) || slices.Contains(w[1], x[i]) && slices.Contains(w[0], y[i])
		}) {
			return false
		}
	}
	return differ == 1
}
