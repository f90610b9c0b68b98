package meaning

import (
	"strings"

	"github.com/sowerdata/sower/column"
)

// fines are there for what came late alone.
func (r *reading) fines() {
	var due, back *Column
	for _, c := range r.Columns {
		switch {
		case !c.moment():
		case c.has(set("due deadline")) && c.NotNull && due == nil:
			due = c
		case c.has(set("returned return paid delivered submitted completed received")) && back == nil:
			back = c
		}
	}
	if due == nil || back == nil {
		return
	}
	at := cell(back.Name)
	if due.Type.Kind == column.Date && back.Type.Kind == column.Timestamp {
		at = "date(" + at + ")"
	}
	late := cell(back.Name) + " != nil and " + at + " > " + cell(due.Name)
	for _, c := range r.Columns {
		if c.number() && c.Refers == nil && c.has(set("fine penalty latefee overdue")) && !c.has(set("rate percent count days paid max daily per")) || c.number() && len(r.own(c)) > 1 && r.own(c)[0] == "late" && c.has(set("fee charge")) {
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + back.Name + " comes after " + due.Name, Confidence: 0.85,
				Part: &Part{Of: "(" + late + " ? 40 : 0)", Least: 5, Most: 100}, Reads: []string{due.Name, back.Name}})
		}
	}
}

// received: of a part of what was ordered nothing has come while the whole has not come to it.
func (r *reading) received() {
	for i := range r.claims {
		k := &r.claims[i]
		c := r.Column(k.Column)
		if k.Part == nil || k.Part.Unless != "" || strings.Contains(k.Part.Of, "?") || c == nil {
			continue
		}
		what := ""
		for _, w := range c.Words {
			if set("received shipped delivered fulfilled returned picked packed")[w] {
				what = w
			}
		}
		for _, by := range r.Columns {
			if what == "" || by.Refers == nil || by.Refers.Self || by.Refers.Parent == nil || !by.NotNull || !r.composed(by) {
				continue
			}
			l := by.Refers.Parent.life()
			if l == nil {
				continue
			}
			for j, v := range l.states {
				if root(normal(v)) != root(what) {
					continue
				}
				in := l.in(normal(v), l.stages[j])
				if len(in) == 0 || len(in) == len(l.states) {
					break
				}
				w := &When{On: by.Name + "." + l.column.Name, Values: in}
				k.Part.Of = "(" + strings.Replace(w.Expression(), cell(w.On), cell(by.Name)+"."+l.column.Name, 1) + " ? " + k.Part.Of + " : 0)"
				k.Says += ", and 0 unless its " + strings.Join(stem(by), "_") + " is " + strings.Join(in, " or ")
				k.Reads = append(k.Reads, by.Name)
				break
			}
		}
	}
}
