package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
)

// mostDone is how many tables are looked at for what was done last by what is gone since.
const mostDone = 4

// gone lets what is deleted, or dead, be so after what was done last: nothing happens to it any more. The rows of tables
// that tell of that are known from their parents then.
func (t *table) gone() {
	if t.spec != nil || t.draft.options.Plain || len(t.branches) > 1 {
		return
	}
	for _, c := range t.columns {
		if c.schema == nil || c.schema.NotNull || len(c.fills) != 1 || t.unmeant[c.name] || c.kind() != column.Timestamp && c.kind() != column.Date || t.wantsUnique(c) {
			continue
		}
		if s := (&site{words: unfolded(c.name)}); !s.has("deleted", "deletion", "deceased", "died", "death", "dissolved", "left", "deactivated", "resigned") || s.has("by", "reason", "scheduled", "planned") {
			continue
		}
		f := c.shared()
		from := f.chosen().Generator.arg("from").str()
		base := t.byName[from]
		if !f.chosen().Generator.is("offset") || base == nil || base.kind() != column.Timestamp || base.nulls > 0 {
			continue
		}
		last := t.lastDone(c)
		if len(last) == 0 {
			continue
		}
		name := t.virtual("last of all", short("latest", list(append([]string{from}, last...))), "when something was done last")
		t.byName[name].reads = append([]string{from}, last...)
		t.byName[name].fills[0].add(Candidate{Generator: short("cell", from), Reason: "nothing is known of it", Confidence: 0.1, exact: true})
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: f.chosen().Generator.with("from", name), Reason: t.name + "." + c.name + " comes after what was done last", Confidence: 0.85, exact: f.chosen().exact, copies: true, meant: true})
		if c.plain == nil {
			c.plain = &plainly{nulls: c.nulls}
		}
		c.reads = append(c.reads, name)
	}
}

// happened finds the moment at which a row came to be: its beginning, or the only moment that it cannot do without.
func (t *table) happened() (out *col) {
	if c := t.beginning(); c != nil {
		return c
	}
	for _, c := range t.columns {
		if c.schema == nil || c.kind() != column.Timestamp || !c.schema.NotNull || len(c.fills) == 0 {
			continue
		}
		if out != nil {
			return nil
		}
		out = c
	}
	return out
}

// lastDone gives columns for the last moments of rows that belong to the table's.
func (t *table) lastDone(gone *col) (out []string) {
	for _, known := range []bool{true, false} { // those first whose rows are known already
		for _, o := range t.draft.tables {
			if o == t || !o.filled() || o.spec != nil || o.standing || len(out) == mostDone || !o.acyclic(t) {
				continue
			}
			at := o.happened()
			for _, by := range o.columns {
				if at == nil || at.kind() != column.Timestamp || at.nulls > 0 || by.schema == nil || by.reference == nil || by.reference.parent != t || !by.schema.NotNull || (by.inverted != nil) != known || !known && o.inUnique(by) || len(out) == mostDone {
					continue
				}
				name := o.schema.Name + "_last_by_" + by.name
				if slices.Contains(out, name) {
					continue
				}
				made, ok := t.summed(&meaning.Kin{Child: t.draft.read(o), By: by.name, Op: "max", Cell: meaning.Cell(at.name)}, nil)
				if !ok {
					continue
				}
				t.virtual(name, made, "the last "+at.name+" of its "+o.name)
				v := t.byName[name]
				if v.helps = true; len(v.fills[0].candidates) == 1 {
					v.fills[0].add(Candidate{Generator: null, Reason: "nothing is known of it", Confidence: 0.1, exact: true})
				}
				out = append(out, name)
			}
		}
	}
	return out
}

// room lets there be at least as much of a thing as is counted of it: the capacity of a class, the uses of a coupon.
func (t *table) room() {
	if t.spec != nil || t.draft.options.Plain {
		return
	}
	for _, x := range meaning.Limits(t.draft.read(t)) {
		part, whole := x[0], x[1]
		c, o := t.byName[part], t.byName[whole]
		if c == nil || o == nil || len(c.fills) == 0 || len(o.fills) == 0 || c.shared() == nil || o.shared() == nil || t.unmeant[whole] || t.fixes(o) || t.bound(o) && o.kind() != column.Int || t.wantsUnique(o) || t.inUnique(o) || t.reaches(c, o) {
			continue
		}
		f := o.shared()
		if !c.fills[0].chosen().Generator.is("aggregate") || f.chosen().meant || f.chosen().copies || c.kind() != o.kind() {
			continue
		}
		drawn := t.virtual(whole+" besides", f.chosen().Generator, "how much there is besides")
		expr := "max(" + meaning.Cell(drawn) + ", " + meaning.Cell(part) + ")"
		if o.nulls > 0 {
			t.byName[drawn].nulls = o.nulls
			expr = meaning.Cell(drawn) + " == nil ? nil : " + expr
		}
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: short("expression", quote(expr)), Reason: t.name + "." + whole + " is at least " + part, Confidence: 0.8, copies: true, meant: true})
		if o.plain == nil {
			o.plain = &plainly{nulls: o.nulls}
		}
		o.nulls, o.reads = 0, append(o.reads, drawn, part)
	}
}

// seen lets a row be seen at least as often as others have done something about it: views and replies of a thread.
func (t *table) seen() {
	if t.spec != nil || t.draft.options.Plain {
		return
	}
	for _, c := range t.columns {
		if c.schema == nil || c.kind() != column.Int || len(c.fills) != 1 || t.unmeant[c.name] || c.reference != nil || c.slot || t.wantsUnique(c) || t.bound(c) {
			continue
		}
		s := &site{words: unfolded(c.name)}
		f := c.shared()
		if !s.has("view", "views", "impressions", "pageviews", "reads", "visits", "hits") || !f.chosen().Generator.is("integer") {
			continue
		}
		var sum []string
		for _, o := range t.columns {
			if o == c || o.schema == nil || o.kind() != column.Int || len(o.fills) != 1 || !o.fills[0].chosen().Generator.is("aggregate") || o.fills[0].chosen().Generator.has("sum") {
				continue
			}
			sum = append(sum, meaning.Cell(o.name))
		}
		if len(sum) == 0 {
			continue
		}
		drawn := t.virtual(c.name+" besides", f.chosen().Generator, "how often it is seen besides")
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: short("expression", quote(meaning.Cell(drawn)+" + "+strings.Join(sum, " + "))), Reason: t.name + "." + c.name + " is at least " + strings.Join(sum, " + "), Confidence: 0.8, copies: true, meant: true})
		if c.plain == nil {
			c.plain = &plainly{nulls: c.nulls}
		}
		c.reads = append(c.reads, drawn)
	}
}
