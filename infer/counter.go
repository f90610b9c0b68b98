package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
)

// counter lets what a counter shows rise from one reading to the next: each thing uses about as much between two readings,
// the days of which divide the time since it was put in place; what it showed before is what the reading before says.
//
// What it shows is computed by the reading's place, not from the reading before: a reading costs the same however many
// there are.
func (t *table) counter() {
	if t.spec != nil || t.draft.options.Plain || len(t.branches) > 1 || t.adjacent != "" {
		return
	}
	k := meaning.CounterOf(t.draft.read(t))
	if k == nil {
		return
	}
	by, day, shows := t.byName[k.By], t.byName[k.Day], t.byName[k.Shows]
	if by == nil || by.reference == nil || day == nil || shows == nil || !t.settable(day) || !t.countable(shows) || t.checkedWithOthers(day) ||
		t.checkedWithOthers(shows) || meaning.Cell(k.By) != k.By || shows.kind() == column.Float || day.kind() != column.Date && day.kind() != column.Timestamp {
		return
	}
	for _, name := range []string{k.Before, k.Used} {
		if name != "" && (!t.countable(t.byName[name]) || t.checkedWithOthers(t.byName[name]) || t.byName[name].kind() != shows.kind()) {
			return
		}
	}
	p := by.reference.parent
	key := t.schema.PrimaryKey
	if p == t || !t.acyclic(p) || key == nil || len(key.Columns) != 1 {
		return
	}
	t.adjacent = k.By
	if by.inverted != nil {
		t.countAgain(by)
	} else if !t.invert(by, 0) {
		t.adjacent = ""
		return
	}
	number := t.placeOf(k.By)
	place, all := meaning.Cell(number), k.By+"."+p.inAll(t, by)
	t.readOn(k, day, place, all, number)

	least, most := 40, 400
	if shows.schema != nil && slices.ContainsFunc(unfolded(k.Shows), func(w string) bool { return slices.Contains([]string{"odometer", "mileage", "km", "miles"}, w) }) {
		least, most = 300, 2500
	}
	first, step := k.First, p.besides(strings.Map(plainRune, k.Shows)+"_in_between", call("integer", "min", least, "max", most), "how much is used between two readings, about")
	if c := p.byName[first]; c == nil || meaning.Cell(first) != first || c.nulls > 0 {
		first = p.besides(strings.Map(plainRune, k.Shows)+"_at_first", call("integer", "min", 100, "max", 9000), "what it showed at first")
	}
	share := t.virtual(k.Shows+" share", call("integer", "min", 40, "max", 99), "how much of that was used by the day of the reading, in hundredths")
	if name := t.byName[share]; len(name.fills) > 0 { // it may have been there for another meaning
		name.fills[0].candidates = []Candidate{{Generator: call("integer", "min", 40, "max", 99), Reason: "how much of that was used by the day of the reading, in hundredths", Confidence: 1, exact: true}}
	}
	expr := k.By + "." + first + " + " + k.By + "." + step + " * ((" + place + " - 1) * 100 + cell(" + quote(share).String() + "))"
	reason := t.name + "." + k.Shows + " counts up, reading by reading of one " + k.By
	t.set(shows, rounded(shows, k.By+"."+first, strings.TrimPrefix(expr, k.By+"."+first+" + ")), reason, k.By, number, share)
	before := k.Before
	s := &succession{by: k.By}
	previous := s.previous(t)
	was := "coalesce(" + cellOf(previous, k.Shows) + ", " + k.By + "." + first + ")"
	if before != "" {
		t.set(t.byName[before], was, t.name+"."+before+" is the "+k.Shows+" of the reading before", k.By)
		was = meaning.Cell(before)
	}
	if k.Used != "" {
		t.set(t.byName[k.Used], meaning.Cell(k.Shows)+" - "+was, t.name+"."+k.Used+" = "+k.Shows+" - what it was before", k.By, k.Shows)
	}
	p.countedSince(t, k)
}

// besides adds a column that is not written, which rows of other tables read, and gives its name.
func (t *table) besides(name string, g yaml, reason string) string {
	name = t.virtual(name, g, reason)
	t.byName[name].helps = false
	return name
}

// countable tells whether a column may hold what a counter shows: checks ask for no more of it than that it is not below zero.
func (t *table) countable(c *col) bool {
	if t.settable(c) {
		return true
	}
	for _, b := range t.branches {
		if d := b.domain(c.name); d != nil && (d.In != nil || d.Max != nil || d.Min == nil || d.Min.Value != "0") {
			return false
		}
	}
	return c.schema != nil && c.reference == nil && !c.given && !c.slot && !t.unmeant[c.name] && len(c.fills) > 0 && c.shared() != nil && !t.wantsUnique(c)
}

