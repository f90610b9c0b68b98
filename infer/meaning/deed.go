package meaning

import (
	"slices"
	"strings"
)

// Deed is a reference to rows to which only in some states something can have been done: what was not captured is not
// refunded.
type Deed struct {
	Column string // that refers
	On     string // the parent's column of states
	Values []string
	Since  string // the parent's moment at which it came to that; "" for none
	Says   string
}

// deed says how far a row has come once something is done to it.
type deed struct {
	rows, parents map[string]bool // last words of the tables' names
	least         int             // a stage
}

// done are what is done to rows, by how far these have come.
var done = []deed{
	{set("refund chargeback reversal"), set("payment charge transaction order invoice purchase booking sale capture receipt"), 28},
	{set("shipment parcel delivery dispatch fulfillment fulfilment package consignment"), set("order purchase sale"), 28},
	{set("comment reply like reaction view pageview bookmark share vote favorite favourite clap"), set("article post page story video episode recipe news photo listing blog entry"), 30},
	{set("play listen playback stream download listening"),
		set("episode video track song podcast film movie release"), 30},
	{set("payment receipt remittance"), set("invoice bill"), 15},
	{reminders, set("invoice bill"), 15},
	{set("review rating feedback testimonial evaluation survey"), set("order booking reservation appointment ride trip job stay visit rental delivery session ticket"), 50},
	{set("return rma"), set("order purchase sale shipment delivery"), 45},
}

// Deeds gives the references of a table to rows in some states alone.
func Deeds(t *Table) (out []Deed) {
	for _, c := range t.Columns {
		if c.Refers == nil || c.Refers.Self || c.Refers.Parent == nil || c.Unique {
			continue
		}
		p := c.Refers.Parent
		for _, d := range done {
			if !t.about(d.rows) || !p.about(d.parents) {
				continue
			}
			if l := p.life(); l != nil {
				if in := l.since(d.least); len(in) > 0 && len(in) < len(l.states) {
					out = append(out, Deed{Column: c.Name, On: l.column.Name, Values: in, Since: p.since(l, in, d.least),
						Says: t.Name + "." + c.Name + " leads to rows whose " + l.column.Name + " is " + strings.Join(in, " or ")})
				}
			}
			break
		}
	}
	return out
}

// since finds the first moment, from a stage on, that all rows in some states have come to.
func (t *Table) since(l *life, states []string, least int) string {
	best, at := "", 1000
	for _, c := range t.Columns {
		if !c.moment() || c.NotNull || c.has(outlooks) {
			continue
		}
		name := normal(past(strings.Join(without(c.Words, set("at on date time datetime timestamp ts day actual"), setOf(t.Owner)), "_")))
		s, known := stages[name]
		if !known || s.at < least || s.at >= at {
			continue
		}
		in := l.in(name, s)
		if !slices.ContainsFunc(states, func(v string) bool { return !slices.Contains(in, v) }) {
			best, at = c.Name, s.at
		}
	}
	return best
}

// life finds a table's column of states; nil where it has none, or several.
func (t *Table) life() (out *life) {
	for _, c := range t.Columns {
		if l := t.lifeOf(c); l != nil {
			if out != nil {
				return nil
			}
			out = l
		}
	}
	return out
}

// since gives the states of rows that have come to a stage, and have not left the way before.
func (l *life) since(least int) (out []string) {
	for i, v := range l.states {
		s := l.stages[i]
		if s.unknown || s.at < least || s.side && (s.at < 42 || least >= 42) {
			continue
		}
		out = append(out, v)
	}
	return out
}

// ratings lets what somebody thinks of the outcome be there once there is one.
func (r *reading) ratings(l *life) {
	in := l.since(50)
	if len(in) == 0 || len(in) == len(l.states) {
		return
	}
	for _, c := range r.Columns {
		if c.NotNull || c.Refers != nil || c.Unique || !c.has(set("satisfaction csat nps rating feedback stars interest")) || c.has(set("count average total requested")) || !c.number() && !c.text() {
			continue
		}
		r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + l.column.Name + " is " + strings.Join(in, " or "), Confidence: 0.85,
			When: &When{On: l.column.Name, Values: in}, Reads: []string{l.column.Name}})
	}
}

var (
	successes = set("settled completed approved captured succeeded executed processed fulfilled accepted confirmed delivered cleared posted paid granted")
	refusals  = set("declined rejected failed canceled denied void voided refused")
)

// refused: what was declined was not settled, where no state says so.
func (r *reading) refused() {
	at := slices.IndexFunc(r.Columns, func(c *Column) bool {
		return !c.NotNull && c.Refers == nil && (c.text() || c.moment()) && slices.ContainsFunc(c.Words, func(w string) bool { return refusals[past(w)] })
	})
	if at < 0 {
		return
	}
	no := r.Columns[at]
	for _, c := range r.Columns {
		if c == no || c.NotNull || !c.moment() || !slices.ContainsFunc(c.Words, func(w string) bool { return successes[past(w)] }) {
			continue
		}
		k := Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where there is no " + no.Name, Confidence: 0.85,
			When: &When{On: no.Name, Absent: true, After: r.base()}, Reads: []string{no.Name}}
		if k.When.After == "" {
			k.When.After = r.starts()
		}
		if k.When.After != "" {
			k.Reads = append(k.Reads, k.When.After)
		}
		r.claim(k)
	}
}
