package meaning

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
)

// Place is where a row stands among those of the same parent.
type Place struct {
	By    string // the column that refers to the parent
	Value string // "" for its number; "first" or "last" for whether it is that one; "one" for whether it is the only one, of all
	Least bool   // each parent has a row, if there are enough
}

var (
	numbering = set(`position line_number line sort_order sort sequence seq sequence_number ordinal item_number display_order step_number step
		stop_number parcel_number instalment_number installment_number rank index order_index number page_number revision version
		version_number revision_number lineno line_no seq_no attempt round part_number leg_number sequence_no`)
)

// serials are things that come one after another, and are numbered so.
var serials = set("episode chapter season lesson module volume issue track round lap section verse week unit act scene stage level part instalment installment")

// reminders are what is sent about what is due, one after another.
var reminders = set("reminder dunning mahnung notice warning dunning_letter letter")

// Reminder are the columns of a reminder: the reference to what is due, its level and when it was sent, and the
// parent's
// day or moment at which that is due.
type Reminder struct{ By, Level, Sent, Due string }

// ReminderOf finds them; nil where a table's rows are none.
func ReminderOf(t *Table, level string) *Reminder {
	if !t.about(reminders) {
		return nil
	}
	out := &Reminder{Level: level}
	for _, c := range t.Columns {
		switch {
		case c.moment() && c.NotNull && (c.has(set("sent issued reminded dispatched shipped mailed")) ||
			out.Sent == "" && c.has(set("created date"))):
			out.Sent = c.Name
		case c.Refers == nil || c.Refers.Self || c.Refers.Parent == nil || !c.NotNull || out.By != "":
		default:
			for _, o := range c.Refers.Parent.Columns {
				if o.moment() && o.has(set("due deadline")) && out.Due == "" {
					out.By, out.Due = c.Name, o.Name
				}
			}
		}
	}
	if out.By == "" || out.Sent == "" || cell(out.By) != out.By || cell(out.Due) != out.Due {
		return nil
	}
	return out
}

// Places gives which columns number the rows of a parent, or say which of them is the first one or the last one. unique
// are the sets of columns that are unique together.
func Places(t *Table, unique [][]string) (out []Claim) {
	r := &reading{Table: t, taken: map[string]bool{}}
	among := func(c *Column) (by *Column, sure bool) {
		for _, u := range unique {
			if len(u) != 2 || !slices.Contains(u, c.Name) {
				continue
			}
			for _, o := range t.Columns {
				if o != c && slices.Contains(u, o.Name) && o.Refers != nil && !o.Refers.Self {
					return o, true
				}
			}
		}
		var found *Column
		for _, o := range t.Columns {
			if o.Refers != nil && t.composed(o) {
				return o, true
			}
			lookup := o.Refers != nil && o.Refers.Parent != nil && o.Refers.Parent.about(set("country language currency locale type category status role"))
			if o.Refers != nil && o.NotNull && !o.Refers.Self && o.Refers.Parent != nil && found == nil && !lookup {
				found = o
			}
		}
		return found, false
	}
	numbered := false
	for _, c := range t.Columns {
		name := strings.Join(r.own(c), "_")
		named := numbering[name] || c.has(set("number seq sequence")) && len(c.Words) == 2 || name == "level" &&
			t.about(reminders)
		if !c.whole() || c.Refers != nil || c.Sequence != "" || c.Identity != "" || !named || numbered {
			continue
		}
		by, sure := among(c)
		sure = sure || name == "level" || name == "number" && len(c.Words) == 2 && t.about(serials)
		if by == nil || !sure && !set("position sort_order sequence seq line_number display_order ordinal sequence_number")[name] {
			continue
		}
		numbered = true
		out = append(out, Claim{Column: c.Name, Says: t.Name + "." + c.Name + " numbers the rows of each " + strings.Join(stem(by), "_"), Confidence: 0.88,
			Place: &Place{By: by.Name, Least: t.itemizes(by)}, Reads: []string{by.Name}})
	}
	for _, c := range t.Columns {
		if c.Type.Kind != column.Bool || c.Fixed {
			continue
		}
		words := without(r.own(c), switches)
		if len(words) != 1 {
			continue
		}
		by, _ := among(c)
		if by == nil && (words[0] == "current" || words[0] == "default" && t.about(set("locale language currency country plan tier template theme warehouse region zone"))) && !r.ends() {
			out = append(out, Claim{Column: c.Name, Says: t.Name + "." + c.Name + " is so of one row", Confidence: 0.8, Place: &Place{Value: "one"}})
		}
		if by == nil || by.Refers.Parent == nil {
			continue
		}
		switch w := words[0]; {
		case w == "default" || w == "primary" || w == "main" || w == "preferred" || w == "cover":
			out = append(out, Claim{Column: c.Name, Says: t.Name + "." + c.Name + " is so of one row of each " + strings.Join(stem(by), "_"), Confidence: 0.85,
				Place: &Place{By: by.Name, Value: "first"}, Reads: []string{by.Name}})
		case (w == "current" || w == "latest") && !r.ends():
			out = append(out, Claim{Column: c.Name, Says: t.Name + "." + c.Name + " is so of the last row of each " + strings.Join(stem(by), "_"), Confidence: 0.85,
				Place: &Place{By: by.Name, Value: "last"}, Reads: []string{by.Name}})
		}
	}
	for _, c := range t.Columns { // one owner of each account
		if c.text() && c.has(set("role")) && slices.Contains(c.Values, "owner") && !c.Fixed {
			if by, _ := among(c); by != nil {
				out = append(out, Claim{Column: c.Name, Says: t.Name + "." + c.Name + " is owner in one row of each " + strings.Join(stem(by), "_"), Confidence: 0.8,
					Place: &Place{By: by.Name, Value: "owner"}, Reads: []string{by.Name}})
			}
		}
	}
	return out
}

// ends tells whether a row says itself how long it holds.
func (r *reading) ends() bool {
	return slices.ContainsFunc(r.Columns, func(c *Column) bool { return c.moment() && c.has(set("end ends ended until to")) && !c.NotNull })
}