// rounded adds hundredths of an amount to a number, in the places of a column.
func rounded(c *col, number, hundredths string) string {
	if c.kind() == column.Int {
		return number + " + floor(" + hundredths + " / 100)"
	}
	return "round(" + number + " + " + hundredths + " * 0.01, " + itoa(c.schema.Type.Scale) + ")"
}

// readOn divides the time since a thing was put in place among its readings.
func (t *table) readOn(k *meaning.Counter, day *col, place, all, number string) {
	p := t.byName[k.By].reference.parent
	since := k.Since
	if c := p.byName[since]; c == nil || meaning.Cell(since) != since || c.nulls > 0 {
		year, _, _ := strings.Cut(lastDay, "-")
		since = p.besides("first_read_on", call("date", "from", quote("2023-01-01"), "to", quote(year+"-06-30")), "when it was read first")
	}
	start := k.By + "." + since
	if p.byName[since].kind() == column.Timestamp {
		start = "date(" + start + ")"
	}
	year, _, _ := strings.Cut(lastDay, "-")
	days := "((" + year + " - year(" + start + ")) * 365 + 365 - yearday(" + start + "))"
	expr := "plus(" + start + ", max(floor(" + place + " * " + days + " / (" + all + " + 1)), " + place + "), \"day\")"
	reads := []string{k.By, number}
	if day.kind() == column.Timestamp {
		minute := t.virtual(k.Day+" minute", call("integer", "min", 360, "max", 1200), "the minute of the day at which it is read")
		expr = "plus(" + strings.Replace(expr, "plus("+start, "plus("+strings.TrimSuffix(strings.TrimPrefix(start, "date("), ")"), 1) + ", cell(" + quote(minute).String() + "), \"minute\")"
		reads = append(reads, minute)
	}
	t.set(day, expr, t.name+"."+k.Day+": the readings of one "+k.By+" follow one another", reads...)
	if c := t.created(); c != nil && c != day && c.schema != nil && !t.reaches(day, c) && comparable(day, c) {
		c.notBefore = append(c.notBefore, day.name)
	}
}

// countedSince lets a thing show what its last reading says, and be taken away after that.
func (t *table) countedSince(child *table, k *meaning.Counter) {
	if c := t.byName[k.Last]; c != nil && t.settable(c) && !t.inUnique(c) && k.Last != k.First {
		if made, ok := t.summed(&meaning.Kin{Child: t.draft.read(child), By: k.By, Op: "max", Cell: meaning.Cell(k.Shows)}, c); ok {
			t.put(c, made, t.name+"."+k.Last+" is what the last of its "+child.name+" says")
		}
	}
	day := child.byName[k.Day]
	for _, c := range t.columns {
		if c.schema == nil || c.schema.NotNull || c.kind() != day.kind() || !t.settable(c) || t.byName[k.Since] == nil || t.byName[k.Since].kind() != day.kind() {
			continue
		}
		f := c.shared()
		if s := (&site{words: unfolded(c.name)}); !s.has("removed", "dismantled", "uninstalled", "decommissioned", "replaced", "retired", "scrapped") || !f.chosen().Generator.is("offset") {
			continue
		}
		made, ok := t.summed(&meaning.Kin{Child: t.draft.read(child), By: k.By, Op: "max", Cell: meaning.Cell(k.Day)}, nil)
		if !ok {
			return
		}
		name := t.virtual(child.schema.Name+"_last_by_"+k.By, made, "the last "+k.Day+" of its "+child.name)
		all := t.virtual("last of its readings", short("expression", quote(meaning.Cell(name)+" == nil ? "+meaning.Cell(k.Since)+" : "+meaning.Cell(name))), "when it was read last")
		t.byName[all].reads = []string{k.Since, name}
		g := f.chosen().Generator.with("from", all)
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: t.name + "." + c.name + " comes after the last of its " + child.name, Confidence: 0.85, exact: f.chosen().exact, copies: true, meant: true})
		if c.plain == nil {
			c.plain = &plainly{nulls: c.nulls}
		}
		c.reads = append(c.reads, all)
	}
}

// put places a generator before the candidates of a column that has no nulls for it.
func (t *table) put(c *col, g yaml, reason string) {
	f := c.shared()
	f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: reason, Confidence: 0.85, copies: true, meant: true})
	if c.plain == nil {
		c.plain = &plainly{nulls: c.nulls}
	}
	c.nulls, c.notBefore, c.follows, c.after = 0, nil, true, nil
}
