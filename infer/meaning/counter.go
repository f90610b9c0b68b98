package meaning

import (
	"slices"
	"strings"
)

// Counter are the columns of a table whose rows say what a counter of a thing has shown from time to time: a meter's
// readings, what a car's odometer shows.
type Counter struct {
	By     string // refers to the thing
	Day    string // when it was read
	Shows  string
	Before string // what it showed the time before; "" where no column says so
	Used   string // the difference; "" where no column says so
	Since  string // of the thing: when it was put in place; "" where no column says so
	First  string // of the thing: what it showed then; "" where no column says so
	Last   string // of the thing: what it shows by its last row; "" where no column says so
}

// CounterOf finds them; nil where a table's rows are no readings of a counter.
func CounterOf(t *Table) *Counter {
	k := &Counter{}
	var shows, before *Column
	for _, c := range t.Columns {
		plain := without(t.own(c), units, set("kwh mwh m3 km miles cubic gas water reading"))
		name := strings.Join(plain, "_")
		switch {
		case c.Refers != nil && !c.Refers.Self && c.NotNull && c.Refers.Parent != nil && (c.Refers.Parent.about(counted) || k.By == ""):
			k.By = c.Name
		case c.Refers != nil:
		case c.moment() && c.NotNull && k.Day == "" && c.has(set("read reading measured recorded taken date day logged on at")) && !c.has(set("created inserted updated received")):
			k.Day = c.Name
		case !c.number() || !c.NotNull:
		case set("consumption consumed usage used delta difference advance")[name]:
			k.Used = c.Name
		case c.has(set("previous prior last opening old start")) && (len(plain) == 1 || set("value counter index odometer mileage meter")[plain[len(plain)-1]]):
			before = c
		case set("counter value index odometer mileage meter current closing current_value end")[name] || name == "" && c.has(set("reading")):
			if shows != nil {
				return nil
			}
			shows = c
		}
	}
	if shows == nil || k.By == "" || k.Day == "" || before == nil && k.Used == "" || before != nil && before.Type.Kind != shows.Type.Kind ||
		!shows.has(set("counter odometer mileage meter")) && !t.goesBy(set("meter_reading odometer_reading reading mileage_log meter_read")) {
		return nil
	}
	k.Shows = shows.Name
	if before != nil {
		k.Before = before.Name
	}
	p := t.Column(k.By).Refers.Parent
	for _, c := range p.Columns {
		last := slices.ContainsFunc(p.own(c), func(w string) bool { return set("last current latest")[w] })
		switch {
		case c.moment() && c.NotNull && k.Since == "" && c.has(set("installed installation commissioned activated provisioned registered purchased acquired")):
			k.Since = c.Name
		case !c.number() || c.Type.Kind != shows.Type.Kind || !c.has(set("reading counter index odometer mileage")) || c.has(set("count id")):
		case c.NotNull && c.has(set("initial first starting start opening installation")):
			k.First = c.Name
		case last:
			k.Last = c.Name
		}
	}
	return k
}

// goesBy tells whether a table goes by one of some names, of one word or two.
func (t *Table) goesBy(names map[string]bool) bool {
	n := len(t.Owner)
	return n > 0 && names[t.Owner[n-1]] || n > 1 && names[strings.Join(t.Owner[n-2:], "_")]
}

// counted are things with counters.
var counted = set("meter device sensor machine vehicle car truck counter installation equipment printer generator vessel aircraft")
