package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/infer/meaning"
)

// awaited lets what is announced take place once those who book it are there: a class starts after all of its members have
// joined, a flight departs after all of its tickets were booked.
func (t *table) awaited() {
	if t.spec != nil || t.draft.options.Plain || len(t.branches) > 1 {
		return
	}
	for _, c := range t.columns {
		if len(c.fills) == 0 || c.shared() == nil || !c.follows || t.unmeant[c.name] || len(c.notBefore) == 0 {
			continue
		}
		g := c.shared().chosen().Generator
		ref, of, ok := strings.Cut(g.arg("from").str(), ".")
		by := t.byName[ref]
		if !g.is("offset") || !ok || !strings.HasPrefix(g.arg("max").str(), "-") || by == nil || by.reference == nil || strings.Contains(of, ".") {
			continue
		}
		p := by.reference.parent
		at := p.byName[of]
		if at == nil || !p.filled() || !t.acyclic(p) || len(at.fills) == 0 || at.shared() == nil || !p.movable(at) {
			continue
		}
		var paths, refs []string
		for _, path := range c.notBefore {
			q, cell, far := strings.Cut(path, ".")
			o := t.byName[q]
			if q == ref || !far || strings.Contains(cell, ".") || o == nil || o.reference == nil || o.nulls > 0 || !t.acyclic(o.reference.parent) ||
				o.reference.parent.byName[cell] == nil || o.reference.parent == p || p.leadsTo(o.reference.parent, nil) {
				continue
			}
			paths, refs = append(paths, path), append(refs, q)
		}
		if len(paths) == 0 || !t.invert(by, 0) {
			continue
		}
		name := t.virtual("all are there", short("latest", list(paths)), "since when those who book are there")
		if len(paths) == 1 {
			t.byName[name].fills[0].candidates[0].Generator = short("cell", paths[0])
		}
		t.byName[name].reads = slices.Clone(refs)
		t.byName[name].helps = false
		made, ok := p.summed(&meaning.Kin{Child: t.draft.read(t), By: ref, Op: "max", Cell: meaning.Cell(name)}, nil)
		if !ok {
			continue
		}
		latest := p.virtual(t.schema.Name+"_wait_until", made, "since when those who are in its "+t.name+" are there")
		if v := p.byName[latest]; len(v.fills[0].candidates) == 1 {
			v.helps = false
			v.fills[0].add(Candidate{Generator: null, Reason: "nothing is known of them", Confidence: 0.1, exact: true})
		}
		at.notBefore = append(at.notBefore, latest)
	}
}
