package meaning

import (
	"slices"
	"strings"
)

// owners are things that own what belongs to them, whoever touches it: two ways to one of them lead to the same one.
var owners = set(`tenant organization company workspace account project store shop school team customer client patient subscriber policyholder household
	warehouse location branch site department ward device sensor machine vehicle course class room building property unit hotel restaurant clinic hospital campus
	order invoice subscription contract booking reservation shipment parcel package card loan policy case claim ticket thread topic discussion conversation channel board list
	article product item category catalog version document folder repository event session game match season league plan batch route trip encounter visit admission appointment
	student type`)

// deeds are rows by which people do something to what is another's: who does it need not be whose it is.
var deeds = set(`comment reply like vote review rating follow message reaction view report bookmark share favorite favourite post log audit history note notification mention read visit
	membership member invitation invite assignment assignee watcher subscriber subscription_view answer`)

// takesPart are words for who makes an offer, an order or a contract, whatever it is called there.
var takesPart = set("buyer customer client tenant payer purchaser guest renter borrower applicant")

// doers are words for who did something with one row.
var doers = set("author by creator sender recipient receiver reviewer approver editor commenter actor reporter uploader follower followee assignee reviewed approved modified updated created sent")

// carers are words for who looks after somebody: the same one over a case and what comes of it.
var carers = set("prescriber doctor physician provider practitioner staff clinician surgeon nurse therapist dentist vet")

// brokers are words for who deals with something for others: the same one in all that comes of it.
var brokers = set("agent broker realtor trainer instructor teacher salesperson consultant advisor coach")

// agreements let two ways to one row agree: what refers to A and to B, while B refers to A, means B's A; and of two parents
// that both refer to the same owner, one is of the other's.
func (r *reading) agreements() {
	for _, b := range r.Columns {
		if b.Refers == nil {
			continue
		}
		var copied, matched []Claim
		for _, a := range r.Columns {
			if a == b || a.Refers == nil || b.Refers.Parent == nil || a.Refers.Self {
				continue
			}
			if over := r.overlap(a, b); over != "" {
				copied = append(copied, Claim{Column: a.Name, Says: r.Name + "." + a.Name + " is that of " + b.Name, Confidence: 0.9,
					Copied: &Path{b.Name, over}, Reads: []string{b.Name}})
				matched = append(matched, Claim{Column: b.Name, Says: r.Name + "." + b.Name + " is of its " + a.Name, Confidence: 0.9,
					Agrees: []Pair{{over, a.Name}}, Reads: []string{a.Name}})
			}
		}
		switch {
		case len(copied) == 0:
		case b.Refers.Self && len(matched) > 1 && !b.NotNull && !slices.ContainsFunc(matched, func(k Claim) bool { return holders[role(r.Column(k.Reads[0]))] }): // few rows are of both
			r.agree(matched[:1])
		case b.Refers.Self:
			r.agree(matched)
		case b.NotNull:
			for i, k := range copied {
				if !r.claim(k) && r.open(matched[i], b) { // another way decides already
					r.agree(matched[i : i+1])
				}
			}
		case len(copied) == 1:
			r.agree(matched)
		default: // few parents would match in all of them: they are the parent's
			for _, k := range copied {
				k.Filled = []string{b.Name}
				r.claim(k)
			}
		}
	}
	r.cousins()
}

// open tells whether a reference may be picked by what it matches.
func (r *reading) open(k Claim, b *Column) bool {
	return !b.Fixed && !slices.ContainsFunc(r.claims, func(o Claim) bool { return o.Column == k.Reads[0] && o.Copied != nil && o.Copied.Reference == b.Name })
}

// agree claims references that match, several of one column together.
func (r *reading) agree(claims []Claim) {
	for _, k := range claims {
		at := slices.IndexFunc(r.claims, func(o Claim) bool { return o.Column == k.Column && o.Agrees != nil })
		if at < 0 {
			r.claim(k)
			continue
		}
		o := &r.claims[at]
		if slices.ContainsFunc(o.Agrees, func(p Pair) bool { return slices.Contains(k.Agrees, p) }) {
			continue
		}
		if c := o.Reads[0]; r.follows(k.Reads[0], c) { // the organization of its site comes with the site
			continue
		} else if r.follows(c, k.Reads[0]) {
			*o = k
			continue
		}
		o.Agrees, o.Reads, o.Says = append(o.Agrees, k.Agrees...), append(o.Reads, k.Reads...), o.Says+" and "+k.Reads[0]
	}
}

// follows tells whether a reference is copied from the row that another one leads to.
func (r *reading) follows(a, b string) bool {
	return slices.ContainsFunc(r.claims, func(k Claim) bool { return k.Column == a && k.Copied != nil && k.Copied.Reference == b })
}

// overlap gives the column of B's table by which it refers to the same row as a; "" where they need not agree.
func (r *reading) overlap(a, b *Column) string {
	if a.Refers.Parent == b.Refers.Parent && !b.Refers.Self {
		return ""
	}
	role := role(a)
	var only *Column
	others := 0
	for _, c := range b.Refers.Parent.Columns {
		if c.Refers == nil || c == a && !b.Refers.Self || c.Refers.Parent != a.Refers.Parent || c.Refers.Column != a.Refers.Column {
			continue
		}
		if same := slices.Equal(c.Words, a.Words); same && r.shared(a, b, role) {
			return c.Name
		}
		only, others = c, others+1
	}
	if others == 1 && !b.Refers.Self && takesPart[role] && b.Refers.Parent.about(set("offer bid order booking quote application proposal reservation contract")) && !a.has(doers) {
		return only.Name
	}
	if others == 1 && carers[role] && role != "" && slices.ContainsFunc(only.Words, func(w string) bool { return carers[w] }) && !b.Refers.Self {
		return only.Name
	}
	return ""
}

