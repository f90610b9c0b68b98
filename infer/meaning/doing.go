package meaning

import (
	"slices"
	"strings"
)

// doings are what a row knows once something was done with it: who did it, and what came of it.
func (r *reading) doings() {
	for _, c := range r.Columns {
		if c.Unique {
			continue
		}
		if c.Refers != nil && !c.Refers.Self && !c.NotNull && (takers[role(c)] || c.Refers.Parent != nil && c.Refers.Parent.about(takers)) {
			r.taker(c)
		}
		if c.Refers != nil && !c.Refers.Self {
			if what := deedOf(c); what != "" {
				r.doer(c, what)
			}
		}
	}
}

// takers are those who take on what somebody asked for, and what they do it with.
var takers = set("driver courier rider vehicle car truck van assignee technician agent handler operator dispatcher worker cleaner picker packer mechanic carrier")

// taker lets who takes something on be known once it is taken on: the driver of a trip that was accepted.
func (r *reading) taker(c *Column) {
	l := r.life()
	if l == nil {
		return
	}
	at := -1
	for i, v := range l.states {
		if n := normal(v); (n == "accepted" || n == "assigned" || n == "matched" || n == "dispatched") && (at < 0 || l.stages[i].at < l.stages[at].at) {
			at = i
		}
	}
	if at < 0 {
		return
	}
	var in []string
	for i, v := range l.states {
		if s := l.stages[i]; !s.side && s.at >= l.stages[at].at || i == at {
			in = append(in, v)
		}
	}
	if len(in) < len(l.states) {
		r.only(c, &When{On: l.column.Name, Values: in}, 0.86)
	}
}

// always are words for what is done to every row, or at any time.
var always = set("created added inserted entered imported uploaded posted authored written updated modified changed edited touched owned managed assigned")

// does names what somebody has done by the word for who does it.
var does = map[string]string{
	"approver": "approved", "reviewer": "reviewed", "resolver": "resolved", "closer": "closed", "verifier": "verified", "rejecter": "rejected", "canceller": "canceled", "canceler": "canceled",
	"signer": "signed", "signatory": "signed", "grader": "graded", "marker": "graded", "inspector": "inspected", "publisher": "published", "remover": "removed", "deleter": "deleted",
	"confirmer": "confirmed", "decider": "decided", "handler": "handled", "receiver": "received", "dispatcher": "dispatched", "moderator": "moderated", "archiver": "archived",
}

// deedOf gives the participle of what the row that a reference leads to has done: closed of closed_by, approved of approver_id.
func deedOf(c *Column) string {
	if at := slices.Index(c.Words, "by"); at > 0 {
		return past(c.Words[at-1])
	}
	return does[role(c)]
}

// DoneBy tells whether a name is that of somebody who does something with a row that is there already: closed_by, approver_id.
func DoneBy(words []string) bool {
	what := deedOf(&Column{Words: words})
	return what != "" && !always[what]
}

// doer lets who did something be known where it is done: in the rows, and by the one who looks after them.
func (r *reading) doer(c *Column, what string) {
	if !r.taken[c.Name] {
		if p := r.incharge(c); p != nil {
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is the " + p.Column + " of its " + p.Reference, Confidence: 0.85, Copied: p, Reads: []string{firstStep(p.Reference)}})
		}
	}
	if c.NotNull || always[what] {
		return
	}
	if w := r.since(c, what); w != nil {
		r.only(c, w, 0.88)
		return
	}
	if !r.taken[c.Name] {
		r.where(c, what, "by")
	}
}

// since gives the rows with which something was done, by the moment of that or by their state; nil where nothing tells.
func (r *reading) since(c *Column, what string) *When {
	if o := r.momentFor(c, what); o != nil {
		w := &When{On: o.Name}
		if at := slices.IndexFunc(r.claims, func(k Claim) bool { return k.Column == o.Name && k.When != nil && k.When.On != "" }); at >= 0 {
			w = &When{On: r.claims[at].When.On, Values: r.claims[at].When.Values, Absent: r.claims[at].When.Absent}
		}
		return w
	}
	if l := r.life(); l != nil {
		name := normal(what)
		s, known := stages[name]
		for i, v := range l.states {
			if root(normal(v)) == root(name) {
				name, s, known = normal(v), l.stages[i], true
			}
		}
		if in := l.in(name, s); known && len(in) > 0 && len(in) < len(l.states) {
			return &When{On: l.column.Name, Values: in}
		}
	}
	return nil
}

// momentFor finds the moment at which something is done that not every row has come to.
func (r *reading) momentFor(c *Column, what string) *Column {
	for _, o := range r.Columns {
		if o != c && o.moment() && !o.NotNull && !o.has(outlooks) && slices.ContainsFunc(o.Words, func(w string) bool { return normal(past(w)) == normal(what) }) {
			return o
		}
	}
	return nil
}

// tutors are those of whom one looks after what others do.
var tutors = set("teacher instructor lecturer professor tutor trainer coach doctor physician vet veterinarian")

// incharge finds, on the way up from a row, the one who looks after it, where it is of those that a reference leads to.
func (r *reading) incharge(c *Column) *Path {
	if c.Refers.Parent == nil || !c.Refers.Parent.about(tutors) {
		return nil
	}
	var found []*Path
	var up func(t *Table, path string, depth int)
	up = func(t *Table, path string, depth int) {
		for _, b := range t.Columns {
			if b.Refers == nil || b.Refers.Parent == nil || b.Refers.Self || !b.NotNull || t == r.Table && b == c {
				continue
			}
			if path != "" && b.Refers.Parent == c.Refers.Parent {
				found = append(found, &Path{path, b.Name})
			} else if depth < 2 && b.Refers.Parent != c.Refers.Parent {
				up(b.Refers.Parent, strings.TrimPrefix(path+"."+b.Name, "."), depth+1)
			}
		}
	}
	up(r.Table, "", 0)
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// firstStep is the reference with which a path begins.
func firstStep(path string) string {
	first, _, _ := strings.Cut(path, ".")
	return first
}

// outcomes are there where the moment is at which they were found: points where something was graded.
func (r *reading) outcomes() {
	for _, c := range r.Columns {
		if c.NotNull || c.Unique || !c.number() || !c.has(set("points score mark grade")) {
			continue
		}
		for _, o := range r.Columns {
			if o.moment() && !o.NotNull && o.has(set("graded marked scored evaluated")) {
				r.only(c, &When{On: o.Name}, 0.85)
				break
			}
		}
	}
}
