package meaning

import (
	"slices"
	"strings"
)

// results are what comes of a job, and what it cost: known once it is over.
func (r *reading) results() {
	for _, c := range r.Columns {
		if l := r.lifeOf(c); l != nil {
			r.yields(l)
			r.costs(l)
		}
	}
}

// costs are what a job came to, which is known once it is done.
func (r *reading) costs(l *life) {
	in := l.since(50)
	if !r.about(set("order job repair task request ticket case")) ||
		!r.has(set("work job repair service task maintenance")) || len(in) == 0 || len(in) == len(l.states) {
		return
	}
	for _, c := range r.Columns {
		if !c.NotNull && c.number() && c.has(set("labor labour material materials parts actual final total")) &&
			!c.has(set("estimated planned quoted")) {
			r.only(c, &When{On: l.column.Name, Values: in}, 0.84)
		}
	}
}

// yields are what comes of a job: there once it is over, and nowhere else.
func (r *reading) yields(l *life) {
	if !slices.ContainsFunc(l.states, func(v string) bool { return set("processing running queued")[normal(v)] }) {
		return
	}
	var in []string
	for i, v := range l.states {
		if s := l.stages[i]; !s.side && s.at == l.top() {
			in = append(in, v)
		}
	}
	for _, c := range r.Columns {
		if c.NotNull || c.moment() || c.Refers != nil || c.Unique || len(c.Values) > 0 ||
			c.has(set("error reason message note notes code")) ||
			!c.has(set("result output body content text transcript summary report file download words word")) {
			continue
		}
		r.only(c, &When{On: l.column.Name, Values: in}, 0.84)
	}
}

// awaited is for when something is scheduled: what is a draft is not, and what has happened says when that was.
func (r *reading) awaited(l *life) {
	at := slices.IndexFunc(l.states, func(v string) bool { return normal(v) == "scheduled" })
	if at < 0 || !slices.ContainsFunc(l.stages, func(s stage) bool { return !s.side && s.at < l.stages[at].at }) {
		return
	}
	for _, c := range r.Columns {
		if c.moment() && !c.NotNull && c.has(set("scheduled")) && len(without(r.own(c),
			set("scheduled for at on date time to publish send"))) == 0 {
			k := Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + l.column.Name + " is " +
				l.states[at], Confidence: 0.86,
				When: &When{On: l.column.Name, Values: []string{l.states[at]},
					After: r.base()}, Reads: []string{l.column.Name}}
			if k.When.After != "" {
				k.Reads = append(k.Reads, k.When.After)
			}
			r.claim(k)
		}
	}
}

// top is the furthest that rows come to.
func (l *life) top() (at int) {
	for _, s := range l.stages {
		if !s.side && s.at < 70 {
			at = max(at, s.at)
		}
	}
	return at
}

// latestBefore finds the last of the moments that every row has which come before a stage: what retires does so
// after it was
// delivered.
func (r *reading) latestBefore(at int, base string) string {
	best, out := -1, base
	if b := r.Column(base); b == nil || at < 50 {
		return base
	}
	for _, c := range r.Columns {
		if !c.moment() || !c.NotNull || c.has(outlooks) || c.has(set("period current billing")) {
			continue
		}
		name := normal(strings.Join(without(c.Words,
			set("at on date time datetime timestamp ts day actual"), setOf(r.Owner)), "_"))
		if s, ok := stages[name]; ok && !s.side && s.at < at && s.at > best && (s.at >= 38 || c.Name == base) {
			best, out = s.at, c.Name
		}
	}
	return out
}

// goesOn tells whether rows go on from a state to one behind it in the list, and none are active.
func (l *life) goesOn(at int) bool {
	return !slices.ContainsFunc(l.states, func(v string) bool { return normal(v) == "active" }) &&
		slices.ContainsFunc(l.stages[at+1:], func(s stage) bool { return !s.side && s.at >= 28 && s.at < 70 })
}

// working are states in which something is being made that is there afterwards.
var working = set("processing in_progress progress running queued")

// progress is how much is done: nothing in the first state, all in the last one.
func (r *reading) progress(l *life) {
	first, last := -1, -1
	for i, s := range l.stages {
		if !s.side && (first < 0 || s.at < l.stages[first].at) {
			first = i
		}
		if !s.side && s.at >= 50 && s.at < 70 && (last < 0 || s.at > l.stages[last].at) {
			last = i
		}
	}
	if first < 0 || last < 0 || l.stages[first].at > 14 {
		return
	}
	on := cell(l.column.Name)
	for _, c := range r.Columns {
		if !c.number() || c.Fixed {
			continue
		}
		all := "100"
		var of *Column
		if !c.has(set("progress")) && !(c.has(set("percent")) && c.has(set("complete completed done"))) {
			if !c.has(set("done completed finished processed")) {
				continue
			}
			var numbers []*Column
			for _, o := range r.Columns {
				if o.number() {
					numbers = append(numbers, o)
				}
			}
			if of = r.wholeOf(c, numbers, set("done completed finished processed"), set("total planned")); of == nil {
				continue
			}
			all = cell(of.Name)
		}
		k := Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is 0 where " + l.column.Name + " is " +
			l.states[first] + ", and all where it is " +
			l.states[last], Confidence: 0.85, Reads: []string{l.column.Name},
			Part: &Part{Of: on + " == \"" + l.states[first] + "\" ? 0 : " + all, Most: 99, Unless: on + " == \"" +
				l.states[last] + "\" ? " + all + " : "}}
		if of != nil {
			k.Reads = append(k.Reads, of.Name)
		}
		r.claim(k)
	}
}