// role is the word by which a reference names what it refers to.
func role(c *Column) string {
	w := without(c.Words, set("id key fk ref code number uuid"))
	if len(w) == 0 {
		return ""
	}
	return w[len(w)-1]
}

// shared tells whether what a row refers to as a is also that of the row that b refers to.
func (r *reading) shared(a, b *Column, role string) bool {
	switch {
	case a.has(doers):
		return false
	case owners[role] || carers[role] || brokers[role] && !r.about(deeds):
		return true
	case a.NotNull && !a.Refers.Parent.about(persons) && !(a.Refers.Parent.about(lists) && len(a.Refers.Parent.Columns) < 7) && !b.Refers.Self: // two ways by the same name
		return true
	case !b.Refers.Self && !a.Refers.Parent.about(persons) && b.Refers.Parent.about(possessions) && b.Refers.Parent.partOf(b.Refers.Parent.worded(a.Words)): // the car of a driver
		return true
	}
	const things = "order invoice purchase booking reservation rental"
	if r.about(set("review rating feedback return refund complaint dispute")) && b.Refers.Parent.has(set(things)) && !b.Refers.Self {
		return true // who buys, reviews
	}
	if b.Refers.Parent.about(set("address method wallet profile")) && !r.about(deeds) {
		return true
	}
	// A person: of what one has bought or booked, not of what one has written about.
	return !r.about(deeds) && !b.Refers.Self && b.Refers.Parent.about(set("order invoice subscription membership booking reservation cart basket account card device policy contract loan shipment payment enrollment enrolment appointment encounter admission wallet"))
}

// cousins lets a parent be of the same owner as another one, where the row itself names no owner: the product of a line is
// of the order's tenant.
func (r *reading) cousins() {
	for i, b := range r.Columns {
		if b.Refers == nil || r.taken[b.Name] || b.Refers.Self {
			continue
		}
		for _, a := range r.Columns[:i] {
			if a.Refers == nil || a.Refers.Self || !a.NotNull || a.Refers.Parent == b.Refers.Parent || a.Refers.Parent == nil || b.Refers.Parent == nil {
				continue
			}
			if up, over := akin(a, b); up != nil && cell(over.Name) == over.Name && !slices.ContainsFunc(r.Columns, func(c *Column) bool { return c.Refers != nil && c.Refers.Parent == up.Refers.Parent }) {
				r.agree([]Claim{{Column: b.Name, Says: r.Name + "." + b.Name + " is of the " + strings.Join(stem(up), " ") + " of its " + a.Name, Confidence: 0.85,
					Agrees: []Pair{{up.Name, a.Name + "." + over.Name}}, Reads: []string{a.Name}}})
			}
			for _, up := range b.Refers.Parent.Columns {
				over := a.Refers.Parent.Column(up.Name)
				if up.Refers == nil || over == nil || over.Refers == nil || over.Refers.Parent != up.Refers.Parent || up.Refers.Self || !up.NotNull || !over.NotNull || !holders[role(up)] {
					continue
				}
				if r.Column(up.Name) != nil { // the row has one, and both agree with it
					continue
				}
				r.agree([]Claim{{Column: b.Name, Says: r.Name + "." + b.Name + " is of the " + strings.Join(without(up.Words, set("id")), " ") + " of its " + a.Name, Confidence: 0.85,
					Agrees: []Pair{{up.Name, a.Name + "." + up.Name}}, Reads: []string{a.Name}}})
			}
		}
	}
}

// possessions are what is somebody's.
var possessions = set("address method card wallet account vehicle car device profile license licence pet passport phone subscription")

// persons and lists are what two rows have in common without belonging to it: who wrote both, what both are called.
var (
	persons = set("user person people employee staff member author agent admin operator profile contact account login customer client worker student teacher creator backer reader guest patient")
	lists   = set("country currency language locale category tag type status state kind color colour unit size city region role level priority label genre topic brand tax vat mode class")
)

// akin tells whether what b refers to goes by the same row as what a does: both are of one policy, or card and order of one
// person. It gives the columns of both by which they refer to it.
func akin(a, b *Column) (up, over *Column) {
	p, q := b.Refers.Parent, a.Refers.Parent
	for _, x := range p.Columns {
		if x.Refers == nil || x.Refers.Self || !x.NotNull || x.Refers.Parent == nil || x.Refers.Parent == p || x.has(doers) {
			continue
		}
		common := x.Refers.Parent
		possession := p.about(possessions) && common.about(persons)
		if common.about(lists) || common.about(persons) && !possession || !possession && len(p.Owner) > 0 && !p.partOf(x) {
			continue
		}
		var found []*Column
		for _, y := range q.Columns {
			if y.Refers != nil && !y.Refers.Self && y.NotNull && y.Refers.Parent == common && y.Refers.Column == x.Refers.Column && !y.has(set("creator author by reviewer approver agent staff employee manager assignee")) {
				found = append(found, y)
			}
		}
		if len(found) == 1 && (possession || slices.Equal(found[0].Words, x.Words)) {
			return x, found[0]
		}
	}
	return nil, nil
}

// partOf tells whether a table's rows are of what a reference leads to: the first that they cannot do without.
func (t *Table) partOf(by *Column) bool {
	for _, c := range t.Columns {
		if c.Refers != nil && c.NotNull && !c.Refers.Self {
			return c == by
		}
	}
	return false
}

// holders are owners that hold all that belongs together.
var holders = set("tenant organization company workspace account project store shop school team type site warehouse")
